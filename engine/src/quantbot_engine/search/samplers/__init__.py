"""Samplers, one file each: parameters of the next trials as a pure function of what is asked.

Adding one: a file with a function `suggest`, its name in SAMPLER_NAMES of the protocol, and a line in the registry.
The contract suite of the tests then runs it.
"""
