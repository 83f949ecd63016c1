"""V1 baseline on calls: paths by levels, the walk through capital, and the four operations (docs/assumptions.md)."""
