"""Pure. Side-by-side measurements of Argus and of other recorders; see README.md."""
