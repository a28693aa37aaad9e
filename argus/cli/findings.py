"""Shell. How an audit is told: plain values for programs, tables for people."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from argus.cli.output import table
from argus.cli.words import amount
from argus.storage.audit import Audit
from argus.storage.bookcheck import BookDay
from argus.storage.certifying import Certified
from argus.storage.findings import PathDay, Verdict

_STYLES = {
    Verdict.COMPLETE: "green",
    Verdict.BUT_FOR_GAPS: "yellow",
    Verdict.INCOMPLETE: "red",
    Verdict.UNPROVEN: "",
}


def as_plain(found: Audit, *, unwell: bool = False) -> dict[str, Any]:
    """Return an audit as plain JSON values; with `unwell` only what is not well."""
    return {
        "well": found.is_well,
        "days": [_plain_day(day) for day in found.days if not (unwell and day.is_well)],
        "books": [_plain_book(book) for book in found.books if not (unwell and book.is_well)],
        "unread": [str(path) for path in found.unread],
    }


def _plain_day(day: PathDay) -> dict[str, Any]:
    plain = asdict(day)
    return {
        **plain.pop("partition"),
        **plain,
        "grade": day.grade,
        "verdict": day.verdict,
        "expected": day.expected,
        "rows_waiting": day.rows_waiting,
        "missing": day.missing,
        "missing_unadmitted": day.missing_unadmitted,
        "well": day.is_well,
    }


def _plain_book(book: BookDay) -> dict[str, Any]:
    plain = asdict(book)
    return {**plain.pop("partition"), **plain, "well": book.is_well}


def plain_certified(certified: Certified | None) -> dict[str, Any] | None:
    """Return what became of the certificates as plain JSON values."""
    return None if certified is None else {**asdict(certified), "folder": str(certified.folder)}


def shown(
    found: Audit, certified: Certified | None = None, *, unwell: bool = False
) -> RenderableType:
    """Return an audit as a person reads it; with `unwell` only what is not well."""
    days = [day for day in found.days if not (unwell and day.is_well)]
    books = [book for book in found.books if not (unwell and book.is_well)]
    parts: list[RenderableType] = []
    parts += _days_tables(days)
    if books:
        parts += [_books_table(books), ""]
    parts += [f"not read, as it is torn or not ours: {path}" for path in found.unread]
    if certified is not None:
        parts.append(_certified_line(certified))
    return Group(*parts, summary(found))


def _certified_line(certified: Certified) -> str:
    if certified.refused is not None:
        return f"no certificates written: {certified.refused}: {certified.folder}"
    return (
        f"certificates: {amount(certified.written)} written, {amount(certified.unchanged)} "
        f"unchanged in {certified.folder}"
    )


def summary(found: Audit) -> Text:
    """Return an audit in one line."""
    verdicts = [day.is_well for day in found.days] + [book.is_well for book in found.books]
    rows = sum(day.rows for day in found.days)
    text = f"{amount(rows)} rows; {sum(verdicts)} of {len(verdicts)} paths and days are well"
    if admitted := sum(day.missing - day.missing_unadmitted for day in found.days):
        text += f"; {amount(admitted)} missing and admitted by gaps"
    if found.unread:
        text += f"; {len(found.unread)} files could not be read"
    return Text(text, style="bold green" if found.is_well else "bold red")


def _days_tables(days: list[PathDay]) -> Iterator[RenderableType]:
    """Return a table for each source and data type, so that rows fit on a screen."""
    for _, group in groupby(days, key=lambda day: (day.partition.data_type, day.partition.source)):
        yield _days_table(list(group))
        yield ""


def _days_table(days: list[PathDay]) -> RenderableType:
    """Return the days of one source and data type; what is nowhere anything has no column."""
    rows = [_day_row(day) for day in days]
    always = ("symbol", "date", "grade", "rows", "verdict")
    columns = [name for name in rows[0] if name in always or any(row[name] for row in rows)]
    at = days[0].partition
    return table(
        columns,
        ([row[name] or "0" if name in _COUNTS else row[name] for name in columns] for row in rows),
        title=f"{at.source} {at.data_type}",
        right={*_COUNTS, "rows", "expected", "first id", "last id"},
    )


_COUNTS = ("missing", "unadmitted", "repeats", "disorder", "open gaps", "filled gaps", "torn")


def _day_row(day: PathDay) -> dict[str, str | Text]:
    """Return what each column says of a day; of counts, nothing where nothing was counted."""
    counts = (
        *(day.missing, day.missing_unadmitted, day.repeats, day.disorder),
        *(day.gaps.open, day.gaps.filled, day.set_aside),
    )
    return {
        "symbol": day.partition.symbol,
        "date": day.partition.date,
        "grade": day.grade,
        "rows": amount(day.rows),
        "expected": "" if day.expected is None else amount(day.expected),
        "first id": "" if day.first_id is None else str(day.first_id),
        "last id": "" if day.last_id is None else str(day.last_id),
        **{n: amount(count) if count else "" for n, count in zip(_COUNTS, counts, strict=True)},
        "verdict": Text(day.error or day.verdict, style=_STYLES[day.verdict]),
    }


def _books_table(books: list[BookDay]) -> RenderableType:
    numbers = ("deltas", "compared", "different")
    rows = (
        (
            *(book.partition.source, book.partition.symbol, book.partition.date),
            *map(amount, (book.deltas, book.compared, book.different)),
            Text("yes", style="green") if book.is_well else Text("no", style="red"),
        )
        for book in books
    )
    columns = ("source", "book", "date", *numbers, "well")
    return table(columns, rows, title="rebuilt books and best bid and ask", right=numbers)
