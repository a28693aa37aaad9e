"""Shell. The store of TimescaleDB and PostgreSQL."""
