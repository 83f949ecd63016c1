"""Strategies on candles: one account, several symbols, one loop (docs/assumptions.md, strategies on candles)."""
