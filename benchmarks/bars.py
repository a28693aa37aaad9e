"""Shell. What building bars costs: in bulk beside mlfinpy, and trade by trade.

    python -m benchmarks.bars                      # ten million trades, three rounds
    python -m benchmarks.bars --trades 1000000 --rounds 1

All contestants get the same seeded trades; mlfinpy, which would take minutes, a prefix of them.
What counts is CPU time per trade of a single core. In each round everyone has a turn, so that a
slow minute of the machine meets all; ratios are taken within a round.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from argus.bars import NAMES, Profile, Series, Trades, profile
from argus.bars.warm import compile_all
from argus.events import Trade
from argus.terms import Origin, Side
from benchmarks.environments import MLFINPY, python_of

SCRIPT = Path(__file__).parent / "contestants" / "mlfinpy_bars.py"
GIVEN = {
    "expected_ticks_initial": 1000.0,
    "num_prev_bars": 3,
    "imbalance_span": 10_000,
    "ticks_min": 500.0,
    "ticks_max": 2000.0,
}
RULES = [f"{unit}_{kind}" for kind in ("imbalance", "run") for unit in ("tick", "volume", "dollar")]
OTHERS = [
    *(profile(name) for name in (*NAMES, "1s", "1m")),
    Profile.of("tick", "tick", size=1000),
    Profile.of("volume", "volume", size=500),
    Profile.of("dollar", "dollar", size=50_000),
    Profile.of("vpin_afml", "vpin", bucket_size=50_000),
]
STREAMED = [profile(name) for name in (*NAMES, "1s", "1m")]
BATCHES = (1, 5, 50)


def trades_of(count: int, seed: int = 7) -> Trades:
    """Return trades with a price that walks, sizes of many orders, and ids without a hole."""
    rng = np.random.default_rng(seed)
    side = rng.choice(np.array([-1, 1], np.int8), count, p=[0.48, 0.52])
    moves = np.where(rng.random(count) < 0.5, side * 0.01, 0.0)
    price = np.round(100 + np.abs(np.cumsum(moves)), 2)
    size = np.round(rng.exponential(0.5, count) + 0.001, 6)
    ts = 1_700_000_000_000_000_000 + np.cumsum(rng.integers(0, 20_000_000, count))
    return Trades(price, size, side, ts, ts + 1_000_000, np.arange(1, count + 1))


def bulk(trades: Trades, chosen: Profile) -> tuple[float, int]:
    """Return CPU nanoseconds a trade, and the number of bars."""
    series = Series([chosen])
    begun = time.process_time_ns()
    built = series.feed(trades)
    return (time.process_time_ns() - begun) / len(trades), len(built)


def mlfinpy(path: Path, count: int, rule: str) -> tuple[float, int]:
    """Return the same of mlfinpy."""
    command = [str(python_of(MLFINPY)), str(SCRIPT), str(path), str(count), rule, json.dumps(GIVEN)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["cpu_s"] * 1e9 / told["trades"], told["bars"]


def streaming(events: list[Trade], batch: int) -> tuple[float, float]:
    """Return CPU microseconds a trade, all default profiles together: all in, and `feed` alone."""
    series = Series(STREAMED)
    begun = time.process_time_ns()
    for at in range(0, len(events), batch):
        series.feed(Trades.of(events[at : at + batch]))
    whole = time.process_time_ns() - begun
    made = [Trades.of(events[at : at + batch]) for at in range(0, len(events), batch)]
    series = Series(STREAMED)
    begun = time.process_time_ns()
    for trades in made:
        series.feed(trades)
    alone = time.process_time_ns() - begun
    return whole / len(events) / 1000, alone / len(events) / 1000


def spread(values: list[float], digits: int) -> str:
    """Write a median with both ends."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main() -> None:
    """Run all rounds and print the tables."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--trades", type=int, default=10_000_000)
    words.add_argument("--prefix", type=int, default=300_000, help="how many of them mlfinpy gets")
    words.add_argument("--rounds", type=int, default=3)
    chosen = words.parse_args()
    compile_all()
    trades = trades_of(chosen.trades)
    events = [
        Trade(ts, ts, Origin.LIVE, n, price, size, Side.BUY if side > 0 else Side.SELL, "MARKET")
        for price, size, side, ts, _, n in zip(
            *(c[:1_000_000].tolist() for c in trades.columns), strict=True
        )
    ]
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    counts: dict[str, tuple[int, int]] = {}
    streamed: dict[int, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trades.npz"
        np.savez(path, **{name: getattr(trades, name) for name in ("price", "size", "ts_event")})
        for _ in range(chosen.rounds):
            for rule in RULES:
                afml = Profile.of(rule, rule, "afml", warm_up=True, **GIVEN)
                cost, bars = bulk(trades, afml)
                cost_theirs, bars_theirs = mlfinpy(path, chosen.prefix, rule)
                ours.setdefault(rule, []).append(cost)
                theirs.setdefault(rule, []).append(cost_theirs)
                counts[rule] = bars, bars_theirs
            for one in OTHERS:
                cost, bars = bulk(trades, one)
                ours.setdefault(one.name, []).append(cost)
                counts[one.name] = bars, 0
            for batch in BATCHES:
                few = events[: 20_000 * batch]
                streamed.setdefault(batch, []).append(streaming(few, batch))
    print("| rule | ns a trade | million trades/s | bars | mlfinpy, ns a trade | ratio |")
    print("|---|---|---|---|---|---|")
    for name, costs in ours.items():
        line = f"| {name} | {spread(costs, 1)} | {1000 / median(costs):.0f} | {counts[name][0]} |"
        if name in theirs:
            ratios = [b / a for a, b in zip(costs, theirs[name], strict=True)]
            line += f" {spread(theirs[name], 0)} | {spread(ratios, 0)} |"
        else:
            line += " | |"
        print(line)
    print("\n| batch | µs a trade, events to bars | `feed` alone |\n|---|---|---|")
    for batch, pairs in streamed.items():
        whole, alone = ([pair[k] for pair in pairs] for k in (0, 1))
        print(f"| {batch} | {spread(whole, 2)} | {spread(alone, 2)} |")


if __name__ == "__main__":
    main()
