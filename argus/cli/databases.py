"""Shell. `argus db`: the tables that bars and candles are written to, in a database."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Group as Shown
from rich.console import RenderableType
from rich.text import Text

from argus.cli.command import (
    Command,
    config_option,
    data_option,
    dry_run_option,
    json_option,
)
from argus.cli.loading import load
from argus.cli.output import answer, table
from argus.cli.settings import settings
from argus.cli.spools import INFLUX, check_influx, shown_spool, spooled, store_option
from argus.cli.words import amount, size
from argus.config.timescale import TimescaleConfig
from argus.errors import ConfigError

if TYPE_CHECKING:
    from argus.bars.sinks.postgres.administration import Initialised, TableStatus
    from argus.bars.sinks.postgres.inspecting import Found


@click.group()
def db() -> None:
    """Look after the databases that what is recorded is also written to."""


db.add_command(load)


def _settings(config: Path | None, data: Path | None) -> TimescaleConfig:
    found = settings(config, data).timescale
    if not found.is_wanted:
        raise ConfigError(
            "no database is configured; expected its address in timescale.url or in "
            "ARGUS_TIMESCALE_URL"
        )
    return found


@db.command(cls=Command, examples=("argus db init --dry-run", "argus db init"))
@config_option
@data_option
@dry_run_option
@json_option
def init(*, config: Path | None, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """Create or upgrade the tables, and list what may be in them.

    Coins, quotes, exchanges and intervals are listed as the configuration and the recorded
    instruments name them. What is listed and neither wanted nor used by any row is marked as
    deleted; what is used is marked again as there. Doing it again changes nothing.
    """
    from argus.bars.sinks.postgres.administration import initialise
    from argus.bars.sinks.postgres.seeding import Listed, wanted
    from argus.lake.instruments import definitions

    into = _settings(config, data)
    everything = settings(config, data)
    listed = [Listed(**asdict(d)) for d in definitions(Path(everything.data))]
    done = initialise(into, wanted(everything, listed), is_trial=dry_run)
    answer(
        {**plain_initialised(done), "written": not dry_run},
        as_json=as_json,
        shown=shown_initialised(done, is_trial=dry_run),
    )


def plain_initialised(done: "Initialised") -> dict[str, Any]:
    """Return what was done as plain JSON values."""
    return asdict(done)


def shown_initialised(done: "Initialised", *, is_trial: bool) -> RenderableType:
    """Return what was done as people read it."""
    rows = [
        (name.removeprefix("dim__"), *map(_listed, (c.added, c.revived, c.deleted)))
        for name, c in done.dimensions.items()
    ]
    lines = [f"Schema: {', '.join(done.migrations) or 'nothing to do'}", _cut(done.timescale)]
    parts: list[RenderableType] = [
        *map(Text, lines),
        table(("dimension", "added", "taken back", "marked as deleted"), rows),
        *(Text(f"Note: {note}") for note in done.notes),
    ]
    if is_trial:
        parts.append(Text("Nothing was changed: this is what would be done."))
    return Shown(*parts)


_NAMES_MAX = 5


def _listed(names: tuple[str, ...]) -> str:
    if len(names) <= _NAMES_MAX:
        return ", ".join(name or '""' for name in names) or "-"
    return f"{', '.join(names[:_NAMES_MAX])} and {len(names) - _NAMES_MAX} more"


def _cut(timescale: str) -> str:
    return f"TimescaleDB: {timescale}" if timescale else "TimescaleDB: none, plain PostgreSQL"


@db.command(
    cls=Command,
    examples=("argus db check", "argus db check --store influx --json"),
    exit_codes={1: "it failed, or rows cannot be written as the database is"},
)
@store_option
@config_option
@data_option
@json_option
@click.pass_context
def check(
    context: click.Context, *, store: str, config: Path | None, data: Path | None, as_json: bool
) -> None:
    """Say whether rows can be written, and if not, what to do.

    Looked at are: whether the database answers, the version of the schema, the types of all
    columns, and the rights of the user; of InfluxDB the token and the bucket.
    """
    if store == INFLUX:
        plain = check_influx(settings(config, data))
        answer(plain, as_json=as_json, shown=plain["problem"] or "Rows can be written.")
        context.exit(1 if plain["problem"] else 0)
    from argus.bars.sinks.postgres.administration import examine
    from argus.bars.sinks.postgres.connecting import address

    into = _settings(config, data)
    found = examine(into)
    plain = {"address": address(into.url), "schema": into.schema, **asdict(found)}
    answer(plain, as_json=as_json, shown=shown_check(found, address(into.url)))
    context.exit(1 if found.problems else 0)


def shown_check(found: "Found", at: str) -> RenderableType:
    """Return what was found as people read it."""
    lines = [f"{at}: PostgreSQL {found.server}", _cut(found.timescale)]
    lines.append(f"Schema: version {found.version}" if found.version else "Schema: not usable")
    lines += [f"Problem: {problem}" for problem in found.problems]
    if not found.problems:
        lines.append("Rows can be written.")
    return Shown(*map(Text, lines))


@db.command(cls=Command, examples=("argus db status", "argus db status --json"))
@store_option
@config_option
@data_option
@json_option
def status(*, store: str, config: Path | None, data: Path | None, as_json: bool) -> None:
    """Say what the tables hold and what waits for them: rows, the newest one, and sizes.

    Rows of tables of more than half a gigabyte are the server's estimate, marked by `~`.
    """
    if store == INFLUX:
        waits = spooled(Path(settings(config, data).data), store)
        answer({"spool": waits}, as_json=as_json, shown=shown_spool(waits))
        return
    from argus.bars.sinks.postgres.administration import contents

    found = contents(_settings(config, data))
    spool = spooled(Path(settings(config, data).data), store)
    plain = [{**asdict(t), "newest": t.newest.isoformat() if t.newest else None} for t in found]
    answer({"tables": plain, "spool": spool}, as_json=as_json, shown=shown_status(found, spool))


def shown_status(found: "list[TableStatus]", spool: dict[str, int]) -> RenderableType:
    """Return what the tables hold, and what waits, as people read it."""
    rows = [
        (
            t.table,
            str(t.layout),
            f"{'~' if t.is_estimate else ''}{amount(t.rows)}",
            t.newest.isoformat(sep=" ", timespec="milliseconds") if t.newest else "-",
            size(t.size_bytes),
        )
        for t in found
    ]
    columns = ("table", "cut by time", "rows", "newest", "size")
    return Shown(table(columns, rows, right=("rows", "size")), shown_spool(spool))
