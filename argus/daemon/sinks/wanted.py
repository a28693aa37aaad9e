"""Shell. What is to be loaded into a store, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be loaded; None stands for all, dates are inclusive."""

    store: str
    source: str | None = None
    data_type: str | None = None
    symbol: str | None = None
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was done.

    Attributes:
        days: data types and dates of sources that were asked for.
        left: those that still wait.
        rows: rows written.
        is_left_to_recorder: whether a running recorder does it.
        error: what was wrong; empty if nothing.
    """

    days: int
    left: int = 0
    rows: int = 0
    is_left_to_recorder: bool = False
    error: str = ""
