"""Shell. From a venue's socket to temporary agora paths, through overlapping connections."""
