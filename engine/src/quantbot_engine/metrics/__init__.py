"""Figures of merit: pure functions from arrays to numbers. Knows nothing of calls, searches or workers."""
