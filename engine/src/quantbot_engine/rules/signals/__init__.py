"""Signals: what happens on a candle, as named columns; built-in ones and those in files of the user's."""
