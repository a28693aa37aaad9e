"""Pure. One script per recorder that is measured; each runs in its own process."""
