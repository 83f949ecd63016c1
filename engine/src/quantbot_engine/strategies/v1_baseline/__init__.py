"""The V1 baseline as a strategy of studies: any exit parameter or setting of the simulator may be searched by name."""
