"""Tested as a whole in `test_golden` and `test_series`."""
