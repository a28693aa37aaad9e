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
from argus.config import Config
from argus.errors import StorageError
from argus.telemetry import Telemetry


@click.command(
    cls=Command,
    examples=(
        "argus run",
        "argus run --config argus.toml --data /srv/argus",
        "argus run --takeover",
        "argus run --dry-run --json",
    ),
)
@click.option(
    "--takeover",
    is_flag=True,
    help="Take over from the recorder that runs on the data folder, if there is one.",
)
@click.option(
    "--takeover-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Give up if streams are not sewn by then; the other recorder goes on.",
)
@config_option
@data_option
@dry_run_option
@json_option
def run(
    *,
    takeover: bool,
    takeover_timeout: float,
    config: Path | None,
    data: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Record until SIGTERM or SIGINT.

    Then everything is flushed and merged; a second signal ends at once. Log lines go to stderr.
    With --dry-run the configuration in force is checked and shown.

    With --takeover it records beside the recorder that runs, until nothing is lost if that one
    ends; then that one leaves, and this one goes on.
    """
    found = settings(config, data)
    if dry_run:
        if found.bars.is_on:
            from argus.daemon.bars.profiles import profiles_of

            profiles_of(found.bars)
        _show(found, as_json=as_json)
        return
    configure(found.log)
    timeout_s = takeover_timeout if takeover else None
    run_loop(record(found, as_json=as_json, takeover_timeout_s=timeout_s))


async def record(
    config: Config, *, as_json: bool = False, takeover_timeout_s: float | None = None
) -> None:
    """Record until a signal; with `as_json` one line on stdout says when recording has begun.

    Args:
        config: what is recorded, and where to.
        as_json: whether to say so.
        takeover_timeout_s: how long a takeover may take; None if there is to be none.

    Raises:
        DataFolderInUse: another process records into the same folder.
        TakeoverFailed: it could not be taken over from, and goes on.
        StorageError: the data folder cannot be written, or not everything could be.
    """
    from argus.daemon.service import Service, serve
    from argus.daemon.takeover import Wish
    from argus.daemon.world import this_machine

    def ready(service: Service) -> None:
        if as_json:
            begun = {"generation": service.generation, "data": str(service.data)}
            click.echo(json.dumps({**begun, "pid": os.getpid()}))

    world, stop = this_machine(), asyncio.Event()
    wish = None if takeover_timeout_s is None else Wish(takeover_timeout_s)
    with stopping(stop):
        service = await serve(
            config,
            world=world,
            telemetry=Telemetry(world.clock),
            stop=stop,
            ready=ready,
            takeover=wish,
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
