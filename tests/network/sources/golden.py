"""Frames as the venue sends them, and the facts they are; payloads as its documentation has them.

Those of trades, best prices and depth on both markets are taken from recordings; the others follow
the field lists of docs/adding-a-source.md.
"""

from argus.events import (
    AggTrade,
    Bbo,
    BookDelta,
    Event,
    Kline,
    Levels,
    Liquidation,
    MarkPrice,
    Origin,
    Side,
    Trade,
)

RECV = 1_723_161_255_000_000_123
LIVE = Origin.LIVE


def frame_of(stream: str, payload: str) -> bytes:
    return f'{{"stream":"{stream}","data":{payload}}}'.encode()


SPOT: dict[str, tuple[str, str, Event]] = {
    "trade": (
        "btcusdt@trade",
        (
            '{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000",'
            '"q":"0.02000000","T":1723161255342,"m":true,"M":true}'
        ),
        Trade(1723161255342_000_000, RECV, LIVE, 3735683259, 61837.63, 0.02, Side.SELL, None),
    ),
    "agg_trade": (
        "btcusdt@aggTrade",
        (
            '{"e":"aggTrade","E":1672515782136000,"s":"BTCUSDT","a":12345,"p":"0.001","q":"100",'
            '"f":100,"l":105,"T":1672515782136123,"m":false,"M":true}'
        ),
        AggTrade(1672515782136123_000, RECV, LIVE, 12345, 0.001, 100.0, Side.BUY, 100, 105, None),
    ),
    "bbo": (
        "btcusdt@bookTicker",
        (
            '{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000",'
            '"a":"61837.64000000","A":"1.54698000"}'
        ),
        Bbo(None, RECV, LIVE, 50093239212, 61837.63, 3.78826, 61837.64, 1.54698),
    ),
    "book_delta": (
        "btcusdt@depth@100ms",
        (
            '{"e":"depthUpdate","E":1723161255308,"s":"BTCUSDT","U":50093239203,"u":50093239207,'
            '"b":[["55653.87000000","0.00000000"]],"a":[["61838.04000000","0.32332000"],'
            '["61844.30000000","0.40163000"]]}'
        ),
        BookDelta(
            1723161255308_000_000,
            RECV,
            LIVE,
            50093239203,
            50093239207,
            None,
            Levels(b'[["55653.87000000","0.00000000"]]'),
            Levels(b'[["61838.04000000","0.32332000"],["61844.30000000","0.40163000"]]'),
        ),
    ),
    "kline": (
        "bnbbtc@kline_1m",
        (
            '{"e":"kline","E":1672515782136000,"s":"BNBBTC","k":{"t":1672515780000000,'
            '"T":1672515839999999,"s":"BNBBTC","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020",'
            '"h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000","V":"500",'
            '"Q":"0.500","B":"123456"}}'
        ),
        Kline(
            ts_event=1672515782136000_000,
            ts_recv=RECV,
            origin=LIVE,
            interval="1m",
            ts_open=1672515780000000_000,
            ts_close=1672515839999999_000,
            open=0.001,
            high=0.0025,
            low=0.0015,
            close=0.002,
            volume=1000.0,
            quote_volume=1.0,
            trades=100,
            taker_buy_volume=500.0,
            taker_buy_quote_volume=0.5,
            closed=False,
        ),
    ),
}

USDM: dict[str, tuple[str, str, Event]] = {
    "trade": (
        "btcusdt@trade",
        (
            '{"e":"trade","E":1723161256323,"T":1723161256322,"s":"BTCUSDT","t":5266583935,'
            '"p":"61800.30","q":"0.006","X":"MARKET","m":false}'
        ),
        Trade(1723161256322_000_000, RECV, LIVE, 5266583935, 61800.3, 0.006, Side.BUY, "MARKET"),
    ),
    "agg_trade": (
        "btcusdt@aggTrade",
        (
            '{"e":"aggTrade","E":123456789,"s":"BTCUSDT","a":5933014,"p":"0.001","q":"100",'
            '"nq":"90","f":100,"l":105,"T":123456785,"m":true,"st":1}'
        ),
        AggTrade(123456785_000_000, RECV, LIVE, 5933014, 0.001, 100.0, Side.SELL, 100, 105, 90.0),
    ),
    "bbo": (
        "btcusdt@bookTicker",
        (
            '{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507",'
            '"a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256314,"ps":"BTCUSDT","st":1}'
        ),
        Bbo(1723161256313_000_000, RECV, LIVE, 5123107839020, 61800.2, 2.507, 61800.3, 2.51),
    ),
    "book_delta": (
        "btcusdt@depth@100ms",
        (
            '{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT",'
            '"U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"]],'
            '"a":[],"ps":"BTCUSDT","st":1}'
        ),
        BookDelta(
            1723161256298_000_000,
            RECV,
            LIVE,
            5123107832006,
            5123107837557,
            5123107831937,
            Levels(b'[["58710.20","0.014"]]'),
            Levels(b"[]"),
        ),
    ),
    "kline": (
        "btcusdt@kline_1h",
        (
            '{"e":"kline","E":1638747660000,"s":"BTCUSDT","k":{"t":1638747600000,'
            '"T":1638751199999,"s":"BTCUSDT","i":"1h","f":100,"L":200,"o":"0.0010","c":"0.0020",'
            '"h":"0.0025","l":"0.0015","v":"1000","n":100,"x":true,"q":"1.0000","V":"500",'
            '"Q":"0.500","B":"0"},"ps":"BTCUSDT","st":1}'
        ),
        Kline(
            ts_event=1638747660000_000_000,
            ts_recv=RECV,
            origin=LIVE,
            interval="1h",
            ts_open=1638747600000_000_000,
            ts_close=1638751199999_000_000,
            open=0.001,
            high=0.0025,
            low=0.0015,
            close=0.002,
            volume=1000.0,
            quote_volume=1.0,
            trades=100,
            taker_buy_volume=500.0,
            taker_buy_quote_volume=0.5,
            closed=True,
        ),
    ),
    "mark_price": (
        "btcusdt@markPrice@1s",
        (
            '{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000",'
            '"i":"11784.62659091","P":"11784.25641265","r":"0.00038167","ap":"11794.0",'
            '"T":1562306400000,"st":1}'
        ),
        MarkPrice(
            1562305380000_000_000,
            RECV,
            LIVE,
            11794.15,
            11784.62659091,
            0.00038167,
            1562306400000_000_000,
            11784.25641265,
        ),
    ),
    "liquidation": (
        "btcusdt@forceOrder",
        (
            '{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT",'
            '"f":"IOC","q":"0.014","p":"9910","ap":"9911.5","X":"FILLED","l":"0.002","z":"0.012",'
            '"T":1568014460890},"ps":"BTCUSDT","st":1}'
        ),
        Liquidation(
            1568014460890_000_000,
            RECV,
            LIVE,
            Side.SELL,
            9910.0,
            9911.5,
            0.014,
            0.012,
            "LIMIT",
            "FILLED",
        ),
    ),
}

GOLDEN = {"binance_spot": SPOT, "binance_usdm": USDM}
EACH = [(source, name) for source, frames in GOLDEN.items() for name in frames]
