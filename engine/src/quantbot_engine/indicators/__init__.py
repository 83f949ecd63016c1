"""Indicators: columns computed from candles, each with its formula, its warm-up and its source."""
