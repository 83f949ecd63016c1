"""Searching a space of parameters: sharing the work, ranking. What is searched is handed in as a function."""
