"""Search spaces: their axes, conditions and constraints. Knows nothing of who samples them."""
