"""Shell. `argus import`: recorded frames into the lake, with their own `ts_recv`."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from argus.cli.command import (
    Command,
    Failed,
    config_option,
    data_option,
    dry_run_option,
    json_option,
)
from argus.cli.logs import configure
from argus.cli.output import answer, byte_progress, table
from argus.cli.settings import settings
from argus.cli.words import amount, instant, size
from argus.config import Config, LogConfig, LogLevel
from argus.network.sources import SOURCES
from argus.telemetry import Telemetry

if TYPE_CHECKING:
    from argus.daemon.importer import Imported


@click.command(
    "import",
    cls=Command,
    examples=(
        "argus import BTCUSDT_20261119.gz BTCUSDT_20261120.gz --source binance_spot",
        "argus import recording.txt --source binance_usdm --dry-run",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option(
    "--source", required=True, type=click.Choice(list(SOURCES)), help="Whose frames they are."
)
@config_option
@data_option
@dry_run_option
@json_option
def import_(
    *,
    files: tuple[Path, ...],
    source: str,
    config: Path | None,
    data: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put recorded frames into the lake.

    A recording is a file of lines `<ts_recv ns> <frame>`, plain, gzipped or of the raw archive.
    Recordings are taken in the order of their first lines. What was imported or recorded before is
    not stored again; a hole in them becomes a gap.
    """
    if dry_run:
        _show_files(files, as_json=as_json)
        return
    done = imported(files, source, settings(config, data))
    answer(asdict(done), as_json=as_json, shown=_shown(done))
    if done.left:
        raise Failed(f"{amount(done.left)} facts could not be written")
    if done.undecodable or done.torn:
        raise Failed(
            f"{amount(done.undecodable)} frames could not be decoded and {amount(done.torn)} lines "
            "are torn; everything else was imported"
        )
    if not any(done.facts.values()):
        raise Failed(f"no line of {amount(done.lines)} is a frame of {source}")


def imported(files: tuple[Path, ...], source: str, config: Config) -> "Imported":
    """Import recordings with a progress bar on stderr; return what was done.

    Raises:
        StorageError: a recording cannot be read, or the data folder cannot be written.
    """
    from argus.daemon.recorded import open_recording
    from argus.daemon.replay import Means, import_files
    from argus.daemon.world import this_machine

    for file in files:
        open_recording(file).close()
    configure(LogConfig(level=LogLevel.WARNING, format=config.log.format))
    world = this_machine()
    means = Means(
        data=Path(config.data),
        storage=config.storage,
        disk=world.disk,
        threads=world.threads,
        clock=world.clock,
        report=Telemetry(world.clock),
    )
    with byte_progress() as bar:
        task = bar.add_task("importing", total=sum(f.stat().st_size for f in files))
        return asyncio.run(
            import_files(
                files,
                SOURCES[source],
                means=means,
                progress=lambda done: bar.update(task, completed=done),
            )
        )


def _shown(done: "Imported") -> Any:  # noqa: ANN401 - what rich can render
    rows = [(name, amount(number)) for name, number in sorted(done.facts.items())]
    figures = {k: v for k, v in asdict(done).items() if k != "facts"}
    rows += [(name.replace("_", " "), amount(number)) for name, number in figures.items()]
    return table(("", "number"), rows, right=("number",))


def _show_files(files: tuple[Path, ...], *, as_json: bool) -> None:
    from argus.daemon.recorded import first_stamp

    stamped = sorted((first_stamp(file), file) for file in files)
    plain = [
        {"file": str(f), "bytes": f.stat().st_size, "ts_first": ts or None} for ts, f in stamped
    ]
    rows = [(f, size(f.stat().st_size), instant(ts or None)) for ts, f in stamped]
    title = "would be imported, in this order"
    shown = table(("file", "size", "first frame"), rows, title=title, right=("size",))
    answer(plain, as_json=as_json, shown=shown)
