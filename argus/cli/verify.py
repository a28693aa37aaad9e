"""Shell. `argus verify`: what the lake proves about itself, path by path and day by day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from argus import __version__
from argus.cli.command import (
    Command,
    config_option,
    data_option,
    json_option,
    selection_options,
)
from argus.cli.output import answer, progress
from argus.cli.settings import existing_data
from argus.clock import SystemClock
from argus.events import EVENTS

if TYPE_CHECKING:
    from argus.storage.audit import Audit
    from argus.storage.partition import Partition
    from argus.storage.reading import Selection

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command(
    cls=Command,
    examples=(
        "argus verify",
        "argus verify --source binance_spot --data-type trade --from 2026-11-01",
        "argus verify --unwell --json",
        "argus verify --check",
    ),
    exit_codes={0: "all is well", 1: "it failed, or something is not well"},
)
@selection_options
@click.option("--from", "first", type=_DATE, metavar="DATE", help="Only this date and later ones.")
@click.option(
    "--until", "last", type=_DATE, metavar="DATE", help="Only this date and earlier ones."
)
@click.option("--unwell", is_flag=True, help="Show only what is not well.")
@click.option(
    "--check", is_flag=True, help="Say what changed since it was certified, and write nothing."
)
@click.option("--no-certificates", is_flag=True, help="Write no certificates beside the lake.")
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
    check: bool,
    no_certificates: bool,
    config: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Check what was recorded, per path and day, and certify what is proven.

    All is well if every fact is there once and in order, every missing one lies in a recorded gap,
    and books rebuilt from snapshots and deltas show the best bid and ask that the venue said. What
    a recorded gap admits is shown, and is well. Ids prove completeness for trade, agg_trade and
    book_delta only; closed candles of kline have to follow each other; of other data types order
    and repeats are checked. What is proven is written to certificates/ in the data folder. With
    --check the files are held against their certificates: all is well if they grew or were
    rewritten as recording and merging do, and what they hold now is well.
    """
    from argus.cli.findings import as_plain, plain_certified, shown
    from argus.storage.certifying import certify
    from argus.storage.reading import Selection

    if data_type not in {None, *EVENTS}:
        raise click.BadParameter(
            f'"{data_type}" is not a data type; allowed: {", ".join(EVENTS)}',
            param_hint="--data-type",
        )
    dates = [date and f"{date:%Y-%m-%d}" for date in (first, last)]
    folder = existing_data(config, data)
    selection = Selection(source, symbol, dates[0], dates[1])
    if check:
        is_well = _answer_check(folder, selection, data_type, unwell=unwell, as_json=as_json)
        context.exit(0 if is_well else 1)
    found = audited(folder, selection, data_type)
    certified = None
    if not no_certificates:
        now_ns = SystemClock().now_ns()
        certified = certify(folder, found.days, argus=__version__, now_ns=now_ns)
    answer(
        {**as_plain(found, unwell=unwell), "certificates": plain_certified(certified)},
        as_json=as_json,
        shown=shown(found, certified, unwell=unwell),
    )
    context.exit(0 if found.is_well else 1)


def _answer_check(
    folder: Path,
    selection: "Selection",
    data_type: str | None,
    *,
    unwell: bool,
    as_json: bool,
) -> bool:
    """Answer what changed since it was certified; return whether all is well."""
    from argus.cli.changes import as_plain, is_well, shown
    from argus.storage.checking import check

    with _progress("checking") as told:
        found = check(folder, selection=selection, data_type=data_type, progress=told)
    plain = as_plain(found, unwell=unwell)
    answer(plain, as_json=as_json, shown=shown(found, unwell=unwell))
    return is_well(found)


@contextmanager
def _progress(doing: str) -> Iterator[Callable[["Partition"], None]]:
    """Show on stderr how far it is, path and day by path and day."""
    with progress() as bar:
        task = bar.add_task(doing, total=None)

        def told(at: "Partition") -> None:
            text = f"{doing} {at.data_type} {at.symbol} {at.date}"
            bar.update(task, advance=1, description=text)

        yield told


def audited(
    data: Path, selection: "Selection | None" = None, data_type: str | None = None
) -> "Audit":
    """Audit a data folder or a part of it, with progress on stderr."""
    from argus.storage.audit import verify as audit

    with _progress("verifying") as told:
        return audit(data, selection=selection, data_type=data_type, progress=told)
