"""Shell. `argus status` and `argus stop`: what is asked of a running recorder."""

from pathlib import Path

import click
import msgspec

from argus.cli.command import Command, config_option, data_option, dry_run_option, json_option
from argus.cli.output import answer
from argus.cli.screen import screen
from argus.cli.settings import settings
from argus.control.client import ask
from argus.control.status import Status, from_json, to_json
from argus.errors import DaemonError


def fetch_status(socket: Path) -> Status:
    """Return the status of the recorder that listens on a socket.

    Raises:
        DaemonError: none does, or it is of a version whose status is not understood.
    """
    try:
        return from_json(ask(socket, "status"))
    except msgspec.ValidationError as error:
        raise DaemonError(f"the recorder's status is not understood: {error}") from error


@click.command(cls=Command, examples=("argus status", "argus status --json"))
@config_option
@data_option
@json_option
def status(*, config: Path | None, data: Path | None, as_json: bool) -> None:
    """Show what the running recorder is doing."""
    found = fetch_status(Path(settings(config, data).socket))
    answer(to_json(found), as_json=as_json, shown=screen(found))


@click.command(cls=Command, examples=("argus stop",))
@config_option
@data_option
@dry_run_option
@json_option
def stop(*, config: Path | None, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """Ask the running recorder to flush, merge and end."""
    found = fetch_status(Path(settings(config, data).socket))
    if not dry_run:
        ask(Path(settings(config, data).socket), "stop")
    what = {"generation": found.generation, "pid": found.pid, "stopping": not dry_run}
    word = "would be asked to stop" if dry_run else "is stopping"
    answer(what, as_json=as_json, shown=f"generation {found.generation} {word}")
