"""Compares a lake with what the simulated venue truly produced: in order, by value.

The mapping from the venue's payloads to rows is written here once more, on purpose: it shares no
code with the decoders that it checks.
"""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from argus.simulator.truth import Truth

SIDES = {False: "buy", True: "sell"}


def ns(time: int) -> int:
    """Milliseconds or microseconds to nanoseconds."""
    return time * 1_000_000 if time < 10**14 else time * 1000


def levels(pairs: list[list[str]]) -> list[tuple[float, float]]:
    return [(float(price), float(size)) for price, size in pairs]


def trade(w: dict[str, Any]) -> tuple[Any, ...]:
    return (w["t"], ns(w["T"]), float(w["p"]), float(w["q"]), SIDES[w["m"]], w.get("X"))


def agg_trade(w: dict[str, Any]) -> tuple[Any, ...]:
    nq = None if w.get("nq") is None else float(w["nq"])
    return (
        *(w["a"], ns(w["T"]), float(w["p"]), float(w["q"]), SIDES[w["m"]], w["f"], w["l"]),
        nq,
    )


def bbo(w: dict[str, Any]) -> tuple[Any, ...]:
    time = ns(w["T"]) if "T" in w else None
    return (w["u"], time, float(w["b"]), float(w["B"]), float(w["a"]), float(w["A"]))


def book_delta(w: dict[str, Any]) -> tuple[Any, ...]:
    time = ns(w.get("T", w["E"]))
    return (w["u"], w["U"], w.get("pu"), time, levels(w["b"]), levels(w["a"]))


def kline(w: dict[str, Any]) -> tuple[Any, ...]:
    k = w["k"]
    return (
        *(ns(k["t"]), k["n"], k["x"], k["i"], ns(k["T"])),
        *(float(k[name]) for name in "ohlcvqVQ"),
    )


def mark_price(w: dict[str, Any]) -> tuple[Any, ...]:
    rate = float(w["r"]) if w["r"] else None
    return (ns(w["E"]), float(w["p"]), float(w["i"]), rate, ns(w["T"]), float(w["P"]))


def liquidation(w: dict[str, Any]) -> tuple[Any, ...]:
    o = w["o"]
    numbers = (float(o["p"]), float(o["ap"]), float(o["q"]), float(o["z"]))
    return (ns(o["T"]), {"BUY": "buy", "SELL": "sell"}[o["S"]], *numbers, o["o"], o["X"])


@dataclass(frozen=True)
class Kind:
    """How one data type is compared: the venue's stream, the mapping, the columns in its order."""

    stream: str
    mapping: Any
    columns: tuple[str, ...]


SAME_FACT_NS = 500_000_000

KINDS = {
    "trade": Kind("trade", trade, ("trade_id", "ts_event", "price", "size", "side", "trade_type")),
    "agg_trade": Kind(
        "aggTrade",
        agg_trade,
        (
            *("agg_trade_id", "ts_event", "price", "size", "side", "first_trade_id"),
            *("last_trade_id", "size_without_rpi"),
        ),
    ),
    "bbo": Kind(
        "bookTicker",
        bbo,
        ("update_id", "ts_event", "bid_price", "bid_size", "ask_price", "ask_size"),
    ),
    "book_delta": Kind(
        "depth",
        book_delta,
        ("last_update_id", "first_update_id", "previous_update_id", "ts_event", "bids", "asks"),
    ),
    "kline": Kind(
        "kline_1m",
        kline,
        (
            *("ts_open", "trades", "closed", "interval", "ts_close", "open", "high", "low"),
            *("close", "volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume"),
        ),
    ),
    "mark_price": Kind(
        "markPrice",
        mark_price,
        (
            "ts_event",
            "mark_price",
            "index_price",
            "funding_rate",
            "ts_next_funding",
            "settle_price",
        ),
    ),
    "liquidation": Kind(
        "forceOrder",
        liquidation,
        (
            *("ts_event", "side", "price", "average_price", "size", "filled_size"),
            *("order_type", "status"),
        ),
    ),
}


def expected(truth: Truth, data_type: str, symbol: str) -> list[tuple[Any, ...]]:
    """What the venue produced, as rows; an update of a candle that changes nothing is none."""
    kind = KINDS[data_type]
    rows = [kind.mapping(json.loads(p)) for p in truth.payloads(kind.stream, symbol)]
    if data_type != "kline":
        return rows
    return [r for i, r in enumerate(rows) if i == 0 or r[:3] > rows[i - 1][:3]]


