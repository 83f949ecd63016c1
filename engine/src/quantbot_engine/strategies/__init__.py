"""What can be evaluated in a study: strategies by name, and the figures of their trials."""
