"""Shell. What a recorder watches of the machine it runs on: disk, clock, descriptors, memory."""
