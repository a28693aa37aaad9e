"""Lakes with trades of a market that was made up, and what their bars have to be."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from argus.bars import Bars, Profile, Series, Trades, profile
from argus.daemon.bulk.building import build
from argus.events import Origin, Side, Trade
from argus.lake.span import ALL
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig

PROFILES = (
    profile("10s"),
    Profile.of("ticks", "tick", size=7),
    profile("tib_small", expected_ticks_initial=6.0),
    Profile.of("runs", "volume_run", expected_ticks_initial=5.0, ticks_max=40.0),
    profile("vpin", bucket_size=500.0, buckets=3, sigma_window=2),
)


def market(count: int, *, first: int = 1, seed: int = 1, begin: int = MIDNIGHT) -> list[Trade]:
    """Trades about a second apart; every hundredth or so is missing."""
    draws = np.random.default_rng(seed)
    found, price, ts, number = [], 100.0, begin, first
    for _ in range(count):
        ts += int(draws.exponential(SECOND))
        number += 1 if draws.random() > 0.01 else 3
        price = round(price + draws.choice([-0.1, 0.0, 0.1]), 1)
        size = round(float(draws.lognormal(0, 1)), 3) + 0.001
        side = Side.BUY if draws.random() < 0.55 else Side.SELL
        found.append(Trade(ts, ts + 7, Origin.LIVE, number, price, size, side, None))
    return found


def recorder(data: Path, generation: str = "g1") -> Rig:
    made = Rig(data, generation)
    made.flusher.bump_all(generation)
    return made


def record(data: Path, facts: list[Trade], *, symbol: str = "A", parts: int = 3) -> Rig:
    """Record trades: some merged, some not."""
    made = recorder(data)
    for part in np.array_split(np.arange(len(facts)), parts):
        made.chunk({symbol: [facts[i] for i in part]})
        if part[0] == 0:
            made.flusher.flush_all()
            made.flusher.bump_all("g1")
    return made


def whole(bars: Bars) -> pa.Table:
    """Bars in one order, whoever built them in which batches."""
    return sorted_bars(bars.table())


def sorted_bars(table: pa.Table) -> pa.Table:
    plain = table.set_column(
        table.schema.get_field_index("profile"), "profile", table["profile"].cast(pa.string())
    )
    return plain.sort_by([("profile", "ascending"), ("sequence", "ascending")])


def at_once(facts: list[Trade], profiles=PROFILES) -> pa.Table:
    """What one series gives that is fed with all trades in one go."""
    return whole(Series(profiles).feed(Trades.of(facts)))


def built(
    data: Path, *, symbol: str = "A", span=ALL, rows_max: int = 100, profiles=PROFILES
) -> pa.Table:
    parts = build(data, SOURCE, "trade", {symbol: span}, profiles, rows_max=rows_max)
    return sorted_bars(pa.concat_tables([part.bars for part in parts]))
