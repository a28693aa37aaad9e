"""Pure. How many facts are kept in memory, path by path."""


def capacities(ring_facts: int) -> dict[str, int]:
    """Return ring sizes by data type: a power of two, an eighth of it for what carries levels."""
    size = 1 << max(4, (ring_facts - 1).bit_length())
    levels = max(4, size // 8)
    # All profiles of a symbol share one path, and time bars of many lengths end together.
    bars = max(1024, size)
    return {
        "": size,
        "book_delta": levels,
        "book_snapshot": 4,
        "instrument": 4,
        "kline": levels,
        "bar": bars,
    }
