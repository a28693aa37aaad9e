"""Shell. `argus flush`, `argus bump` and `argus stale`: from chunks to the lake."""

import secrets
from dataclasses import asdict
from pathlib import Path

import click
import msgspec
from rich.console import RenderableType

from argus.cli.command import (
    Command,
    Failed,
    config_option,
    data_option,
    dry_run_option,
    json_option,
    selection_options,
)
from argus.cli.merging import Selection, accept_selected, merge_folder, waiting
from argus.cli.output import answer, progress, table
from argus.cli.settings import settings
from argus.cli.words import amount, instant, size
from argus.clock import SystemClock
from argus.config import Config
from argus.control.client import ask, is_running
from argus.storage.disk import LocalDisk
from argus.storage.generation import StaleGeneration, delete_generation
from argus.storage.generation import stale as stale_generations
from argus.storage.merge import Merged
from argus.telemetry import Telemetry


@click.command(
    cls=Command,
    examples=("argus flush", "argus flush --source binance_spot --data-type trade --dry-run"),
)
@click.option("--generation", metavar="HASH", help="Only this generation.")
@selection_options
@config_option
@data_option
@dry_run_option
@json_option
def flush(
    *,
    source: str | None,
    data_type: str | None,
    symbol: str | None,
    generation: str | None,
    config: Path | None,
    data: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Merge accepted chunks into the lake now.

    A running recorder is asked to, and seals its buffers first.
    """
    found = settings(config, data)
    selection = Selection(source, data_type, symbol, generation)
    if dry_run:
        _show_waiting(Path(found.data), selection, as_json=as_json)
        return
    done = flushed(found, selection)
    shown = ", ".join(f"{name} {amount(number)}" for name, number in done.items())
    answer(done, as_json=as_json, shown=shown)
    if done.get("failures"):
        raise Failed(f"{done['failures']} date files could not be merged; their chunks stay")


def flushed(config: Config, selection: Selection) -> dict[str, int]:
    """Have a running recorder flush, else merge what lies in the data folder; return figures.

    Raises:
        DaemonError: the recorder refuses.
        StorageError: the generation that is asked for has no folder.
    """
    if is_running(Path(config.socket)):
        result = ask(Path(config.socket), "flush", selection.arguments())
        return msgspec.convert(result, dict[str, int])
    return asdict(_merged_here(Path(config.data), selection))


def _merged_here(data: Path, selection: Selection) -> Merged:
    with progress() as bar:
        task = bar.add_task("merging", total=None)

        def step(what: str, of: int) -> None:
            bar.update(task, description=f"merging {what}", total=of, advance=1)

        return merge_folder(data, selection, report=Telemetry(SystemClock()), on_step=step)


def _show_waiting(data: Path, selection: Selection, *, as_json: bool) -> None:
    works = waiting(data, selection)
    rows = [(w.source, w.data_type, amount(w.chunks), size(w.size_bytes)) for w in works]
    columns = ("source", "data type", "chunks", "size")
    shown = table(columns, rows, title="would be merged, if accepted", right=("chunks", "size"))
    answer([asdict(w) for w in works], as_json=as_json, shown=shown)


@click.command(
    cls=Command, examples=("argus bump 5f3a9c01", "argus bump 5f3a9c01 --symbol BTCUSDT")
)
@click.argument("generation", metavar="HASH")
@selection_options
@config_option
@data_option
@dry_run_option
@json_option
def bump(
    *,
    generation: str,
    source: str | None,
    data_type: str | None,
    symbol: str | None,
    config: Path | None,
    data: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Accept a generation's chunks from now on.

    All of them, or those that are selected; the next flush merges them.
    """
    folder = Path(settings(config, data).data)
    selection = Selection(source, data_type, symbol, generation)
    if not dry_run:
        accept_selected(folder, selection)
    chunks = sum(w.chunks for w in waiting(folder, selection))
    word = "would be accepted" if dry_run else "is accepted; `argus flush` merges it"
    answer(
        {**selection.arguments(), "accepted": not dry_run, "chunks": chunks},
        as_json=as_json,
        shown=f"{generation} with {amount(chunks)} chunks {word}",
    )


@click.command(
    cls=Command,
    examples=("argus stale", "argus stale --delete 5f3a9c01 --dry-run"),
)
@click.option(
    "--delete", metavar="HASH", help="Delete this generation's chunks and journal for good."
)
@config_option
@data_option
@dry_run_option
@json_option
def stale(
    *, delete: str | None, config: Path | None, data: Path | None, dry_run: bool, as_json: bool
) -> None:
    """List generations that nobody accepted.

    What is in them is not in the lake: `argus bump` accepts it, --delete gives it up for good. The
    journal of a generation that is accepted is recovered when a recorder begins.
    """
    folder = Path(settings(config, data).data)
    found = stale_generations(folder)
    if delete is not None:
        found = [s for s in found if s.hash == delete]
        if not dry_run:
            delete_generation(folder, delete, disk=LocalDisk(secrets.token_hex(4)))
    is_deleted = delete is not None and not dry_run
    title = "deleted" if is_deleted else "would be deleted" if delete else None
    plain = [{**asdict(s), "deleted": is_deleted} for s in found]
    answer(plain, as_json=as_json, shown=_stale_table(found, title))


def _stale_table(found: list[StaleGeneration], title: str | None) -> RenderableType:
    if not found:
        return "no stale generations"
    columns = ("generation", "sources", "chunks", "size", "journal", "from", "until", "running")
    rows = [
        (
            s.hash,
            ", ".join(s.sources),
            amount(s.files),
            size(s.bytes),
            size(s.journal_bytes),
            instant(s.oldest) if s.files else "",
            instant(s.newest) if s.files else "",
            "yes" if s.is_live else "no",
        )
        for s in found
    ]
    return table(columns, rows, title=title, right=("chunks", "size", "journal"))
