"""Exits beyond target, stop and holding time: trailing stop, break-even stop, ladder, target that changes with time."""
