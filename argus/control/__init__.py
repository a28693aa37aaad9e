"""Shell. How other processes talk to a running recorder."""
