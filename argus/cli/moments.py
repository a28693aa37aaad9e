"""Shell. Instants and dates as people type them: UTC, a date stands for the whole of it."""

import re

import click
import numpy as np

from argus.storage.partition import DAY_NS

_SHAPE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?Z?)?")
_FIRST, _LAST = "1678-01-01", "2261-12-31"


class Moment(click.ParamType):  # type: ignore[type-arg] # generic in newer ones only
    """A UTC date or instant as nanoseconds since 1970.

    Args:
        is_end: whether a date stands for its end, as in `--until`, and not for its begin.
    """

    name = "TIME"

    def __init__(self, *, is_end: bool = False) -> None:
        self._is_end = is_end

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the nanoseconds of a text."""
        ts = _nanoseconds(value)
        if ts is None:
            self.fail(f'"{value}" is not a UTC date or instant like 2026-11-20T14:30', param, ctx)
        return ts + DAY_NS if self._is_end and "T" not in value else ts


def _nanoseconds(text: str) -> int | None:
    if not _SHAPE.fullmatch(text) or not _FIRST <= text[:10] <= _LAST:
        return None
    try:
        return int(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64))
    except ValueError:
        return None
