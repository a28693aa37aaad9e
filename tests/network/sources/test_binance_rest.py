"""Binance's REST answers to facts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.events import BookSnapshot, Instrument, Levels, OpenInterest, Origin
from argus.network.source import UNDECODABLE
from argus.network.sources import binance_rest as rest

RECV = 42
SPOT = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "baseAssetPrecision": 8,
    "orderTypes": ["LIMIT", "MARKET"],
    "isSpotTradingAllowed": True,
    "filters": [
        {"filterType": "ICEBERG_PARTS", "limit": 10},
        {
            "filterType": "LOT_SIZE",
            "minQty": "0.00001000",
            "maxQty": "9000.00",
            "stepSize": "0.00001000",
        },
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.01",
            "maxPrice": "1000000.00",
            "tickSize": "0.01000000",
        },
        {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True},
    ],
    "permissionSets": [["SPOT"]],
}
PERPETUAL = {
    "symbol": "BTCUSDT",
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
    "deliveryDate": 4133404800000,
    "onboardDate": 1569398400000,
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "filters": [
        {"filterType": "PRICE_FILTER", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "stepSize": "7"},
        {"filterType": "MIN_NOTIONAL", "notional": "100"},
    ],
}


def answer(*symbols: dict) -> bytes:
    return json.dumps({"timezone": "UTC", "symbols": symbols}, ensure_ascii=False).encode()


def test_spot_definition_takes_its_filters_by_type():
    found = rest.instruments(answer(SPOT), RECV)
    assert found == {
        "BTCUSDT": Instrument(
            ts_event=None,
            ts_recv=RECV,
            origin=Origin.LIVE,
            status="TRADING",
            base="BTC",
            quote="USDT",
            tick_size=0.01,
            lot_size=0.00001,
            min_notional=5.0,
            contract_type=None,
            contract_size=None,
            margin_asset=None,
            ts_onboard=None,
            ts_delivery=None,
            raw=json.dumps(SPOT),
        )
    }


def test_order_of_filters_means_nothing():
    turned = SPOT | {"filters": SPOT["filters"][::-1]}  # type: ignore[index]
    one = rest.instruments(answer(SPOT), RECV)["BTCUSDT"]
    two = rest.instruments(answer(turned), RECV)["BTCUSDT"]
    assert (one.tick_size, one.lot_size, one.min_notional) == (
        two.tick_size,
        two.lot_size,
        two.min_notional,
    )


def test_perpetual_contract_is_never_delivered():
    found = rest.instruments(answer(PERPETUAL), RECV)["BTCUSDT"]
    assert (found.contract_type, found.ts_onboard, found.ts_delivery, found.margin_asset) == (
        "PERPETUAL",
        1569398400000_000_000,
        None,
        "USDT",
    )
    assert (found.tick_size, found.lot_size, found.min_notional) == (0.1, 0.001, 100.0)


def test_delivery_contract_is_delivered():
    quarter = PERPETUAL | {"contractType": "CURRENT_QUARTER", "deliveryDate": 1798185600000}
    found = rest.instruments(answer(quarter), RECV)["BTCUSDT"]
    assert (found.contract_type, found.ts_delivery) == (
        "CURRENT_QUARTER",
        1798185600000_000_000,
    )


def test_coin_margined_definition_has_its_status_and_size_elsewhere():
    coin = PERPETUAL | {"contractStatus": "TRADING", "contractSize": 100}
    del coin["status"]
    found = rest.instruments(answer(coin), RECV)["BTCUSDT"]
    assert (found.status, found.contract_size) == ("TRADING", 100.0)


def test_words_and_filters_that_we_do_not_know_lose_no_symbol():
    new = SPOT | {
        "symbol": "币安人生USDT",
        "status": "CANCEL_ONLY",
        "filters": [{"filterType": "NEVER_SEEN", "limit": {"a": [1]}}],
        "zz": [[]],
    }
    found = rest.instruments(answer(SPOT, new), RECV)
    assert list(found) == ["BTCUSDT", "币安人生USDT"]
    assert found["币安人生USDT"].status == "CANCEL_ONLY"
    assert found["币安人生USDT"].tick_size is None
    assert json.loads(found["币安人生USDT"].raw) == new


def test_raw_definition_is_what_the_venue_sent_byte_for_byte():
    text = '{"symbol":"A","baseAsset":"A", "quoteAsset":"B","x":1.50}'
    found = rest.instruments(b'{"symbols":[' + text.encode() + b"]}", RECV)
    assert found["A"].raw == text


def test_spot_snapshot_has_no_time():
    body = b'{"lastUpdateId":1027024,"bids":[["4.0","431"]],"asks":[["4.2","12"],["4.3","1"]]}'
    fact = rest.book_snapshot(body, RECV, Origin.SNAPSHOT)
    assert fact == BookSnapshot(
        None,
        RECV,
        Origin.SNAPSHOT,
        1027024,
        Levels(b'[["4.0","431"]]'),
        Levels(b'[["4.2","12"],["4.3","1"]]'),
    )
    assert (list(fact.bids), list(fact.asks)) == ([(4.0, 431.0)], [(4.2, 12.0), (4.3, 1.0)])


def test_futures_snapshot_has_the_time_of_its_book():
    body = b'{"lastUpdateId":7,"E":1723161256501,"T":1723161256493,"bids":[],"asks":[]}'
    assert rest.book_snapshot(body, RECV, Origin.SNAPSHOT) == BookSnapshot(
        1723161256493_000_000, RECV, Origin.SNAPSHOT, 7, Levels(b"[]"), Levels(b"[]")
    )


def test_time_of_the_venue_is_in_nanoseconds():
    assert rest.server_time(b'{"serverTime":1499827319559}') == 1_499_827_319_559_000_000


def test_open_interest_has_the_time_of_the_venue():
    body = b'{"openInterest":"10659.509","symbol":"BTCUSDT","time":1589437530011}'
    assert rest.open_interest(body, RECV, Origin.LIVE) == OpenInterest(
        1589437530011_000_000, RECV, Origin.LIVE, 10659.509, None
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'{"code":-1121,"msg":"Invalid symbol."}',
        b"<html></html>",
        b'{"symbols":[{"symbol":"A"}]}',
    ],
)
def test_answer_that_is_none_is_undecodable(body):
    for decode in (
        lambda: rest.instruments(body, RECV),
        lambda: rest.book_snapshot(body, RECV, Origin.SNAPSHOT),
        lambda: rest.open_interest(body, RECV, Origin.LIVE),
        lambda: rest.server_time(body),
    ):
        with pytest.raises(UNDECODABLE):
            decode()


@given(st.binary(max_size=100))
def test_bytes_of_any_kind_are_an_answer_or_undecodable(body):
    try:
        assert isinstance(rest.book_snapshot(body, RECV, Origin.SNAPSHOT), BookSnapshot)
    except UNDECODABLE:
        return
