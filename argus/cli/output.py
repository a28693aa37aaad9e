"""Shell. How a verb answers: JSON for programs, a table for people, one line for errors."""

import json
from collections.abc import Iterable, Sequence

import click
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

# Without a terminal no row is cut or wrapped: whoever reads it has no screen to fit.
_WIDTH = 10_000


def console(*, on_stderr: bool = False) -> Console:
    """Return a console that writes texts as they are: what looks like markup is data."""
    writing = Console(stderr=on_stderr, highlight=False, markup=False, emoji=False)
    if writing.is_terminal:
        return writing
    return Console(
        stderr=on_stderr,
        highlight=False,
        markup=False,
        emoji=False,
        color_system=None,
        width=_WIDTH,
    )


def show(value: RenderableType) -> None:
    """Write something for people to stdout."""
    console().print(value)


def answer_json(value: object) -> None:
    """Write a value to stdout as one JSON document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def answer(value: object, *, as_json: bool, shown: RenderableType) -> None:
    """Answer with a value: as JSON if that was asked for, else as it is shown to people."""
    if as_json:
        answer_json(value)
    else:
        show(shown)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    right: Iterable[str] = (),
) -> Table:
    """Return a table; columns named in `right` hold numbers and are set to the right."""
    made = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    numbers = set(right)
    for name in columns:
        made.add_column(name, justify="right" if name in numbers else "left", no_wrap=True)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else str(cell) for cell in row))
    return made


def progress() -> Progress:
    """Return a progress bar by steps on stderr; silent where stderr is no terminal."""
    return _progress(MofNCompleteColumn())


def byte_progress() -> Progress:
    """Return a progress bar by bytes on stderr; silent where stderr is no terminal."""
    return _progress(DownloadColumn(binary_units=True))


def _progress(done: ProgressColumn) -> Progress:
    writing = console(on_stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        done,
        TimeRemainingColumn(),
        console=writing,
        disable=not writing.is_terminal,
    )
