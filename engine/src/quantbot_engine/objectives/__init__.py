"""What a search maximises: pure functions of the figures of a period. Knows nothing of where the figures come from."""
