"""Shell. `argus bars build`: bars out of everything that was recorded."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from argus.cli.bars.choosing import Origin, chosen_origin, chosen_profiles, chosen_symbols, words
from argus.cli.bars.outfile import OutFile, check_name
from argus.cli.command import Command, Failed, config_option, data_option, json_option
from argus.cli.moments import Moment
from argus.cli.output import answer, progress, table
from argus.cli.settings import existing_data, settings
from argus.cli.words import amount, instant
from argus.clock import SystemClock
from argus.config import Config
from argus.config.bars import DATA_TYPES
from argus.lake.span import Span

if TYPE_CHECKING:
    from argus.bars import Profile
    from argus.daemon.bulk.comparing import Compared, Difference
    from argus.daemon.bulk.draft import Draft

DIFFERENCES_MAX = 10
"""Bars whose differences are shown."""

PIECE_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built."""

    data: Path
    origin: Origin
    symbols: tuple[str, ...]
    profiles: "tuple[Profile, ...]"
    span: Span


@dataclass(slots=True)
class Outcome:
    """What was built, and what became of it.

    Attributes:
        source: of which source.
        data_type: of what.
        trades: how many were read.
        bars: how many bars were built.
        written: how many of them were written.
        series: each series that was built, beside what was stored before; empty with `--out`.
        differences: the first differences, with `--compare`.
        unread: files that could not be read, and were left out.
    """

    source: str
    data_type: str
    trades: int = 0
    bars: int = 0
    written: int = 0
    series: "list[Compared]" = field(default_factory=list)
    differences: "list[Difference]" = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)


