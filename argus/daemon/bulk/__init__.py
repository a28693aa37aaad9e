"""Shell. Bars in bulk: out of the lake's trades, into files or into the lake."""
