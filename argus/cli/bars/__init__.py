"""Shell. `argus bars`: what there is, building in bulk, and looking at bars."""
