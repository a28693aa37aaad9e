"""Shell. `argus run`: the recorder in the foreground."""

import asyncio
import json
import os
from pathlib import Path

import click
import msgspec

from argus.cli.command import Command, config_option, data_option, dry_run_option, json_option
from argus.cli.logs import configure
from argus.cli.output import answer_json
from argus.cli.settings import settings
from argus.cli.stopping import run as run_loop
from argus.cli.stopping import stopping
from argus.clock import SystemClock
from argus.config import Config
from argus.errors import StorageError
from argus.telemetry import Telemetry


@click.command(
    cls=Command,
    examples=(
        "argus run",
        "argus run --config argus.toml --data /srv/argus",
        "argus run --dry-run --json",
    ),
)
@config_option
@data_option
@dry_run_option
@json_option
def run(*, config: Path | None, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """Record until SIGTERM or SIGINT.

    Then everything is flushed and merged; a second signal ends at once. Log lines go to stderr.
    With --dry-run the configuration in force is checked and shown.
    """
    found = settings(config, data)
    if dry_run:
        _show(found, as_json=as_json)
        return
    configure(found.log)
    run_loop(record(found, as_json=as_json))


async def record(config: Config, *, as_json: bool = False) -> None:
    """Record until a signal; with `as_json` one line on stdout says when recording has begun.

    Raises:
        DataFolderInUse: another process records into the same folder.
        StorageError: the data folder cannot be written, or not everything could be.
    """
    from argus.daemon.service import Service, serve

    def ready(service: Service) -> None:
        if as_json:
            begun = {"generation": service.generation, "data": str(service.data)}
            click.echo(json.dumps({**begun, "pid": os.getpid()}))

    clock, stop = SystemClock(), asyncio.Event()
    with stopping(stop):
        service = await serve(
            config, clock=clock, telemetry=Telemetry(clock), stop=stop, ready=ready
        )
    if service.left:
        raise StorageError(f"{service.left} facts could not be written to {service.data}")


def _show(config: Config, *, as_json: bool) -> None:
    plain = msgspec.to_builtins(config)
    if as_json:
        answer_json(plain)
        return
    for name, source in config.sources.items():
        symbols = source.symbols
        wanted = ", ".join(symbols) if isinstance(symbols, tuple) else str(symbols)
        click.echo(f"{name}: {wanted}: {', '.join(source.data_types)}")
    click.echo(f"data folder: {config.data}")
