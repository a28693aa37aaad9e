"""Shell. How a verb answers: JSON for programs, a table for people, one line for errors."""

import json
from collections.abc import Iterable, Sequence

import click
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table


def console(*, on_stderr: bool = False) -> Console:
    """Return a console; without a terminal it writes plain text, wide enough to keep every row."""
    writing = Console(stderr=on_stderr, highlight=False)
    if not writing.is_terminal:
        writing = Console(stderr=on_stderr, highlight=False, width=200, color_system=None)
    return writing


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
        made.add_row(*(str(cell) for cell in row))
    return made


def progress() -> Progress:
    """Return a progress bar on stderr, which is silent where stderr is no terminal."""
    writing = console(on_stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=writing,
        disable=not writing.is_terminal,
    )
