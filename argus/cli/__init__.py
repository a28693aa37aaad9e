"""Shell. The command line: thin commands, each calling a function that has its own test."""
