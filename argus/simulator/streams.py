"""Pure. What the venue calls its streams, and which of its sockets carries which of them.

A stream is named by the venue as `<symbol in lower case>@<kind>`. Several names may mean one
stream: `@depth`, `@depth@100ms` and `@depth@0ms` all carry the same diffs here (the real venue
cuts them at different moments); `@markPrice` and `@markPrice@1s` likewise. What is common to them
is the channel, and facts are delivered by channel.

Source: https://github.com/binance/binance-spot-api-docs (web-socket-streams.md, 2026-07-21) and
the Important-WebSocket-Change-Notice of the USD-M documentation (2026-03-06).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Source(StrEnum):
    """The venues that can be simulated."""

    BINANCE_SPOT = "binance_spot"
    BINANCE_USDM = "binance_usdm"


class Tier(StrEnum):
    """The base path of a socket; spot knows only `ALL`."""

    ALL = ""
    PUBLIC = "public"
    MARKET = "market"


TRADE = "trade"
AGG_TRADE = "aggTrade"
BOOK_TICKER = "bookTicker"
DEPTH = "depth"
KLINE = "kline"
MARK_PRICE = "markPrice"
FORCE_ORDER = "forceOrder"

SPOT_KINDS = (TRADE, AGG_TRADE, BOOK_TICKER, DEPTH, KLINE)
USDM_KINDS = (*SPOT_KINDS, MARK_PRICE, FORCE_ORDER)

# The undocumented `<s>@trade` lives on /public, `<s>@aggTrade` on /market.
_PUBLIC_KINDS = (TRADE, BOOK_TICKER, DEPTH)

_ALIAS = re.compile(r"^(depth(?:@\d+ms)?|markPrice(?:@1s)?)$")


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One stream of one symbol; compared by identity, as there is one object for each.

    `kind` is the part of the channel behind the `@` (`trade`, `kline_1m`), `name` is how the venue
    writes the stream in a combined frame, `channel` is what its aliases have in common.
    """

    kind: str
    symbol: str
    name: str
    channel: str
    tier: Tier


# The stream, the instant it was produced (UTC ns), the venue's own id, and the payload: the `data`
# of a combined frame. A plain tuple, as tens of thousands are made in a second.
Fact: TypeAlias = tuple[Stream, int, int, bytes]


def kind_of(name_behind: str) -> str:
    """Return the kind that the part of a stream's name behind its first `@` means."""
    return name_behind.partition("@")[0] if _ALIAS.match(name_behind) else name_behind


def channel_of(name: str) -> str:
    """Return what a stream's name has in common with its aliases; unknown names are their own."""
    before, at, behind = name.partition("@")
    return f"{before}@{kind_of(behind)}" if at and before else name


def tier_of(source: Source, kind: str) -> Tier:
    """Return the tier of the sockets that carry a kind of stream."""
    if source is Source.BINANCE_SPOT:
        return Tier.ALL
    return Tier.PUBLIC if kind in _PUBLIC_KINDS else Tier.MARKET


def stream_of(source: Source, symbol: str, name_behind: str) -> Stream:
    """Return a new stream; `name_behind` is the part of its name behind the first `@`."""
    kind = kind_of(name_behind)
    lower = symbol.lower()
    return Stream(
        kind=kind,
        symbol=symbol,
        name=f"{lower}@{name_behind}",
        channel=f"{lower}@{kind}",
        tier=tier_of(source, kind),
    )
