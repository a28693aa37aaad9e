"""Pure. Binance USD-M futures, routed since 2026-04-23 into `/public` and `/market`.

Facts from the official SDK's doc strings (github.com/binance/binance-connector-python at 29da329,
2026-08-21). A connection belongs to one route; asking it for a stream of the other is acknowledged
and silent.
"""

from urllib.parse import quote

from argus.agora.router import Seam
from argus.agora.splice import Identity
from argus.network.source import Channel, Limit, Limits, Request, Rest, Source
from argus.network.sources import binance_channels as channels
from argus.network.sources import binance_history as history
from argus.network.sources import binance_rest as rest
from argus.network.sources import binance_wire as wire

SDK = "binance-connector-python/clients/derivatives_trading_usds_futures"

SNAPSHOT_LEVELS = (50, 100, 500, 1000)

AGGREGATES_S = 48 * 3600.0


def snapshot_weight(levels: int) -> int:
    """Return the weight of a depth request (2, 5, 10, 20 by levels)."""
    return next(w for n, w in ((50, 2), (100, 5), (500, 10), (1000, 20)) if levels <= n)


def _snapshot(symbol: str, levels: int) -> Request:
    limit = channels.levels(levels, SNAPSHOT_LEVELS)
    return Request(f"/fapi/v1/depth?symbol={quote(symbol)}&limit={limit}", snapshot_weight(limit))


def _open_interest(symbol: str) -> Request:
    return Request(f"/fapi/v1/openInterest?symbol={quote(symbol)}", 1)


BINANCE_USDM = Source(
    name="binance_usdm",
    websocket_urls={
        "public": "wss://fstream.binance.com/public",
        "market": "wss://fstream.binance.com/market",
    },
    websocket_path="/stream",
    rest_url="https://fapi.binance.com",
    channels=(
        channels.trade("public", "undocumented, live; t = previous + 1 on 21,313 recorded trades"),
        channels.agg_trade("market", f"{SDK}: Aggregate Trade Streams; nq since 2025-12-31"),
        channels.bbo("public", f"{SDK}: Individual Symbol Book Ticker Streams"),
        Channel(
            "book_delta",
            "depth@100ms",
            "public",
            Seam(
                Identity.LINK,
                "last_update_id",
                first="first_update_id",
                previous="previous_update_id",
            ),
            wire.book_delta,
            frozenset({"e", "E", "T", "s", "U", "u", "pu", "b", "a", "ps", "st"}),
            f"{SDK}: Diff. Book Depth Streams; pu = previous u on 6,551 recorded diffs",
            silence_s=120.0,
            aliases=("depth", "depth@0ms", "depth@500ms"),
        ),
        channels.kline("market", f"{SDK}: Kline/Candlestick Streams"),
        Channel(
            "mark_price",
            "markPrice@1s",
            "market",
            Seam(Identity.RISING, "ts_event"),
            wire.mark_price,
            frozenset({"e", "E", "s", "p", "i", "P", "r", "T", "ap", "st", "ps"}),
            f"{SDK}: Mark Price Stream; one a second",
            silence_s=30.0,
            aliases=("markPrice",),
        ),
        Channel(
            "liquidation",
            "forceOrder",
            "market",
            Seam(Identity.RISING, "ts_event"),
            wire.liquidation,
            frozenset({"e", "E", "o", "ps", "st"}),
            f"{SDK}: Liquidation Order Streams; the latest per symbol and second",
        ),
    ),
    polled=("open_interest", "book_snapshot", "instrument"),
    limits=Limits(
        streams=Limit(200, "documented 1,024, but clients of the venue settled on 200"),
        messages_per_second=Limit(10, f"{SDK}: 10 incoming messages per second"),
        connections_per_window=Limit(300, "not stated; the figure of spot"),
        connection_window_s=300,
        rest_weight=Limit(2400, "exchangeInfo.rateLimits; shared with COIN-M since 2026-06-30"),
        rest_budget="binance_futures",
        connection_lifetime_s=Limit(86_400, f"{SDK}: a connection is valid for 24 hours"),
    ),
    rest=Rest(
        universe=Request("/fapi/v1/exchangeInfo", 1),
        instruments=rest.instruments,
        snapshot=_snapshot,
        decode_snapshot=rest.book_snapshot,
        weight_header="X-MBX-USED-WEIGHT-1M",
        open_interest=_open_interest,
        decode_open_interest=rest.open_interest,
        time=Request("/fapi/v1/time", 1),
        decode_time=rest.server_time,
        histories=(
            history.agg_trade_history(
                "/fapi/v1/aggTrades",
                weight=20,
                headers=(),
                evidence=f"{SDK}: Compressed/Aggregate Trades List: weight 20, past 48 hours only",
                reach_s=AGGREGATES_S,
            ),
            # 1, 2, 5 and 10 up to 99, 499, 1000 and 1500 rows: 499 of them cost the least each.
            history.kline_history(
                "/fapi/v1/klines",
                rows_max=499,
                weight=lambda rows: 1 if rows < 100 else 2,  # noqa: PLR2004 see above
                headers=(),
                evidence=f"{SDK}: Kline/Candlestick Data: weight 1 below 100 rows, 2 to 499",
            ),
        ),
        unfillable={
            # MARKET_DATA, weight 200, the past month; Argus holds no keys.
            "trade": "the venue asks for an API key; what the trades add up to is in agg_trade",
            "bbo": "the venue gives the present best bid and offer only",
            "book_delta": "the venue keeps no diffs; a fresh snapshot begins the book anew",
            "book_snapshot": "the venue gives the present book only",
            "mark_price": "the venue keeps candles of mark prices only",
            "liquidation": "the venue keeps no liquidations",
            "open_interest": "the venue keeps five-minute values only",
            "instrument": "the venue gives present definitions only",
        },
    ),
    envelope=channels.ENVELOPE,
    spell=str.lower,
    read=str.upper,
    subscribe=channels.subscribe,
    unsubscribe=channels.unsubscribe,
    control=wire.control,
)
