"""Pure. REST rows made of the payloads that went over the sockets, so that both say the same."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from argus.simulator.streams import Fact, Source

_MICROSECONDS_FROM = 10**15  # an instant at or above this is in microseconds


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows are asked for: from an id, or between instants (ms, inclusive), or the latest."""

    limit: int
    from_id: int | None = None
    ts_start_ms: int | None = None
    ts_end_ms: int | None = None


def milliseconds(instant: int) -> int:
    """Return an instant of a payload, whatever its unit, in milliseconds."""
    return instant // 1000 if instant >= _MICROSECONDS_FROM else instant


def chosen_trades(facts: Iterable[Fact], wish: Wish) -> list[dict[str, object]]:
    """Return the payloads of the trades or aggTrades that are asked for, in order."""
    held = list(facts)
    if wish.from_id is not None:
        first = bisect_left(held, wish.from_id, key=_id)
        return _payloads(held[first : first + wish.limit])
    if wish.ts_start_ms is None and wish.ts_end_ms is None:
        return _payloads(held[-wish.limit :])
    first = 0 if wish.ts_start_ms is None else bisect_left(held, wish.ts_start_ms, key=_traded_ms)
    last = (
        len(held) if wish.ts_end_ms is None else bisect_right(held, wish.ts_end_ms, key=_traded_ms)
    )
    if wish.ts_start_ms is None:
        first = max(first, last - wish.limit)
    return _payloads(held[first : min(last, first + wish.limit)])


def last_payload(facts: Sequence[Fact]) -> list[dict[str, object]]:
    """Return the payload of the latest fact, nothing if there is none."""
    return _payloads([facts[-1]]) if facts else []


def trade_rows(
    source: Source, payloads: Iterable[dict[str, object]], *, is_micro: bool
) -> list[dict[str, object]]:
    """Return the rows of `trades` and `historicalTrades`."""
    rows = []
    for trade in payloads:
        row: dict[str, object] = {
            "id": trade["t"],
            "price": trade["p"],
            "qty": trade["q"],
            "quoteQty": _quote_text(source, str(trade["p"]), str(trade["q"])),
            "time": _instant(trade["T"], is_micro=is_micro),
            "isBuyerMaker": trade["m"],
        }
        if source is Source.BINANCE_SPOT:
            row["isBestMatch"] = True
        rows.append(row)
    return rows


def agg_trade_rows(
    payloads: Iterable[dict[str, object]], *, is_micro: bool
) -> list[dict[str, object]]:
    """Return the rows of `aggTrades`."""
    kept = ("a", "p", "q", "nq", "f", "l", "T", "m", "M")
    return [
        {name: trade[name] for name in kept if name in trade}
        | {"T": _instant(trade["T"], is_micro=is_micro)}
        for trade in payloads
    ]


def kline_rows(facts: Iterable[Fact], wish: Wish, *, is_micro: bool) -> list[list[object]]:
    """Return the rows of `klines`: every closed bar, and the one in the making."""
    held = list(facts)
    final = [fact for n, fact in enumerate(held, 1) if n == len(held) or b'"x":true' in fact[3]]
    bars = [bar for bar in (_bar(payload) for payload in _payloads(final)) if _is_asked(bar, wish)]
    bars = bars[-wish.limit :] if wish.ts_start_ms is None else bars[: wish.limit]
    return [_kline_row(bar, is_micro=is_micro) for bar in bars]


def _bar(payload: dict[str, object]) -> dict[str, object]:
    bar = payload["k"]
    assert isinstance(bar, dict)
    return bar


def _is_asked(bar: dict[str, object], wish: Wish) -> bool:
    opened = milliseconds(int(str(bar["t"])))
    return (wish.ts_start_ms or 0) <= opened and (
        wish.ts_end_ms is None or opened <= wish.ts_end_ms
    )


def _kline_row(bar: dict[str, object], *, is_micro: bool) -> list[object]:
    return [
        _instant(bar["t"], is_micro=is_micro),
        *(bar[name] for name in "ohlcv"),
        _instant(bar["T"], is_micro=is_micro),
        *(bar[name] for name in "qnVQB"),
    ]


def _payloads(facts: Iterable[Fact]) -> list[dict[str, object]]:
    return [json.loads(fact[3]) for fact in facts]


def _id(fact: Fact) -> int:
    return fact[2]


def _traded_ms(fact: Fact) -> int:
    """Return the instant of a trade without reading all of its payload."""
    text = fact[3].partition(b'"T":')[2][:16]
    digits = text.partition(b",")[0].partition(b"}")[0]
    return milliseconds(int(digits))


def _instant(value: object, *, is_micro: bool) -> int:
    instant = int(str(value))
    in_micro = instant if instant >= _MICROSECONDS_FROM else instant * 1000
    return in_micro if is_micro else in_micro // 1000


def _quote_text(source: Source, price: str, size: str) -> str:
    product = Decimal(price) * Decimal(size)
    return f"{product:.8f}" if source is Source.BINANCE_SPOT else f"{product:f}"
