"""Pure. Argus records what exchanges say, completely, and proves that it did."""

__version__ = "0.1.0"
