"""Pure. The packing loop of each event class, generated from its columns.

A fact is packed into one fixed record when it arrives, because the record's memory is all that is
left of it: no list of objects to walk at flush time, nothing for the garbage collector. The loop
is generated source, not a loop over columns: one `pack_into` with the attributes spelled out
costs a third of a microsecond, a generic inner loop three times as much. Rejected as well: a list
per column (0.2 us dearer) and keeping the events (1 us dearer); see docs/benchmarks.md.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from argus.columns import Column, Kind, columns
from argus.events import Event

NULL_INTEGER = -(2**63)
"""Stands for null in a nullable integer; no id and no instant of ours is the smallest int64."""

NULL_CODE = -1
"""Stands for null in a category."""

FORMATS: dict[Kind, tuple[str, str]] = {
    Kind.TIME: ("q", "<i8"),
    Kind.INTEGER: ("q", "<i8"),
    Kind.NUMBER: ("d", "<f8"),
    Kind.FLAG: ("B", "u1"),
    Kind.CATEGORY: ("i", "<i4"),
    Kind.LEVELS: ("i", "<i4"),
}
"""Kind -> struct's and numpy's letter. Levels are counted in the record; text is not in it."""


class Codes(dict[str | None, int]):
    """Number texts as they first appear; the values in that order are `texts()`."""

    def __init__(self, *, nullable: bool) -> None:
        super().__init__()
        if nullable:
            self[None] = NULL_CODE
        self._nulls = len(self)

    def __missing__(self, text: object) -> int:
        if not isinstance(text, str):
            raise TypeError(f"found {text!r}, expected text")
        # A lone surrogate would be refused by Arrow at flush time, when it is too late.
        text.encode()
        code = self[str(text)] = len(self) - self._nulls
        return code

    def texts(self) -> list[str]:
        """Return the texts in the order of their codes."""
        return [text for text in self if text is not None]


@dataclass(frozen=True, slots=True)
class Packing:
    """How one event class is packed.

    `pack(batch, symbol, segment, *stores)` packs events from `segment.at` on and always leaves
    `segment.at` behind the last whole one; `stores` are, in this order, a `Codes` per category, a
    list of bytes per column of levels and a list per text.
    """

    record: "np.dtype[Any]"
    pack: Callable[..., None]
    categories: tuple[Column, ...]
    levels: tuple[Column, ...]
    texts: tuple[Column, ...]


def _of_kind(event: type[Event], kind: Kind) -> tuple[Column, ...]:
    return tuple(c for c in columns(event) if c.kind is kind)


def _expression(column: Column) -> str:
    value = f"e.{column.name}"
    match column.kind:
        case Kind.CATEGORY:
            return f"codes_{column.name}[{value}]"
        case Kind.FLAG:
            return f"FLAGS[{value}]"
        case Kind.LEVELS:
            return f"count_{column.name}"
        case Kind.NUMBER if column.nullable:
            return f"NAN if (v := {value}) is None else v"
        case Kind.TIME | Kind.INTEGER if column.nullable:
            return f"NULL if (v := {value}) is None else v"
        case _:
            return value


def source_of(event: type[Event]) -> str:
    """Return the source of the packing loop of an event class."""
    packed = [c for c in columns(event) if c.kind is not Kind.TEXT]
    levels, texts = _of_kind(event, Kind.LEVELS), _of_kind(event, Kind.TEXT)
    stores = [f"codes_{c.name}" for c in _of_kind(event, Kind.CATEGORY)]
    stores += [f"list_{c.name}" for c in (*levels, *texts)]
    lines = [
        f"def pack({', '.join(['batch', 'symbol', 'segment', *stores])}):",
        "    memory, at = segment.memory, segment.at",
        "    try:",
        "        for e in batch:",
    ]
    for c in levels:
        lines += [
            f"            text_{c.name} = e.{c.name}.text",
            f"            count_{c.name} = text_{c.name}.count(OPENING) - 1",
            f"            if count_{c.name} < 0:",
            f"                raise ValueError('{c.name}: no array of levels')",
        ]
    lines += [f"            text_{c.name} = text_of(e.{c.name}, segment)" for c in texts]
    values = ", ".join(f"({_expression(c)})" for c in packed)
    lines.append(f"            pack_into(memory, at, symbol, {values})")
    lines += [f"            list_{c.name}.append(text_{c.name})" for c in (*levels, *texts)]
    lines += [f"            segment.text_bytes += len(text_{c.name})" for c in levels]
    # Whatever ends the loop, `at` stands behind the last event that is whole.
    lines += ["            at += SIZE", "    finally:", "        segment.at = at"]
    return "\n".join(lines) + "\n"


def _text_of(value: object, segment: Any) -> str:  # noqa: ANN401 - see Packing
    if not isinstance(value, str):
        raise TypeError(f"found {value!r}, expected text")
    segment.text_bytes += len(value.encode())
    return value


@cache
def packing(event: type[Event]) -> Packing:
    """Return how an event class is packed; its loop is compiled on first use."""
    packed = [c for c in columns(event) if c.kind is not Kind.TEXT]
    layout = struct.Struct("<i" + "".join(FORMATS[c.kind][0] for c in packed))
    # `align=False`: numpy's record then is what struct writes with "<", without padding.
    names = [("symbol", "<i4"), *((c.name, FORMATS[c.kind][1]) for c in packed)]
    scope: dict[str, Any] = {
        "pack_into": layout.pack_into,
        "OPENING": b"[",
        "text_of": _text_of,
        "FLAGS": {False: 0, True: 1},
        "NAN": float("nan"),
        "NULL": NULL_INTEGER,
        "SIZE": layout.size,
    }
    exec(compile(source_of(event), f"<packing of {event.__name__}>", "exec"), scope)  # noqa: S102
    return Packing(
        record=np.dtype(names, align=False),
        pack=scope["pack"],
        categories=_of_kind(event, Kind.CATEGORY),
        levels=_of_kind(event, Kind.LEVELS),
        texts=_of_kind(event, Kind.TEXT),
    )
