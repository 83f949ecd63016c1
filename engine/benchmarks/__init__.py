"""The benchmark suite: ours and its peers on the same data, timed only where they agree (docs/performance.md)."""
