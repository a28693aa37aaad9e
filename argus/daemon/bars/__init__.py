"""Pure. Bars that are built while it is recorded, and what keeps them right over restarts."""
