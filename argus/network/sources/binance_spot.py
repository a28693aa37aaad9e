"""Pure. Binance spot: https://github.com/binance/binance-spot-api-docs (read at a5e0bc3)."""

from urllib.parse import quote

from argus.agora.router import Seam
from argus.agora.splice import Identity
from argus.network.source import Channel, Limit, Limits, Request, Rest, Source
from argus.network.sources import binance_channels as channels
from argus.network.sources import binance_history as history
from argus.network.sources import binance_rest as rest
from argus.network.sources import binance_wire as wire

DOCS = "binance-spot-api-docs/web-socket-streams.md"

SNAPSHOT_LEVELS = (100, 500, 1000, 5000)


def snapshot_weight(levels: int) -> int:
    """Return the weight of a depth request (rest-api.md: 5, 25, 50, 250 by levels)."""
    return next(w for n, w in ((100, 5), (500, 25), (1000, 50), (5000, 250)) if levels <= n)


def _snapshot(symbol: str, levels: int) -> Request:
    limit = channels.levels(levels, SNAPSHOT_LEVELS)
    return Request(f"/api/v3/depth?symbol={quote(symbol)}&limit={limit}", snapshot_weight(limit))


BINANCE_SPOT = Source(
    name="binance_spot",
    websocket_urls={"": "wss://stream.binance.com:9443"},
    # Every time field in microseconds instead of milliseconds (changelog of 2024-12-17).
    websocket_path="/stream?timeUnit=MICROSECOND",
    rest_url="https://api.binance.com",
    channels=(
        channels.trade("", f"{DOCS}#trade-streams; t = previous + 1 on 19,904 recorded trades"),
        channels.agg_trade("", f"{DOCS}#aggregate-trade-streams"),
        channels.bbo("", f"{DOCS}#individual-symbol-book-ticker-streams: no event time"),
        Channel(
            "book_delta",
            "depth@100ms",
            "",
            Seam(Identity.RANGE, "last_update_id", first="first_update_id"),
            wire.book_delta,
            frozenset({"e", "E", "s", "U", "u", "b", "a"}),
            f"{DOCS}#diff-depth-stream; U = previous u + 1 on 6,495 recorded diffs",
            silence_s=120.0,
            aliases=("depth",),
        ),
        channels.kline("", f"{DOCS}#klinecandlestick-streams-for-utc"),
    ),
    polled=("book_snapshot", "instrument"),
    limits=Limits(
        streams=Limit(1024, f"{DOCS}#websocket-limits"),
        messages_per_second=Limit(5, f"{DOCS}#websocket-limits: ping, pong and JSON count"),
        connections_per_window=Limit(300, f"{DOCS}#websocket-limits: per 5 minutes and address"),
        connection_window_s=300,
        rest_weight=Limit(6000, "rest-api.md, exchangeInfo.rateLimits: REQUEST_WEIGHT, 1 minute"),
        rest_budget="binance_spot",
        connection_lifetime_s=Limit(86_400, f"{DOCS}: a connection is valid for 24 hours"),
    ),
    rest=Rest(
        universe=Request("/api/v3/exchangeInfo", 20),
        instruments=rest.instruments,
        snapshot=_snapshot,
        decode_snapshot=rest.book_snapshot,
        weight_header="X-MBX-USED-WEIGHT-1M",
        time=Request("/api/v3/time", 1),
        decode_time=rest.server_time,
        histories=(
            history.trade_history(
                "/api/v3/historicalTrades",
                "/api/v3/aggTrades",
                weight=25,
                headers=history.MICROSECONDS,
            ),
            history.agg_trade_history(
                "/api/v3/aggTrades",
                weight=4,
                headers=history.MICROSECONDS,
                evidence="rest-api.md#compressedaggregate-trades-list: weight 4, at most 1000 rows",
                reach_s=None,
            ),
            history.kline_history(
                "/api/v3/klines",
                rows_max=1000,
                weight=lambda _: 2,
                headers=history.MICROSECONDS,
                evidence="rest-api.md#klines: weight 2, at most 1000 rows",
            ),
        ),
        unfillable={
            "bbo": "the venue gives the present best bid and offer only",
            "book_delta": "the venue keeps no diffs; a fresh snapshot begins the book anew",
            "book_snapshot": "the venue gives the present book only",
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
