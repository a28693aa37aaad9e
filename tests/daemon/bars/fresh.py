"""Bars of a lake held against bars built in one go from the lake's trades."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from argus.bars import NAMES, Profile, Rule, Series, Trades
from argus.bars.rows import ROW
from argus.config.bars import BarsConfig, type_of_parameters
from argus.daemon.bars.profiles import profiles_of
from argus.daemon.bars.told import digests, rows_of, type_of_rows
from argus.lake.bars import stored_bars
from argus.lake.span import ALL
from argus.lake.trades import trades

SMALL: dict[str, type_of_parameters] = {
    "ticks": {"rule": "tick", "size": 7},
    "volumes": {"rule": "volume", "size": 1.5},
    "dollars": {"rule": "dollar", "size": 40_000},
    "tib": {"rule": "tick_imbalance", "expected_ticks_initial": 10, "warm_up": True},
    "runs": {"rule": "tick_run", "expected_ticks_initial": 5},
    "bucket": {"rule": "vpin", "bucket_size": 9_000, "buckets": 5, "sigma_window": 3},
    "every": {"rule": "time", "interval": "1s", "empty": True},
}
"""Own profiles that close many bars in a few seconds of a simulated market."""


def built(
    data: Path, source: str, symbol: str, of: str, profiles: Sequence[Profile]
) -> tuple[Series, type_of_rows]:
    """Feed a series with all trades there are; return it and the bars that it closed."""
    series = Series(profiles)
    parts = [np.empty(0, ROW)]
    for _, table in trades(data, source, of, {symbol: ALL}):
        parts.append(series.feed(Trades.of_table(table)).rows)
    return series, np.concatenate(parts)


def differing(
    data: Path, source: str, symbols: Sequence[str], profiles: Sequence[Profile], of: str = "trade"
) -> list[str]:
    """Say where the bars that count differ from those of a fresh build.

    Time bars of a silence, which no trade has closed, may be there; as they stand. A series that
    has no bar any more is passed over: its old ones are put aside with its first one (`bars.md`).
    """
    wrong = []
    for symbol in symbols:
        series, rows = built(data, source, symbol, of, profiles)
        assert series.last_trade_id is not None, f"no {of} of {symbol} in {data}"
        for at, profile in enumerate(profiles):
            found = rows_of(stored_bars(data, source, symbol, profile.name))
            wanted = rows[rows["profile"] == at]
            if not len(wanted) and profile.rule is not Rule.TIME:
                continue
            more = found[len(wanted) :]
            if len(more):
                ahead = series.pending(int(more["ts_last"].max()) + 86_400 * 10**9).rows
                wanted = np.concatenate([wanted, ahead[ahead["profile"] == at][: len(more)]])
            told = _difference(wanted, found)
            if told:
                wrong.append(f"{source} {symbol} {profile.name}: {told}")
    return wrong


def _difference(wanted: type_of_rows, found: type_of_rows) -> str:
    if found["sequence"].tolist() != wanted["sequence"].tolist():
        numbers = wanted["sequence"].tolist()[-3:], found["sequence"].tolist()[-3:]
        return f"{len(found)} bars, expected {len(wanted)}: the last are {numbers[1]}, {numbers[0]}"
    others = np.flatnonzero(digests(wanted) != digests(found)).tolist()
    if not others:
        return ""
    one, other = wanted[others[0]], found[others[0]]
    fields = [
        f"{name} {other[name]}, expected {one[name]}"
        for name in ROW.names or ()
        if name not in {"profile", "revision", "ts_recv"}
        and not np.array_equal(one[name], other[name], equal_nan=True)
    ]
    return f"bar {others[0] + 1} of {len(wanted)}: {fields}"


def revisions(data: Path, source: str, symbol: str, profile: str) -> list[int]:
    """The revisions of the bars that count."""
    found: list[int] = stored_bars(data, source, symbol, profile)["revision"].to_pylist()
    return found


DEFAULTS = ("1s", "1m", *NAMES)
BARS = BarsConfig(profiles=(*DEFAULTS, *SMALL), own=SMALL, grace_s=0.5)
PROFILES = profiles_of(BARS)
TOML = f"[bars]\nprofiles = {list(BARS.profiles)}\ngrace_s = {BARS.grace_s}\n" + "".join(
    f"[bars.profile.{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items())
    for name, keys in SMALL.items()
)
