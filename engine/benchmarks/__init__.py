"""The benchmark suite: ours and its peers in one process, on the same data, timed only where they agree (docs/performance.md)."""
