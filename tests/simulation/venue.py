"""A light venue that keeps the truth: what it says of a few symbols, in Binance's own words.

Facts come in bursts. Trades and their aggregates are numbered without a hole, best bids and offers
rise with holes, diffs of a book cover ranges (spot) or name the diff before (USD-M). What a venue
says while a symbol is not listed is nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from argus.errors import Refused
from argus.simulator import payloads_spot, payloads_usdm
from argus.simulator.payloads import Dialect

STREAMS = {
    "trade": "trade",
    "agg_trade": "aggTrade",
    "bbo": "bookTicker",
    "book_delta": "depth@100ms",
}
"""Data type -> what follows the symbol in the name of a stream."""

DATA_TYPES = {suffix: data_type for data_type, suffix in STREAMS.items()}
DIALECTS: dict[str, Dialect] = {"binance_spot": payloads_spot, "binance_usdm": payloads_usdm}
MILLISECOND_NS = 1_000_000
PRICES = [f"{100 + n / 4:.2f}" for n in range(40)]
SIZES = [f"{n / 8:.3f}" for n in range(1, 40)]
AGGREGATE = ("a", "p", "q", "nq", "f", "l", "T", "m", "M")
LEVELS = [f'["{price}","{size}"]' for price, size in zip(PRICES, SIZES, strict=False)]


class Listener(Protocol):
    """A connection that has subscribed to streams."""

    def hear(self, stream: str, number: int, frame: bytes) -> None:
        """Take one frame of a stream, the venue's `number`-th."""
        ...


@dataclass(slots=True)
class Told:
    """Everything a venue said of one symbol and data type.

    Attributes:
        payloads: in their order.
        instants: the venue's time of each, UTC nanoseconds.
        begins: where each listing of the symbol begins.
    """

    payloads: list[bytes] = field(default_factory=list)
    instants: list[int] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Symbol:
    """One symbol of a venue and where its numbers stand."""

    name: str
    is_listed: bool = True
    trade_id: int = 1000
    agg_trade_id: int = 500
    update_id: int = 10_000
    book_id: int = 10_000


