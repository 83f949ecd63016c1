"""calls-vbt: the exits of a few combinations by vectorbt, against ours amortised over a grid of 1,000."""