def plain(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    values = column.to_pylist()
    if pa.types.is_list(column.type):
        return [[(level["price"], level["size"]) for level in v] for v in values]
    return values


def stored(
    data: Path, source: str, data_type: str, symbol: str, columns: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    """The rows of one path in the lake, file after file, row after row, as they stand there."""
    folder = data / "lake" / f"source={source}" / f"data_type={data_type}" / f"symbol={symbol}"
    files = sorted(folder.glob("year=*/date=*/data.parquet"))
    rows: list[tuple[Any, ...]] = []
    for file in files:
        table = pq.ParquetFile(file).read(columns=list(columns))
        rows += zip(*(plain(table[c]) for c in columns), strict=True)
    return rows


@dataclass
class Verdict:
    """What the comparison found; `wrong` is empty when all is well."""

    facts: int = 0
    lost: int = 0
    paths: int = 0
    gaps: int = 0
    wrong: list[str] = field(default_factory=list)


RARE_FACTS = 3
GAP = ("of_data_type", "ts_from", "ts_until", "first_missing_id", "last_missing_id", "missing")


def check(data: Path, source: str, truth: Truth, data_types: tuple[str, ...]) -> Verdict:
    """Compare every path with the truth, from its first recorded fact to the venue's last.

    A fact may be missing only inside a recorded gap: one that runs exactly from the last fact
    before to the first fact after, and whose ids, where there are ids, name what is missing.
    """
    verdict = Verdict()
    symbols = sorted({symbol for _, symbol, _ in truth.streams()})
    for symbol in symbols:
        gaps = stored(data, source, "gap", symbol, GAP)
        verdict.gaps += len(gaps)
        for data_type in data_types:
            if data_type in KINDS:
                own = [g[1:] for g in gaps if g[0] == data_type]
                _check_path(verdict, data, source, data_type, symbol, truth, own)
    return verdict


def _check_path(  # noqa: C901 one path, one place
    verdict: Verdict,
    data: Path,
    source: str,
    data_type: str,
    symbol: str,
    truth: Truth,
    gaps: list[tuple[Any, ...]],
) -> None:
    name = f"{data_type} {symbol}"
    want = expected(truth, data_type, symbol)
    columns = (*KINDS[data_type].columns, "ts_event", "ts_recv")
    rows = stored(data, source, data_type, symbol, columns)
    found = [r[:-2] for r in rows]
    instants = [r[-1] if r[-2] is None else r[-2] for r in rows]
    verdict.paths += 1
    verdict.facts += len(found)
    if not want:
        return
    if not found:
        if data_type in {"liquidation", "kline"} and len(want) <= RARE_FACTS:
            return  # They may all have come before the subscription: these are rare.
        verdict.wrong.append(f"{name}: nothing recorded of {len(want)}")
        return
    place = {_key(data_type, row): i for i, row in enumerate(want)}
    at = [place.get(_key(data_type, row), -1) for row in found]
    strange = [i for i, row in enumerate(found) if at[i] < 0 or want[at[i]] != row]
    if strange:
        row = found[strange[0]]
        verdict.wrong.append(f"{name}: row {strange[0]} is {row}, no such fact was produced")
        return
    for i, (before, after) in enumerate(pairwise(at)):
        if after <= before:
            verdict.wrong.append(f"{name}: row {i + 1} repeats or is out of order")
            return
        if after > before + 1:
            verdict.lost += after - before - 1
            ends, is_ours = (instants[i], instants[i + 1]), rows[i][-2] is None
            _check_hole(verdict, name, want, before, after, gaps, *ends, is_ours=is_ours)
    missing = len(want) - 1 - at[-1]
    verdict.lost += missing
    if missing and not any(g[0] == instants[-1] for g in gaps):
        verdict.wrong.append(f"{name}: the last {missing} facts are missing")


def _key(data_type: str, row: tuple[Any, ...]) -> Any:
    return row[:3] if data_type == "kline" else row[0]


def _check_hole(
    verdict: Verdict,
    name: str,
    want: list[tuple[Any, ...]],
    before: int,
    after: int,
    gaps: list[tuple[Any, ...]],
    ts_from: int,
    ts_until: int,
    *,
    is_ours: bool,
) -> None:
    # Without a venue time two recorders, as in a hand-over, tell a fact with two times; the lake
    # keeps one of them.
    slack_ns = SAME_FACT_NS if is_ours else 0
    matching = [g for g in gaps if max(abs(g[0] - ts_from), abs(g[1] - ts_until)) <= slack_ns]
    if not matching:
        missing = after - before - 1
        verdict.wrong.append(f"{name}: {missing} facts are missing and no gap says so")
        return
    _, _, first, last, missing = matching[0]
    if missing is not None and name.split(maxsplit=1)[0] in {"trade", "agg_trade"}:
        lost = [row[0] for row in want[before + 1 : after]]
        if (first, last, missing) != (lost[0], lost[-1], len(lost)):
            verdict.wrong.append(
                f"{name}: a gap says {first}-{last} ({missing}), missing is {lost[0]}-{lost[-1]}"
            )


def rows_in(data: Path) -> int:
    """All rows of a lake."""
    files = [str(f) for f in (data / "lake").glob("**/data.parquet")]
    return sum(ds.dataset(f, format="parquet").count_rows() for f in files)
