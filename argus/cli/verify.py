"""Shell. `argus verify`: what the lake proves about itself, path by path and day by day."""

from dataclasses import asdict
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
from argus.cli.output import answer, progress, table
from argus.cli.settings import existing_data
from argus.cli.words import amount
from argus.events import EVENTS

if TYPE_CHECKING:
    from argus.storage.audit import Audit, PathDay
    from argus.storage.bookcheck import BookDay

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command(
    cls=Command,
    examples=(
        "argus verify",
        "argus verify --source binance_spot --data-type trade --from 2026-11-01",
        "argus verify --unwell --json",
    ),
    exit_codes={0: "all is well", 1: "it failed, or something is not well"},
)
@selection_options
@click.option("--from", "first", type=_DATE, metavar="DATE", help="Only this date and later ones.")
@click.option(
    "--until", "last", type=_DATE, metavar="DATE", help="Only this date and earlier ones."
)
@click.option("--unwell", is_flag=True, help="Show only what is not well.")
@config_option
@data_option
@json_option
@click.pass_context
def verify(
    context: click.Context,
    *,
    source: str | None,
    data_type: str | None,
    symbol: str | None,
    first: Any,  # noqa: ANN401 - a datetime of click's
    last: Any,  # noqa: ANN401 - a datetime of click's
    unwell: bool,
    config: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Check what was recorded, per path and day.

    All is well if every fact is there once and in order, every missing id lies in a recorded gap,
    and books rebuilt from snapshots and deltas show the best bid and ask that the venue said. What
    a recorded gap admits is shown, and is well. Ids prove completeness for trade, agg_trade and
    book_delta only; of other data types order and repeats are checked.
    """
    from argus.storage.reading import Selection

    if data_type not in {None, *EVENTS}:
        raise click.BadParameter(
            f'"{data_type}" is not a data type; allowed: {", ".join(EVENTS)}',
            param_hint="--data-type",
        )
    dates = [date and f"{date:%Y-%m-%d}" for date in (first, last)]
    found = audited(
        existing_data(config, data), Selection(source, symbol, dates[0], dates[1]), data_type
    )
    answer(as_plain(found, unwell=unwell), as_json=as_json, shown=shown(found, unwell=unwell))
    context.exit(0 if found.is_well else 1)


def audited(data: Path, selection: Any = None, data_type: str | None = None) -> "Audit":  # noqa: ANN401 - imported when needed
    """Audit a data folder or a part of it, with progress on stderr."""
    from argus.storage.audit import verify as audit

    with progress() as bar:
        task = bar.add_task("verifying", total=None)
        return audit(
            data,
            selection=selection,
            data_type=data_type,
            progress=lambda partition: bar.update(
                task,
                advance=1,
                description=f"verifying {partition.data_type} {partition.symbol} {partition.date}",
            ),
        )


def as_plain(found: "Audit", *, unwell: bool = False) -> dict[str, Any]:
    """Return an audit as plain JSON values; with `unwell` only what is not well."""
    return {
        "well": found.is_well,
        "days": [_plain_day(day) for day in found.days if not (unwell and day.is_well)],
        "books": [_plain_book(book) for book in found.books if not (unwell and book.is_well)],
        "unread": [str(path) for path in found.unread],
    }


def _plain_day(day: "PathDay") -> dict[str, Any]:
    plain = asdict(day)
    return {
        **plain.pop("partition"),
        **plain,
        "missing": day.missing,
        "missing_unadmitted": day.missing_unadmitted,
        "well": day.is_well,
    }


def _plain_book(book: "BookDay") -> dict[str, Any]:
    plain = asdict(book)
    return {**plain.pop("partition"), **plain, "well": book.is_well}


def shown(found: "Audit", *, unwell: bool = False) -> RenderableType:
    """Return an audit as a person reads it; with `unwell` only what is not well."""
    days = [day for day in found.days if not (unwell and day.is_well)]
    books = [book for book in found.books if not (unwell and book.is_well)]
    parts: list[RenderableType] = []
    if days:
        parts += [_days_table(days), ""]
    if books:
        parts += [_books_table(books), ""]
    parts += [f"not read, as it is torn or not ours: {path}" for path in found.unread]
    return Group(*parts, summary(found))


def summary(found: "Audit") -> Text:
    """Return an audit in one line."""
    verdicts = [day.is_well for day in found.days] + [book.is_well for book in found.books]
    rows = sum(day.rows for day in found.days)
    text = f"{amount(rows)} rows; {sum(verdicts)} of {len(verdicts)} paths and days are well"
    if admitted := sum(day.missing - day.missing_unadmitted for day in found.days):
        text += f"; {amount(admitted)} missing and admitted by gaps"
    if found.unread:
        text += f"; {len(found.unread)} files could not be read"
    return Text(text, style="bold green" if found.is_well else "bold red")


def _days_table(days: list["PathDay"]) -> RenderableType:
    numbers = (
        "rows",
        "first id",
        "last id",
        "missing",
        "unadmitted",
        "repeats",
        "disorder",
        "gaps",
    )
    columns = ("source", "data type", "symbol", "date", *numbers, "well")
    return table(columns, map(_day_row, days), right=numbers)


def _day_row(day: "PathDay") -> tuple[str | Text, ...]:
    at = day.partition
    ids = ("" if number is None else str(number) for number in (day.first_id, day.last_id))
    counts = (day.missing, day.missing_unadmitted, day.repeats, day.disorder, day.gaps)
    return (
        *(at.source, at.data_type, at.symbol, at.date, amount(day.rows)),
        *ids,
        *map(amount, counts),
        _verdict(day.error or ("" if day.is_well else "no")),
    )


def _books_table(books: list["BookDay"]) -> RenderableType:
    numbers = ("deltas", "compared", "different")
    rows = (
        (
            *(book.partition.source, book.partition.symbol, book.partition.date),
            *map(amount, (book.deltas, book.compared, book.different)),
            _verdict("" if book.is_well else "no"),
        )
        for book in books
    )
    columns = ("source", "book", "date", *numbers, "well")
    return table(columns, rows, title="rebuilt books and best bid and ask", right=numbers)


def _verdict(wrong: str) -> Text:
    return Text(wrong, style="red") if wrong else Text("yes", style="green")
