"""Shell. `argus backfill`: what is missing, from the venue's past."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from argus.cli.command import (
    Command,
    Failed,
    config_option,
    data_option,
    dry_run_option,
    json_option,
    selection_options,
)
from argus.cli.logs import configure
from argus.cli.output import answer, progress
from argus.cli.settings import existing_data, settings
from argus.cli.stopping import run as run_loop
from argus.cli.stopping import stopping
from argus.cli.words import amount
from argus.clock import SystemClock
from argus.config import Config, LogConfig, LogLevel
from argus.control.client import ask, is_running
from argus.network.sources import SOURCES
from argus.telemetry import Telemetry

if TYPE_CHECKING:
    from argus.daemon.asked import Asked
    from argus.daemon.outcome import Outcome

LOOK_S = 0.2
NS = 1_000_000_000
_INSTANT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])


def _ids(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Return the first and the last id of `A-B`."""
    if value is None:
        return None
    first, _, last = value.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        found = f'"{value}" is not a range of ids like 100-250'
        raise click.BadParameter(found, ctx=context, param=parameter)
    return int(first), int(last)


@click.command(
    cls=Command,
    examples=(
        "argus backfill",
        "argus backfill --dry-run",
        "argus backfill --symbol BTCUSDT --from 2026-11-19 --until 2026-11-20",
        "argus backfill --source binance_spot --data-type trade --symbol BTCUSDT --ids 4000-5200",
    ),
    exit_codes={
        0: "nothing is missing that could be had",
        1: "it failed, or something is missing",
    },
)
@selection_options
@click.option("--from", "first", type=_INSTANT, metavar="TIME", help="Facts from here on (UTC).")
@click.option("--until", "last", type=_INSTANT, metavar="TIME", help="Facts before this (UTC).")
@click.option("--ids", callback=_ids, metavar="A-B", help="Facts with these ids, both included.")
@config_option
@data_option
@dry_run_option
@json_option
@click.pass_context
def backfill(
    context: click.Context,
    *,
    source: str | None,
    data_type: str | None,
    symbol: str | None,
    first: Any,  # noqa: ANN401 - a datetime of click's
    last: Any,  # noqa: ANN401 - a datetime of click's
    ids: tuple[int, int] | None,
    config: Path | None,
    data: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask venues over REST for what is missing.

    Without a range the open gaps of the ledger are filled; with one, everything in it that is not
    there. What came is marked `backfill`, gaps that it closes are filled in the ledger, and what is
    there is not asked for again: it can be stopped and repeated at any time. A running recorder is
    asked to do it, so that both keep within the venue's weight. With --dry-run requests are shown
    with their weight; of a range in time the venue is asked which ids it has.
    """
    from argus.cli.filled import plan, result
    from argus.daemon.asked import Asked

    found = settings(config, data)
    existing_data(config, data)
    _check(found, source, data_type, symbol, first, last, ids)
    begin, end = ids or (None, None)
    asked = Asked(source, data_type, symbol, _ns(first), _ns(last), begin, end)
    outcomes = backfilled(found, asked, dry_run=dry_run)
    shown = plan(outcomes, found) if dry_run else result(outcomes)
    answer([asdict(o) for o in outcomes], as_json=as_json, shown=shown)
    context.exit(0 if dry_run or all(o.is_well for o in outcomes) else 1)


def _ns(moment: Any) -> int | None:  # noqa: ANN401 - a datetime of click's
    from datetime import UTC

    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp()) * NS


def _check(
    config: Config,
    source: str | None,
    data_type: str | None,
    symbol: str | None,
    first: object,
    last: object,
    ids: tuple[int, int] | None,
) -> None:
    """Refuse options that contradict each other."""
    if source is not None and source not in config.sources:
        known = ", ".join(config.sources)
        raise click.UsageError(f'"{source}" is not a source of the configuration; found: {known}')
    if last is not None and first is None:
        raise click.UsageError("--until needs --from: a range has a beginning")
    if ids is None:
        return
    if first is not None:
        raise click.UsageError("--ids and --from contradict each other; one of them is allowed")
    if None in {source, data_type, symbol}:
        raise click.UsageError("--ids needs --source, --data-type and --symbol")
    history = SOURCES[str(source)].rest.history(str(data_type))
    if history is not None and history.is_timed:
        raise click.UsageError(f"{data_type} has no ids; --from and --until are allowed")


def backfilled(config: Config, asked: "Asked", *, dry_run: bool) -> "list[Outcome]":
    """Have a running recorder fill what is asked for, else do it here; return what became of it.

    Raises:
        ArgusError: the recorder refuses, or the data folder cannot be read or written.
    """
    with progress() as bar:
        task = bar.add_task("backfilling", total=None)

        def show(pages: int, pages_total: int, facts: int) -> None:
            text = f"backfilling, {amount(facts)} facts"
            bar.update(task, completed=pages, total=pages_total or None, description=text)

        if is_running(Path(config.socket)):
            return run_loop(_by_recorder(Path(config.socket), asked, show, dry_run=dry_run))
        configure(LogConfig(level=LogLevel.WARNING, format=config.log.format))
        return run_loop(_here(config, asked, show, dry_run=dry_run))


type_of_show = Callable[[int, int, int], None]


async def _by_recorder(
    socket: Path, asked: "Asked", show: type_of_show, *, dry_run: bool
) -> "list[Outcome]":
    from argus.daemon.outcome import Outcome

    clock = SystemClock()
    arguments = {**{k: v for k, v in asdict(asked).items() if v is not None}, "dry_run": dry_run}
    begun: Any = await asyncio.to_thread(ask, socket, "backfill", arguments)
    while True:
        told: Any = await asyncio.to_thread(ask, socket, "backfilled", {"job": begun["job"]})
        show(told["pages"], told["pages_total"], told["facts"])
        if told["done"]:
            break
        await clock.sleep(LOOK_S)
    if told["error"]:
        raise Failed(told["error"])
    return msgspec.convert(told["outcomes"], list[Outcome])


async def _here(
    config: Config, asked: "Asked", show: type_of_show, *, dry_run: bool
) -> "list[Outcome]":
    from argus.daemon.backfill import Progress
    from argus.daemon.backfilling import backfill_folder

    clock, stop = SystemClock(), asyncio.Event()
    found = Progress()

    def follow(progress: Progress) -> None:
        nonlocal found
        found = progress

    async def look() -> None:
        while True:
            show(found.pages, found.pages_total, found.facts)
            await clock.sleep(LOOK_S)

    with stopping(stop):
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(look())
            try:
                return await backfill_folder(
                    config,
                    asked,
                    clock=clock,
                    report=Telemetry(clock),
                    dry_run=dry_run,
                    progress=follow,
                    is_stopping=stop.is_set,
                )
            finally:
                looking.cancel()
