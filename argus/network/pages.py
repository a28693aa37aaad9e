"""Pure. Arithmetic of what is missing: spans of numbers, the pages that ask for them, the rest.

Spans are inclusive, in order, and do not touch the same number twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argus.network.history import type_of_span

type_of_numbers = np.ndarray[Any, np.dtype[Any]]


def without(spans: Iterable[type_of_span], numbers: type_of_numbers) -> list[type_of_span]:
    """Return what is left of spans when some numbers, given in rising order, are there."""
    left: list[type_of_span] = []
    for first, last in spans:
        start = int(np.searchsorted(numbers, first))
        stop = int(np.searchsorted(numbers, last, side="right"))
        edges = np.concatenate(([first - 1], numbers[start:stop], [last + 1]))
        at = np.flatnonzero(edges[1:] - edges[:-1] > 1)
        left += [(int(edges[i]) + 1, int(edges[i + 1]) - 1) for i in at]
    return left


def within(spans: Sequence[type_of_span], numbers: type_of_numbers) -> type_of_numbers:
    """Return for each number whether it lies in one of the spans."""
    if not spans:
        return np.zeros(len(numbers), np.bool_)
    firsts, lasts = (np.array(ends) for ends in zip(*spans, strict=True))
    at = np.searchsorted(firsts, numbers, side="right") - 1
    return (at >= 0) & (numbers <= lasts[at])


def total(spans: Iterable[type_of_span]) -> int:
    """Return how many numbers spans have."""
    return sum(last - first + 1 for first, last in spans)


def pages(spans: Iterable[type_of_span], rows_max: int) -> Iterator[type_of_span]:
    """Return the pages that ask for all of the spans: as few as will do, none wider than allowed.

    A page begins and ends at a number that is wanted. It may reach over what is there already: one
    request for two near holes costs half as much as two.
    """
    first, last = 0, -1
    for begin, end in spans:
        at = begin
        while at <= end:
            if last >= first and at <= first + rows_max - 1:
                last = min(end, first + rows_max - 1)
            else:
                if last >= first:
                    yield first, last
                first, last = at, min(end, at + rows_max - 1)
            at = last + 1
    if last >= first:
        yield first, last


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer says of a page.

    Attributes:
        absent: wanted, but the venue went on behind them: it does not have them.
        late: wanted, but the venue gave nothing that is not before them: it may have them later.
    """

    absent: tuple[type_of_span, ...]
    late: tuple[type_of_span, ...]


def answered(
    page: type_of_span, wanted: Sequence[type_of_span], numbers: type_of_numbers
) -> Answered:
    """Say what is not answered of a page, given the numbers that came, in rising order."""
    asked = [
        (max(first, page[0]), min(last, page[1]))
        for first, last in wanted
        if first <= page[1] and last >= page[0]
    ]
    left = without(asked, numbers)
    end = int(numbers[-1]) if len(numbers) else page[0] - 1
    absent = [(first, min(last, end)) for first, last in left if first <= end]
    late = [(max(first, end + 1), last) for first, last in left if last > end]
    return Answered(tuple(absent), tuple(late))