@click.command(
    cls=Command,
    examples=(
        "argus bars build --symbol BTCUSDT --profile 1m --profile tib_small",
        "argus bars build --profile vpin --from 2026-11-01 --to 2026-11-20 --out vpin.parquet",
        "argus bars build --profile 1m --compare",
    ),
    exit_codes={1: "it failed, or --compare found differences"},
)
@click.option("--source", metavar="SOURCE", help="Whose trades; needed if there are several.")
@click.option("--symbol", "symbols", multiple=True, metavar="SYMBOL", help="Only these; else all.")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="PROFILE",
    help="What to build; else the profiles of the configuration.",
)
@click.option("--of", "data_type", type=click.Choice(DATA_TYPES), help="What to build of.")
@click.option(
    "--from", "first", type=Moment(), help="Begin here, cold, and not with the first trade."
)
@click.option("--to", "last", type=Moment(is_end=True), help="End here.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a .parquet or .csv file."
)
@click.option("--compare", is_flag=True, help="Write nothing; compare with what is stored.")
@config_option
@data_option
@json_option
@click.pass_context
def build(
    context: click.Context,
    *,
    source: str | None,
    symbols: tuple[str, ...],
    profiles: tuple[str, ...],
    data_type: str | None,
    first: int | None,
    last: int | None,
    out: Path | None,
    compare: bool,
    config: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Build bars out of all trades that are recorded.

    They go into the lake, where `argus query "SELECT * FROM bars"` has them: bars that are stored
    as they were built are not written again, different ones come with a higher revision. The rules
    and their state are those of the recorder, so the bars are the same as those built live. With
    --from a series begins cold: rules that learn from their past need some bars until they agree
    with a series that began earlier. Bars that no trade has closed yet are left out.
    """
    if out is not None and compare:
        raise click.UsageError("--out and --compare are both given; one of them is allowed")
    if out is not None:
        check_name(out)
    found = settings(config, data)
    folder = existing_data(config, data)
    origin = chosen_origin(found, folder, source=source, data_type=data_type)
    order = Order(
        folder,
        origin,
        chosen_symbols(origin, symbols),
        chosen_profiles(found, profiles),
        Span(ts_from=first, ts_until=last),
    )
    if out is None and not compare:
        refuse_if_streamed(found, order)
    outcome = built(order, found, out=out, is_compared=compare)
    answer(_plain(outcome), as_json=as_json, shown=_shown(outcome, order, out, is_compared=compare))
    for path in outcome.unread:
        click.echo(f"Warning: not read, as it is torn or not ours: {path}", err=True)
    if compare and not all(one.is_equal for one in outcome.series):
        context.exit(1)


def refuse_if_streamed(config: Config, order: Order) -> None:
    """Refuse to write bars that a running recorder writes.

    Raises:
        Failed: one does.
    """
    from argus.control.client import is_running

    names = sorted({p.name for p in order.profiles} & set(config.bars.profiles))
    streamed = set(config.bars.symbols or order.symbols) & set(order.symbols)
    if names and streamed and is_running(Path(config.socket)):
        raise Failed(
            f"a recorder runs on {order.data} and builds {words(names)} itself; stop it first "
            "(`argus stop`), write to a file with --out, or compare with --compare"
        )


def built(order: Order, config: Config, *, out: Path | None, is_compared: bool) -> Outcome:
    """Build, with a progress bar on stderr, and do with the bars what was asked for.

    Raises:
        ArgusError: something cannot be read or written, or no trade is there.
    """
    from argus.daemon.bulk.comparing import compared, differences
    from argus.daemon.bulk.draft import drafting, with_symbol

    outcome = Outcome(order.origin.source, order.origin.data_type)
    if out is not None:
        with OutFile(out, outcome.source) as file:
            for symbol, bars in bars_of(order, outcome):
                file.add(with_symbol(symbol, bars))
        outcome.written = file.bars
        return outcome
    with drafting(order.data) as draft:
        for symbol, bars in bars_of(order, outcome):
            draft.add(symbol, bars)
        draft.close()
        outcome.series = compared(order.data, outcome.source, draft.path)
        if is_compared:
            outcome.differences = differences(
                order.data, outcome.source, draft.path, count=DIFFERENCES_MAX
            )
        else:
            outcome.written = _stored(order, config, draft, outcome.series)
    return outcome


def bars_of(order: Order, outcome: Outcome) -> Any:  # noqa: ANN401 - an iterator of pairs
    """Yield symbols with bars; what is read is counted and shown."""
    from argus.daemon.bulk.building import build as build_batches
    from argus.lake.trades import count

    spans = dict.fromkeys(order.symbols, order.span)
    source, data_type = order.origin.source, order.origin.data_type
    with progress() as shown:
        total = count(order.data, source, data_type, spans)
        task = shown.add_task("building", total=total)
        for batch in build_batches(
            order.data, source, data_type, spans, order.profiles, unread=outcome.unread
        ):
            outcome.trades += batch.trades
            outcome.bars += batch.bars.num_rows
            shown.update(task, advance=batch.trades, description=f"building {batch.symbol}")
            if batch.bars.num_rows:
                yield batch.symbol, batch.bars
        shown.update(task, completed=outcome.trades, total=outcome.trades)
    if not outcome.trades:
        raise Failed(_nothing(order, outcome.unread))


def _nothing(order: Order, unread: Sequence[Path]) -> str:
    """Say that no trade was found, and what may be the reason."""
    parts = [f"no {order.origin.data_type} of {words(order.symbols)}"]
    if order.span != Span():
        parts.append(" between --from and --to")
    if unread:
        parts.append(f"; not read, as torn or not ours: {words([str(path) for path in unread])}")
    return "".join(parts)


def _stored(order: Order, config: Config, draft: "Draft", found: "Sequence[Compared]") -> int:
    from argus.daemon.bulk.storing import plan, store
    from argus.storage.disk import LocalDisk
    from argus.telemetry import Telemetry

    wanted = plan(found, is_cold=order.span.ts_from is not None, ts_until=order.span.ts_until)
    generation = secrets.token_hex(8)
    written, merged = store(
        order.data,
        order.origin.source,
        draft,
        wanted,
        generation=generation,
        disk=LocalDisk(generation),
        report=Telemetry(SystemClock()),
        rows_max=config.storage.flush_rows_max,
    )
    if merged.failures:
        raise Failed(
            f"{amount(written)} bars are written, but {amount(merged.failures)} date files could "
            "not be merged; nothing is lost: `argus flush` tries it again"
        )
    return written


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {**asdict(outcome), "unread": [str(path) for path in outcome.unread]}


def _shown(outcome: Outcome, order: Order, out: Path | None, *, is_compared: bool) -> Any:  # noqa: ANN401 - rich's
    from rich.console import Group

    kind = "trades" if outcome.data_type == "trade" else "aggregated trades"
    head = f"{amount(outcome.bars)} bars of {amount(outcome.trades)} {kind}"
    if order.span.ts_from is not None:
        head += f"; the series begin cold at {instant(order.span.ts_from)}"
    if out is not None:
        return f"{head}; written to {out}"
    rows = [
        (one.symbol, one.profile, amount(one.built), amount(one.stored), _verdict(one, is_compared))
        for one in outcome.series
    ]
    names = ("symbol", "profile", "built", "stored before", "")
    parts: list[Any] = [table(names, rows, right=("built", "stored before"))] if rows else []
    parts += [_difference(one) for one in outcome.differences]
    some = {one.profile for one in outcome.series}
    if none := [profile.name for profile in order.profiles if profile.name not in some]:
        head += f", none of {words(none)}"
    last = "" if is_compared else f"; {amount(outcome.written)} written into the lake"
    return Group(*parts, head + last)


def _verdict(one: "Compared", is_compared: bool) -> str:  # noqa: FBT001 - one of two words
    if one.is_equal:
        return "equal"
    at = one.differs_from
    if at is None:
        return f"{amount(one.missing)} not stored" if is_compared else f"{amount(one.missing)} new"
    if is_compared:
        return f"{amount(one.missing + one.changed)} differ, from bar {at} on"
    return f"built anew from bar {at} on, revision {one.revision + 1}"


def _difference(one: "Difference") -> str:
    at = f"{one.symbol} {one.profile} bar {one.sequence}"
    if not one.field:
        return f"{at} is not stored"
    return f"{at}: {one.field} is {one.stored} stored, {one.built} built"
