"""Shell. Joins the parts into a running recorder."""
