"""Pure. What the dimensions should hold, and what has to be done to what they do hold.

Raven's own seeding deleted what its writers still used (`1m` was seeded, `kline_1m` written; coins
of the spot market were not seeded at all). Here both take their names from the same functions, and
what any row uses is never deleted, whoever wrote it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from argus.bars.sinks.postgres.splitting import pair
from argus.bars.sinks.postgres.tables import DIMENSIONS, interval_of_kline
from argus.config.schema import Config, SymbolRule
from argus.config.stores import exchange_of


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of an instrument."""

    source: str
    symbol: str
    base: str
    quote: str
    status: str
    contract_type: str | None


@dataclass(frozen=True, slots=True)
class Present:
    """A row of a dimension: its text, whether it is deleted softly, and whether a fact uses it."""

    text: str
    is_deleted: bool
    is_used: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a dimension: texts to add, to take back, and to delete softly, sorted."""

    added: tuple[str, ...]
    revived: tuple[str, ...]
    deleted: tuple[str, ...]


def wanted(config: Config, instruments: Iterable[Listed]) -> Mapping[str, frozenset[str]]:
    """Return what the configuration wants each dimension to hold.

    Args:
        config: sources with their symbols and candles, and profiles.
        instruments: what is known of the sources' instruments.
    """
    listed = list(instruments)
    pairs = {p for name in config.sources for p in _pairs(config, name, listed)}
    lengths = {
        interval_of_kline(length)
        for source in config.sources.values()
        if "kline" in source.data_types
        for length in source.kline_intervals
    }
    profiles = {*config.bars.profiles, *config.bars.own, *config.timescale.profiles}
    found = {
        "dim__coin": {coin for coin, _ in pairs},
        "dim__quote": {quote for _, quote in pairs},
        "dim__exchange": {exchange_of(name) for name in config.sources},
        "dim__interval": lengths | profiles,
    }
    assert found.keys() == DIMENSIONS.keys()
    return {table: frozenset(texts) for table, texts in found.items()}


def _pairs(config: Config, name: str, listed: list[Listed]) -> set[tuple[str, str]]:
    symbols = config.sources[name].symbols
    known = {i.symbol: i for i in listed if i.source == name}
    if isinstance(symbols, SymbolRule):
        chosen = [s for s, i in known.items() if _matches(symbols, i)]
    else:
        chosen = list(symbols)
    return {pair(s, (known[s].base, known[s].quote) if s in known else None) for s in chosen}


def _matches(rule: SymbolRule, found: Listed) -> bool:
    return rule.matches(
        base=found.base,
        quote=found.quote,
        status=found.status,
        contract_type=found.contract_type,
    )


def change(present: Collection[Present], texts: Collection[str]) -> Change:
    """Return what makes a dimension hold what is wanted, and all that is used.

    Args:
        present: its rows.
        texts: what is wanted.
    """
    there = {row.text for row in present}
    needed = {row.text: row.is_used or row.text in texts for row in present}
    return Change(
        added=tuple(sorted(set(texts) - there)),
        revived=tuple(sorted(r.text for r in present if r.is_deleted and needed[r.text])),
        deleted=tuple(sorted(r.text for r in present if not r.is_deleted and not needed[r.text])),
    )
