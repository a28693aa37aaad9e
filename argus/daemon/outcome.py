"""Pure. What became of what was wanted, in plain values: for JSON, tables, the socket."""

from __future__ import annotations

from dataclasses import dataclass

from argus.daemon.wanted import Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one thing wanted, or what would be asked for.

    Attributes:
        source: the source.
        data_type: the data type.
        symbol: the symbol.
        first: the first id that was wanted, or instant (UTC ns) of candles; None where not known.
        last: the last one.
        is_gap: whether a gap wanted it.
        wanted: facts that were wanted.
        missing: facts that are still missing.
        filled: facts that came.
        absent: facts that the venue does not have.
        late: facts that it does not have yet.
        pages: requests that are still to be sent.
        weight: what these cost together.
        why: why something is missing; empty if nothing is, or nobody has asked yet.
        is_unfillable: whether the venue cannot be asked for it at all.
    """

    source: str
    data_type: str
    symbol: str
    first: int | None
    last: int | None
    is_gap: bool
    wanted: int
    missing: int
    filled: int
    absent: int
    late: int
    pages: int
    weight: int
    why: str
    is_unfillable: bool = False

    @property
    def is_well(self) -> bool:
        """Say whether nothing is missing that could have been had.

        What was asked for by name and cannot be asked for is not well; such a gap is what it was.
        """
        if self.is_unfillable:
            return self.is_gap
        return self.missing == self.absent and (not self.why or self.absent > 0)


def outcome(task: Task, *, pages: int, weight: int) -> Outcome:
    """Return what became of a task."""
    wanted = task.wanted
    keys = [(r.scale.key(r.first), r.scale.key(r.last)) for r in wanted.ranges]
    return Outcome(
        source=wanted.source,
        data_type=wanted.data_type,
        symbol=wanted.symbol,
        first=min((first for first, _ in keys), default=wanted.ts_from),
        last=max((last for _, last in keys), default=wanted.ts_until),
        is_gap=wanted.gap is not None,
        wanted=task.total,
        missing=task.missing,
        filled=task.filled,
        absent=task.absent,
        late=task.late,
        pages=pages,
        weight=weight,
        why=task.why or _why(task),
        is_unfillable=bool(wanted.why) and wanted.is_final,
    )


def _why(task: Task) -> str:
    if task.absent:
        return "the venue does not have them"
    return "the venue does not have them yet" if task.late else ""