class Venue:
    """One source as its recorder sees it.

    Args:
        source: `binance_spot` or `binance_usdm`.
        symbols: which are listed from the beginning.
        random: draws what happens.
        now_ns: the true time.
        data_types: what it says.

    Attributes:
        told: the truth, by data type and symbol.
        lose: whether to keep a fact from everybody, though it counts as said (a planted fault).
    """

    def __init__(
        self,
        source: str,
        symbols: list[str],
        *,
        random: Random,
        now_ns: Callable[[], int],
        data_types: tuple[str, ...] = tuple(STREAMS),
    ) -> None:
        self.source = source
        self.symbols = {name: Symbol(name) for name in symbols}
        self.told = {(d, s): Told(begins=[0]) for s in symbols for d in data_types}
        self.data_types = data_types
        self.lose: Callable[[str, str, int], bool] = lambda _data_type, _symbol, _number: False
        self.snapshots: dict[str, list[bytes]] = {}
        self._dialect = DIALECTS[source]
        self._random = random
        self._now_ns = now_ns
        self._ts_last = 0
        self._listeners: dict[str, list[Listener]] = {}

    # --- listing ---------------------------------------------------------------------------------

    def list_symbol(self, name: str) -> None:
        """List a symbol, new or again."""
        if name not in self.symbols:
            self.symbols[name] = Symbol(name)
            self.told |= {(d, name): Told() for d in self.data_types}
        self.symbols[name].is_listed = True
        for data_type in self.data_types:
            told = self.told[data_type, name]
            told.begins.append(len(told.payloads))

    def delist(self, name: str) -> None:
        """Say nothing more of a symbol."""
        self.symbols[name].is_listed = False

    def said_on(self, stream: str) -> Told:
        """Return what was said on a stream."""
        symbol, _, suffix = stream.partition("@")
        return self.told[DATA_TYPES[suffix], symbol.upper()]

    @property
    def listed(self) -> list[str]:
        """Return what is listed."""
        return [s.name for s in self.symbols.values() if s.is_listed]

    # --- what is said ----------------------------------------------------------------------------

    def subscribe(self, stream: str, listener: Listener) -> None:
        """Have a connection hear a stream from now on."""
        self._listeners.setdefault(stream, []).append(listener)

    def unsubscribe(self, stream: str, listener: Listener) -> None:
        """Have a connection hear a stream no more."""
        if listener in (listeners := self._listeners.get(stream, [])):
            listeners.remove(listener)

    def burst(self, facts: int) -> None:
        """Say so many things at once."""
        listed = self.listed
        for _ in range(facts if listed else 0):
            symbol = self.symbols[self._random.choice(listed)]
            for data_type, payload in self._happening(symbol):
                if data_type in self.data_types:
                    self._say(data_type, symbol.name, payload)

    def _happening(self, symbol: Symbol) -> Iterator[tuple[str, bytes]]:
        draw = self._random.random()
        if draw < 0.4:
            yield from self._trades(symbol)
        elif draw < 0.7:
            yield "bbo", self._bbo(symbol)
        else:
            yield "book_delta", self._delta(symbol)

    def _time(self) -> int:
        """Return the time in the venue's unit; no two things happen at the same."""
        unit = self._dialect.TIME_UNIT_NS
        self._ts_last = max(self._now_ns() // unit, self._ts_last + 1)
        return self._ts_last

    def _trades(self, symbol: Symbol) -> Iterator[tuple[str, bytes]]:
        random, first = self._random, symbol.trade_id + 1
        price, size, time = random.choice(PRICES), random.choice(SIZES), self._time()
        maker = random.choice(("true", "false"))
        for _ in range(random.choice((1, 1, 2))):
            symbol.trade_id += 1
            yield (
                "trade",
                self._dialect.trade(
                    *(symbol.name, time, symbol.trade_id, price, size, time, maker, "MARKET")
                ),
            )
        symbol.agg_trade_id += 1
        ids = (symbol.agg_trade_id, price, size, size, first, symbol.trade_id)
        yield "agg_trade", self._dialect.agg_trade(symbol.name, time, *ids, time, maker)

    def _bbo(self, symbol: Symbol) -> bytes:
        random = self._random
        symbol.update_id += random.randint(1, 9)
        amounts = [random.choice(texts) for texts in (PRICES, SIZES, PRICES, SIZES)]
        return self._dialect.book_ticker(symbol.name, self._time(), symbol.update_id, *amounts)

    def _delta(self, symbol: Symbol) -> bytes:
        random, before = self._random, symbol.book_id
        first = before + 1
        if self.source == "binance_usdm":
            first += random.randint(0, 3)
        symbol.book_id = first + random.randint(0, 5)
        bids, asks = random.choice(LEVELS), random.choice(LEVELS)
        ids = (first, symbol.book_id, before)
        return self._dialect.depth(symbol.name, self._time(), *ids, bids, asks)

    def _say(self, data_type: str, symbol: str, payload: bytes) -> None:
        told = self.told[data_type, symbol]
        number = len(told.payloads)
        told.payloads.append(payload)
        told.instants.append(self._ts_last * self._dialect.TIME_UNIT_NS)
        if self.lose(data_type, symbol, number):
            return
        stream = f"{symbol.lower()}@{STREAMS[data_type]}"
        frame = b'{"stream":"%s","data":%s}' % (stream.encode(), payload)
        for listener in self._listeners.get(stream, ()):
            listener.hear(stream, number, frame)

    # --- what is asked ---------------------------------------------------------------------------

    def answer(self, path: str) -> bytes:
        """Answer a REST request.

        Raises:
            Refused: there is no such thing to be asked.
        """
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        what = parts.path.rpartition("/")[2]
        match what:
            case "exchangeInfo":
                return json.dumps({"symbols": [_definition(name) for name in self.listed]}).encode()
            case "depth" if asked["symbol"] in self.symbols:
                return self._snapshot(self.symbols[asked["symbol"]])
            case "historicalTrades" | "aggTrades" if asked["symbol"] in self.symbols:
                return self._history(what, asked)
            case "time":
                return json.dumps({"serverTime": self._now_ns() // 1_000_000}).encode()
            case _:
                raise Refused(path, 400, '{"code":-1121,"msg":"Invalid symbol."}')

    def _snapshot(self, symbol: Symbol) -> bytes:
        time = self._now_ns() // self._dialect.TIME_UNIT_NS
        answer = self._dialect.snapshot(time, symbol.book_id, LEVELS[0], LEVELS[9])
        self.snapshots.setdefault(symbol.name, []).append(answer)
        return answer

    def _history(self, what: str, asked: dict[str, str]) -> bytes:
        """Return trades or aggregates from an id or an instant on, or the latest."""
        data_type, key = ("trade", "t") if what == "historicalTrades" else ("agg_trade", "a")
        said = [json.loads(p) for p in self.told[data_type, asked["symbol"]].payloads]
        limit = int(asked.get("limit", "500"))
        if "fromId" in asked:
            said = [s for s in said if s[key] >= int(asked["fromId"])]
        elif "startTime" in asked:
            unit = MILLISECOND_NS // self._dialect.TIME_UNIT_NS
            said = [s for s in said if s["T"] // unit >= int(asked["startTime"])]
        else:
            said = said[-limit:]
        row = _trade_of_history if key == "t" else _aggregate
        return json.dumps([row(s) for s in said[:limit]]).encode()


def _trade_of_history(said: dict[str, object]) -> dict[str, object]:
    names = {"id": "t", "price": "p", "qty": "q", "time": "T", "isBuyerMaker": "m"}
    return {name: said[letter] for name, letter in names.items()} | {"isBestMatch": True}


def _aggregate(said: dict[str, object]) -> dict[str, object]:
    return {
        name: said[name] for name in ("a", "p", "q", "nq", "f", "l", "T", "m", "M") if name in said
    }


def _definition(name: str) -> dict[str, object]:
    return {
        "symbol": name,
        "status": "TRADING",
        "contractType": "PERPETUAL",
        "baseAsset": name.removesuffix("USDT"),
        "quoteAsset": "USDT",
        "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.01"}],
    }
