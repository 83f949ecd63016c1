"""Where a market comes from: a memory-mapped slice or a request, checked, in one form in memory."""
