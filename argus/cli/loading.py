"""Shell. `argus db load`: what the lake has, into a store."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

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
from argus.cli.settings import settings
from argus.cli.words import amount
from argus.clock import SystemClock
from argus.config import Config, LogConfig, LogLevel
from argus.control.client import ask, is_running
from argus.daemon.sinks.wanted import Loaded, Wanted
from argus.errors import DaemonError
from argus.telemetry import Telemetry

_DATE = click.DateTime(["%Y-%m-%d"])


@click.command(
    cls=Command,
    examples=(
        "argus db load --store influx",
        "argus db load --store timescale --from 2026-11-01 --to 2026-11-20 --data-type bar",
        "argus db load --store influx --source binance_spot --symbol BTCUSDT --dry-run",
    ),
)
@click.option("--store", required=True, metavar="NAME", help="Which store: influx, timescale.")
@click.option("--from", "first", type=_DATE, metavar="DATE", help="Only this date and later ones.")
@click.option("--to", "last", type=_DATE, metavar="DATE", help="Only this date and earlier ones.")
@selection_options
@config_option
@data_option
@dry_run_option
@json_option
def load(
    *,
    store: str,
    first: Any,  # noqa: ANN401 - a datetime of click's
    last: Any,  # noqa: ANN401 - a datetime of click's
    source: str | None,
    data_type: str | None,
    symbol: str | None,
    config: Path | None,
    data: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write what the lake has into a store, from the first date on.

    What is there already stays as it is. A running recorder does it beside what it records; else it
    is done here. If it is broken off, the next one, or the next recorder, goes on.
    """
    dates = [date and f"{date:%Y-%m-%d}" for date in (first, last)]
    wanted = Wanted(store, source, data_type, symbol, dates[0], dates[1])
    found = settings(config, data)
    done = loaded(found, wanted, dry_run=dry_run)
    answer(asdict(done), as_json=as_json, shown=_shown(done))
    if done.error:
        raise Failed(f"{done.error}; {amount(done.left)} days wait in the spool of {store}")


def loaded(config: Config, wanted: Wanted, *, dry_run: bool = False) -> Loaded:
    """Have a running recorder load a store, else do it here with a progress bar.

    Raises:
        DaemonError: the store is not configured, or the recorder refuses.
    """
    from argus.daemon.sinks.loading import load_here, notes_of
    from argus.daemon.sinks.stores import stores

    telemetry = Telemetry(SystemClock())
    by_name = {wish.store.name: wish for wish in stores(config, report=telemetry)}
    if wanted.store not in by_name:
        known = ", ".join(by_name) or "none"
        raise DaemonError(f'"{wanted.store}" is not a store of the configuration; it has: {known}')
    wish, folder = by_name[wanted.store], Path(config.data)
    if dry_run:
        return Loaded(days=len(notes_of(folder, wish.store.data_types, wanted)))
    if is_running(Path(config.socket)):
        days = ask(Path(config.socket), "load", asdict(wanted))
        assert isinstance(days, int)
        return Loaded(days=days, left=days, is_left_to_recorder=True)
    configure(LogConfig(level=LogLevel.ERROR, format=config.log.format))
    with progress() as bar:
        task = bar.add_task("loading", total=None)

        def step(done: int, of: int, rows: int) -> None:
            told = f"loading {wanted.store}: {amount(rows)} rows, days"
            bar.update(task, description=told, completed=done, total=of)

        return load_here(folder, wish, wanted, report=telemetry, on_step=step)


def _shown(done: Loaded) -> str:
    if done.is_left_to_recorder:
        return f"{amount(done.days)} days noted; the running recorder loads them (argus status)"
    return f"{amount(done.days)} days, {amount(done.rows)} rows written, {amount(done.left)} left"
