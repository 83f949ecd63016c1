"""Rules: conditions over prices, indicators and signals, evaluated on all candles at once."""
