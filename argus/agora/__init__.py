"""Pure. Paths, bounded rings, splices and routers: the one place where the parts meet."""
