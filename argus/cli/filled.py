"""Shell. What a backfill would ask for, and what came of it, as a person reads it."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from argus.cli.output import table
from argus.cli.words import amount, instant, span
from argus.config import Config
from argus.daemon.outcome import Outcome
from argus.network.sources import SOURCES


def _range(outcome: Outcome) -> str:
    if outcome.first is None or outcome.last is None:
        return ""
    history = SOURCES[outcome.source].rest.history(outcome.data_type)
    is_id = outcome.wanted > 0 and history is not None and not history.is_timed
    first, last = outcome.first, outcome.last
    return f"{first}-{last}" if is_id else f"{instant(first)} - {instant(last)}"


def plan(outcomes: list[Outcome], config: Config) -> RenderableType:
    """Return what would be asked for, what it costs and how long it takes at least."""
    wanted = [o for o in outcomes if o.pages]
    left_out = [o for o in outcomes if o.why]
    if not wanted and not left_out:
        return "nothing to do: nothing that can be asked for is missing"
    columns = ("source", "data type", "symbol", "range", "missing", "requests", "weight")
    rows = [
        (o.source, o.data_type, o.symbol, _range(o), *map(amount, (o.missing, o.pages, o.weight)))
        for o in wanted
    ]
    parts: list[RenderableType] = []
    if rows:
        parts.append(table(columns, rows, title="would be asked for", right=columns[4:]))
        sources = dict.fromkeys(o.source for o in wanted)
        parts += [_duration(name, wanted, config) for name in sources]
    return Group(*parts, *_reasons(left_out))


def _duration(source: str, outcomes: list[Outcome], config: Config) -> Text:
    weight = sum(o.weight for o in outcomes if o.source == source)
    per_minute = SOURCES[source].limits.rest_weight.value * config.backfill.weight_share
    return Text(
        f"{source}: weight {amount(weight)} of {amount(per_minute)} a minute that backfills may "
        f"use; at least {span(max(0.0, 60 * (weight / per_minute - 1)))}"
    )


def result(outcomes: list[Outcome]) -> RenderableType:
    """Return what was filled, and why the rest was not."""
    if not outcomes:
        return "nothing to do: no gap is open"
    columns = ("source", "data type", "symbol", "range", "wanted", "filled", "missing")
    shown = [o for o in outcomes if o.filled or (o.missing and not o.why)]
    rows = [
        (o.source, o.data_type, o.symbol, _range(o), *map(amount, (o.wanted, o.filled, o.missing)))
        for o in shown
    ]
    filled = sum(o.filled for o in outcomes)
    closed = sum(o.is_gap and not o.missing and not o.why for o in outcomes)
    summary = f"{amount(filled)} facts filled"
    if any(o.is_gap for o in outcomes):
        summary += f"; {amount(closed)} of {amount(len(outcomes))} gaps closed"
    if not filled and not any(o.why for o in outcomes):
        summary = "nothing to do: everything that is asked for is there"
    parts: list[RenderableType] = [table(columns, rows, right=columns[4:])] if rows else []
    return Group(*parts, *_reasons([o for o in outcomes if o.why]), Text(summary))


def _reasons(outcomes: Iterable[Outcome]) -> list[Text]:
    """Return why something is missing, once for each data type of a source."""
    found: dict[tuple[str, str, str], int] = {}
    for o in outcomes:
        key = (o.source, o.data_type, o.why)
        found[key] = found.get(key, 0) + 1
    return [
        Text(f"{source} {data_type}, left as found ({amount(count)}): {why}")
        for (source, data_type, why), count in found.items()
    ]
