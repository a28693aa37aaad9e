"""Shell. Stores: databases that rows are written to, each the same way."""
