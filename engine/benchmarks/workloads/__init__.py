"""One file a workload: builds the data, lets the contenders run, and returns its rows of the table."""
