"""Two sources as the tests of the configuration know them."""

from argus.config import KnownSource

KNOWN = {
    "binance_spot": KnownSource(
        data_types=("trade", "agg_trade", "bbo", "book_delta", "book_snapshot", "kline"),
        routes={"": "wss://stream.binance.com:9443"},
        rest_url="https://api.binance.com",
        kline_intervals=("1s", "1m"),
        snapshot_levels_max=5000,
    ),
    "binance_usdm": KnownSource(
        data_types=("trade", "mark_price", "liquidation", "open_interest"),
        routes={
            "public": "wss://fstream.binance.com/public",
            "market": "wss://fstream.binance.com/market",
        },
        rest_url="https://fapi.binance.com",
        streams_per_connection_max=200,
        snapshot_levels_max=500,
    ),
}
