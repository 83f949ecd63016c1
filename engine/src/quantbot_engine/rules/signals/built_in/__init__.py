"""Signals that come with the engine; they are made like a user's own."""
