"""Shell. What reads the lake: files, views and queries."""
