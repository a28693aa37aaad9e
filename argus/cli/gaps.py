"""Shell. `argus gaps`: what may be missing, why, and whether it was filled since."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

from argus.cli.command import (
    Command,
    config_option,
    data_option,
    json_option,
    selection_options,
)
from argus.cli.moments import Moment
from argus.cli.output import answer, table
from argus.cli.settings import existing_data
from argus.cli.words import amount, instant, lasting, many
from argus.events import EVENTS, GapReason, GapState

if TYPE_CHECKING:
    from argus.storage.ledger import GapEntry, Ledger
    from argus.storage.totals import Total

ROWS_MAX = 100

_COLUMNS = ("from", "lasts", "missing", "missing ids", "reason", "state")
_NUMBERS = ("lasts", "missing")


@click.command(
    cls=Command,
    examples=(
        "argus gaps",
        "argus gaps --source binance_spot --data-type trade --from 2026-11-20 --state all",
        "argus gaps --reason process_down --min-missing 1000",
        "argus gaps --totals --json",
        "argus gaps --check --until 2026-11-19",
    ),
    exit_codes={
        1: "it failed; with `--check` also: a gap is open, or a file of gaps could not be read"
    },
)
@selection_options
@click.option(
    "--from", "ts_first", type=Moment(), metavar="TIME", help="Only gaps that reach to this time."
)
@click.option(
    "--until",
    "ts_end",
    type=Moment(is_end=True),
    metavar="TIME",
    help="Only gaps that begin before this time; a date stands for its end.",
)
@click.option(
    "--reason", type=click.Choice([str(r) for r in GapReason]), help="Only gaps of this reason."
)
@click.option(
    "--state",
    type=click.Choice([*(str(s) for s in GapState), "all"]),
    default=str(GapState.OPEN),
    show_default=True,
    help="Show gaps that are open, that were filled, or all.",
)
@click.option(
    "--min-missing",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Only gaps that are known to miss at least so many facts.",
)
@click.option("--totals", is_flag=True, help="Add up by path, by reason and by day.")
@click.option("--check", is_flag=True, help="Exit with 1 if a gap of the selection is open.")
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    default=ROWS_MAX,
    show_default=True,
    help="Show at most so many gaps in the table; JSON has them all.",
)
@config_option
@data_option
@json_option
@click.pass_context
def gaps(
    context: click.Context,
    *,
    source: str | None,
    data_type: str | None,
    symbol: str | None,
    ts_first: int | None,
    ts_end: int | None,
    reason: str | None,
    state: str,
    min_missing: int,
    totals: bool,
    check: bool,
    rows: int,
    config: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """List what may be missing, and why.

    A gap is a stretch of one path, from the last fact before to the first one after; it is open
    until it was filled. The lake and the chunks that are not merged yet are read, whether or not a
    recorder runs. Times are UTC: a date, or an instant like 2026-11-20T14:30.
    """
    from argus.storage.gaps import read_ledger
    from argus.storage.ledger import GapSelection

    if data_type not in {None, *EVENTS}:
        raise click.BadParameter(
            f'"{data_type}" is not a data type; allowed: {", ".join(EVENTS)}',
            param_hint="--data-type",
        )
    asked = read_ledger(existing_data(config, data), source=source, symbol=symbol).having(
        GapSelection(
            source=source,
            data_type=data_type,
            symbol=symbol,
            ts_first=ts_first,
            ts_end=ts_end,
            reason=reason,
            missing_min=min_missing,
        )
    )
    wanted = None if state == "all" else GapState(state)
    listed = asked.having(GapSelection(state=wanted))
    for path in asked.unread:
        click.echo(f"Warning: not read, as it is torn or not ours: {path}", err=True)
    answer(
        plain_totals(listed) if totals else plain_list(listed),
        as_json=as_json,
        shown=shown_totals(listed, asked) if totals else shown_list(listed, asked, rows_max=rows),
    )
    context.exit(1 if check and (asked.open_entries or asked.unread) else 0)


def plain_list(ledger: "Ledger") -> dict[str, Any]:
    """Return the gaps of a ledger as plain JSON values, instants as UTC nanoseconds."""
    return {"gaps": [plain_entry(e) for e in ledger.entries], "unread": _unread(ledger)}


def plain_entry(entry: "GapEntry") -> dict[str, Any]:
    """Return a gap as plain JSON values."""
    plain = asdict(entry)
    del plain["ts_event"]
    return {**plain, "duration_ns": entry.duration_ns}


def plain_totals(ledger: "Ledger") -> dict[str, Any]:
    """Return what a ledger adds up to as plain JSON values."""
    from argus.storage.totals import by_day, by_path, by_reason, total

    entries = ledger.entries
    whole = asdict(total(entries))
    del whole["of"]
    return {
        "total": whole,
        "by_path": [_named("path", found) for found in by_path(entries)],
        "by_reason": [_named("reason", found) for found in by_reason(entries)],
        "by_day": [_named("date", found) for found in by_day(entries)],
        "unread": _unread(ledger),
    }


def _named(name: str, found: "Total") -> dict[str, Any]:
    plain = asdict(found)
    return {name: plain.pop("of"), **plain}


def _unread(ledger: "Ledger") -> list[str]:
    return [str(path) for path in ledger.unread]


def shown_list(listed: "Ledger", asked: "Ledger", *, rows_max: int) -> RenderableType:
    """Return gaps as a person reads them, with a summary of all that was asked for."""
    parts: list[RenderableType] = []
    if listed.entries:
        parts += [gaps_table(listed.entries[:rows_max]), ""]
    if (left := len(listed.entries) - rows_max) > 0:
        parts += [f"{amount(left)} more gaps; --rows shows more of them, --totals adds them up"]
    return Group(*parts, summary(asked))


def gaps_table(entries: Sequence["GapEntry"]) -> Text:
    """Return gaps as a table below a heading for each path: so a row fits on a narrow screen.

    The state is left out where all are open.
    """
    count = len(_COLUMNS) - all(entry.is_open for entry in entries)
    rows = [row[:count] for row in (_COLUMNS, *map(_row, entries))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [Text(_line(_COLUMNS, widths), style="dim")]
    for path, of_path in groupby(entries, key=lambda entry: entry.path):
        lines.append(Text(path, style="bold"))
        lines += [
            Text(_line(_row(entry), widths), style="" if entry.is_open else "green")
            for entry in of_path
        ]
    return Text("\n").join(lines)


def _row(entry: "GapEntry") -> tuple[str, ...]:
    return (
        instant(entry.ts_from),
        lasting(entry.duration_ns),
        "?" if entry.missing is None else amount(entry.missing),
        id_range(entry.first_missing_id, entry.last_missing_id),
        entry.reason,
        str(entry.state),
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    set_out = [
        cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
        for name, cell, width in zip(_COLUMNS, cells, widths, strict=False)
    ]
    return f"  {'  '.join(set_out)}".rstrip()


def id_range(first: int | None, last: int | None) -> str:
    """Return ids as `3 to 5`, one as `3`, none as `-`."""
    ends = [str(end) for end in dict.fromkeys((first, last)) if end is not None]
    return " to ".join(ends) or "-"


def summary(asked: "Ledger") -> Text:
    """Return in one line how much of what was asked for is open."""
    from argus.storage.totals import total

    still = total(asked.open_entries)
    if not still.open:
        text = "no gap is open"
    else:
        text = f"{many(still.open, 'gap')} open, {lasting(still.duration_ns)} over all paths; "
        text += f"{many(still.missing, 'fact')} known to be missing"
        if still.uncounted:
            text += f"; {many(still.uncounted, 'gap')} without a number"
    if closed := len(asked.entries) - still.open:
        text += f"; {amount(closed)} filled"
    return Text(text, style="bold red" if still.open else "bold green")


def shown_totals(listed: "Ledger", asked: "Ledger") -> RenderableType:
    """Return what the listed gaps add up to as a person reads it."""
    from argus.storage.totals import by_day, by_path, by_reason, total

    entries = listed.entries
    if not entries:
        return summary(asked)
    kinds = (("path", by_path), ("reason", by_reason), ("day", by_day))
    parts: Iterator[RenderableType] = (_totals_table(n, kind(entries)) for n, kind in kinds)
    lines = [line for part in parts for line in (part, "")]
    return Group(*lines, _totals_table("", [total(entries, "all")]))


def _totals_table(name: str, totals: list["Total"]) -> RenderableType:
    numbers = ("gaps", "open", "missing", "without a number", "time")
    rows = (
        (t.of, *map(amount, (t.gaps, t.open, t.missing, t.uncounted)), lasting(t.duration_ns))
        for t in totals
    )
    return table((name, *numbers), rows, right=numbers)
