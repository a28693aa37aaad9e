"""Shell. How it is told what changed since days were certified."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from argus.cli.output import table
from argus.cli.words import amount
from argus.storage.change import WRONG, Change
from argus.storage.checking import Checked

_STYLES = {
    **dict.fromkeys(WRONG, "red"),
    Change.SAME: "green",
    Change.REWRITTEN: "green",
    Change.GROWN: "yellow",
    Change.UNCERTIFIED: "yellow",
}


def is_well(found: Sequence[Checked]) -> bool:
    """Say whether nothing happened but what recording and merging do, and do well."""
    return all(checked.is_well for checked in found)


def as_plain(found: Sequence[Checked], *, unwell: bool = False) -> dict[str, Any]:
    """Return what changed as plain JSON values; with `unwell` only what is not well."""
    days = [_plain(checked) for checked in found if not (unwell and checked.is_well)]
    counts = Counter(checked.change for checked in found)
    return {"well": is_well(found), "counts": {c: counts[c] for c in Change}, "days": days}


def _plain(checked: Checked) -> dict[str, Any]:
    at, was, now = checked.partition, checked.was, checked.now
    return {
        "source": at.source,
        "data_type": at.data_type,
        "symbol": at.symbol,
        "date": at.date,
        "change": checked.change,
        "well": checked.is_well,
        "certified": was and was.made,
        "was": was and {"rows": was.rows, "verdict": was.verdict},
        "now": now and {"rows": now.rows, "verdict": now.verdict},
        "error": checked.error or (now and now.error),
    }


def shown(found: Sequence[Checked], *, unwell: bool = False) -> RenderableType:
    """Return what changed as a person reads it; with `unwell` only what is not well."""
    changed = [c for c in found if not c.is_well or (c.change is not Change.SAME and not unwell)]
    parts: list[RenderableType] = []
    if changed:
        columns = (
            *("source", "data type", "symbol", "date", "certified", "change"),
            *("rows then", "rows now", "verdict then", "verdict now"),
        )
        parts += [table(columns, map(_row, changed), right=("rows then", "rows now")), ""]
    parts += [c.error for c in changed if c.error]
    return Group(*parts, summary(found))


def _row(checked: Checked) -> tuple[str | Text, ...]:
    at, was, now = checked.partition, checked.was, checked.now
    return (
        *(at.source, at.data_type, at.symbol, at.date),
        "" if was is None else was.made,
        Text(checked.change, style=_STYLES[checked.change]),
        "" if was is None else amount(was.rows),
        "" if now is None else amount(now.rows),
        "" if was is None else was.verdict,
        "" if now is None else (now.error or now.verdict),
    )


def summary(found: Sequence[Checked]) -> Text:
    """Return what changed in one line."""
    counts = Counter(checked.change for checked in found)
    told = [f"{amount(counts[change])} {change}" for change in Change if counts[change]]
    text = f"{amount(len(found))} paths and days: {', '.join(told) or 'none'}"
    return Text(text, style="bold green" if is_well(found) else "bold red")
