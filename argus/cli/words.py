"""Pure. Numbers as people read them: amounts, sizes, durations and instants."""

import numpy as np

# From here on a decimal says nothing.
_WHOLE = 100
_WHOLE_S = 10

_SECOND_NS = 1_000_000_000

_SIZES = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_SPANS = ((86_400, "d"), (3600, "h"), (60, "min"))


def amount(number: float) -> str:
    """Return a count or a rate with thousands set apart, without needless decimals."""
    return f"{number:,.0f}" if number >= _WHOLE or number == int(number) else f"{number:,.1f}"


def size(number: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit, name in _SIZES:
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return f"{number} B"


def span(seconds: float) -> str:
    """Return a duration in its two largest units."""
    for n, (unit, name) in enumerate(_SPANS):
        if seconds >= unit:
            whole, rest = divmod(int(seconds), unit)
            below, below_name = _SPANS[n + 1] if n + 1 < len(_SPANS) else (1, "s")
            return f"{whole} {name} {rest // below} {below_name}"
    return f"{seconds:.0f} s" if seconds >= _WHOLE_S else f"{seconds:.1f} s"


def instant(ts: int | None) -> str:
    """Return UTC nanoseconds as an ISO 8601 instant with milliseconds, or `-` for none."""
    if ts is None:
        return "-"
    return f"{np.datetime_as_string(np.datetime64(ts, 'ns'), unit='ms')}Z"


def lasting(duration_ns: int) -> str:
    """Return how long something lasts; below a second in milliseconds."""
    if duration_ns >= _SECOND_NS:
        return span(duration_ns / _SECOND_NS)
    return f"{duration_ns / 1_000_000:.3g} ms"


def many(number: int, noun: str) -> str:
    """Return a number of things: `1 gap`, `2,000 gaps`."""
    return f"{amount(number)} {noun}" if number == 1 else f"{amount(number)} {noun}s"
