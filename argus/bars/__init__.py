"""Pure. Bars: what trades add up to, and what stores them."""
