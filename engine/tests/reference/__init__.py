"""The slow, plain form of docs/assumptions.md, calls: what the fast engine must agree with."""
