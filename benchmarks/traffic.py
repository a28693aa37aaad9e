"""Pure. What the venue says: a seeded run of Binance spot messages with ids that chain.

The same seed gives the same prices, sizes and ids to every contestant. Aggregated trades count up
by one per symbol, book tickers have rising update ids, and each depth diff begins where the one
before it ended, so that a contestant that checks for gaps finds none.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

FIRST_TRADE_ID = 1_000_001
FIRST_UPDATE_ID = 5_000_001
MESSAGE_EVERY_US = 100  # venue time between two messages: as if 10,000 came in a second


class Kind(StrEnum):
    """The three streams of the benchmark, named as in Binance's stream names."""

    AGG_TRADE = "aggTrade"
    BOOK_TICKER = "bookTicker"
    DEPTH = "depth@100ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What kind of traffic, how much of it, and from which seed."""

    name: str
    messages: int
    symbols: int = 200
    levels: int = 40
    seed: int = 20_261_120
    shares: tuple[tuple[Kind, int], ...] = ((Kind.AGG_TRADE, 1),)

    def symbol_names(self) -> list[str]:
        """Return the symbols as the venue writes them, the busiest first."""
        return [f"A{n:03d}USDT" for n in range(self.symbols)]

    def streams(self) -> list[str]:
        """Return every stream a contestant has to subscribe."""
        names = [symbol.lower() for symbol in self.symbol_names()]
        return [f"{name}@{kind}" for kind, _ in self.shares for name in names]


def mix(messages: int) -> Profile:
    """Return the realistic mix; aggregated trades stand in for trades (see README)."""
    shares = ((Kind.AGG_TRADE, 45), (Kind.BOOK_TICKER, 47), (Kind.DEPTH, 8))
    return Profile(name="mix", messages=messages, shares=shares)


def agg_trades(messages: int) -> Profile:
    """Return aggregated trades alone: the load on which all contestants do the same work."""
    return Profile(name="agg_trade", messages=messages)


PROFILES = {"mix": mix, "agg_trade": agg_trades}


class Message(NamedTuple):
    """One message as the venue sends it, and what a test has to know of it."""

    stream: str
    kind: Kind
    symbol: str
    identity: int
    payload: bytes


@dataclass(slots=True)
class Market:
    """One symbol while the run is generated: its price in cents and the ids last used."""

    symbol: str
    stream: str
    cents: int
    agg_trade_id: int = FIRST_TRADE_ID - 1
    trade_id: int = 2 * FIRST_TRADE_ID - 1
    update_id: int = FIRST_UPDATE_ID - 1
    depth_id: int = FIRST_UPDATE_ID - 1


def messages(
    profile: Profile, *, ts_start_ms: int, microseconds: bool = False
) -> Iterator[Message]:
    """Yield the run's messages in order; times are in ms, or in us as `timeUnit` asks for."""
    rng = random.Random(profile.seed)
    markets = [
        Market(name, name.lower(), rng.randrange(1_000, 6_000_000))
        for name in profile.symbol_names()
    ]
    # Busy symbols are some twenty times as busy as quiet ones.
    weights = list(accumulate(1 / (rank + 10) for rank in range(profile.symbols)))
    kinds = [kind for kind, _ in profile.shares]
    shares = list(accumulate(share for _, share in profile.shares))
    for n in range(profile.messages):
        market = rng.choices(markets, cum_weights=weights)[0]
        kind = rng.choices(kinds, cum_weights=shares)[0]
        ts_us = ts_start_ms * 1_000 + n * MESSAGE_EVERY_US
        ts = ts_us if microseconds else ts_us // 1_000
        identity, data = WRITERS[kind](market, rng, ts, profile.levels)
        stream = f"{market.stream}@{kind}"
        payload = f'{{"stream":"{stream}","data":{data}}}'.encode()
        yield Message(stream, kind, market.symbol, identity, payload)


def agg_trade(market: Market, rng: random.Random, ts: int, levels: int) -> tuple[int, str]:  # noqa: ARG001
    """Return the next aggregated trade: its id and its JSON."""
    market.cents = max(100, market.cents + rng.randrange(-3, 4))
    market.agg_trade_id += 1
    first = market.trade_id + 1
    market.trade_id = first + rng.randrange(3)
    return market.agg_trade_id, (
        f'{{"e":"aggTrade","E":{ts},"s":"{market.symbol}","a":{market.agg_trade_id},'
        f'"p":"{price(market.cents)}","q":"{size(rng.randrange(1, 900_000))}",'
        f'"f":{first},"l":{market.trade_id},"T":{ts},"m":{"true" if ts & 1 else "false"},"M":true}}'
    )


def book_ticker(market: Market, rng: random.Random, ts: int, levels: int) -> tuple[int, str]:  # noqa: ARG001
    """Return the next best bid and ask: its update id and its JSON (which has no time)."""
    market.update_id += 1 + rng.randrange(3)
    return market.update_id, (
        f'{{"u":{market.update_id},"s":"{market.symbol}",'
        f'"b":"{price(market.cents)}","B":"{size(rng.randrange(1, 900_000))}",'
        f'"a":"{price(market.cents + 1)}","A":"{size(rng.randrange(1, 900_000))}"}}'
    )


def depth(market: Market, rng: random.Random, ts: int, levels: int) -> tuple[int, str]:
    """Return the next depth diff, about `levels` levels: its last update id and its JSON."""
    first = market.depth_id + 1
    bids, asks = side(market.cents, -1, rng, levels), side(market.cents + 1, 1, rng, levels)
    market.update_id += levels
    market.depth_id = market.update_id
    return market.depth_id, (
        f'{{"e":"depthUpdate","E":{ts},"s":"{market.symbol}","U":{first},"u":{market.depth_id},'
        f'"b":[{bids}],"a":[{asks}]}}'
    )


def side(cents: int, step: int, rng: random.Random, levels: int) -> str:
    """Return one side's changed levels from the best one outwards; every fourth is removed."""
    gaps = rng.choices(range(1, 6), k=rng.randrange(levels // 2 - 5, levels // 2 + 6))
    sizes = rng.choices(range(1, 900_000), k=len(gaps))
    return ",".join(
        f'["{price(max(1, cents + step * gap))}","{size(amount if amount % 4 else 0)}"]'
        for gap, amount in zip(accumulate(gaps), sizes, strict=True)
    )


def price(cents: int) -> str:
    """Write a price as Binance does, with eight decimals."""
    return f"{cents // 100}.{cents % 100:02d}000000"


def size(parts: int) -> str:
    """Write a size, given in hundred-thousandths, with eight decimals."""
    return f"{parts // 100_000}.{parts % 100_000:05d}000"


WRITERS = {Kind.AGG_TRADE: agg_trade, Kind.BOOK_TICKER: book_ticker, Kind.DEPTH: depth}
