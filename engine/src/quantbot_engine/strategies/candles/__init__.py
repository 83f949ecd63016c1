"""Strategies on candles, of rules or in Python: from a slice to signals, and from signals to the account."""
