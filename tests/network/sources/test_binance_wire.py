"""Frames of Binance to facts, value by value; and what happens to frames that are none."""

import gzip
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from argus.events import BookDelta, BookSnapshot, Event, MarkPrice, Origin, Side
from argus.network.source import UNDECODABLE, Acknowledged, Declined, ShutdownNotice
from argus.network.sources import SOURCES, binance_rest
from argus.network.sources import binance_wire as wire
from tests.network.sources.golden import EACH, GOLDEN, LIVE, RECV, frame_of

MARKET = GOLDEN["binance_usdm"]


def decoded(source: str, stream: str, payload: str) -> Event:
    """Decode a frame as a recording is decoded: by the name of its stream."""
    found = SOURCES[source].identify(stream)
    assert found is not None
    return found.channel.decode(frame_of(stream, payload), RECV, LIVE)


@pytest.mark.parametrize(("source", "name"), EACH)
def test_documented_frame_is_the_fact_it_says(source, name):
    stream, payload, fact = GOLDEN[source][name]
    assert decoded(source, stream, payload) == fact


def test_every_channel_has_a_golden_frame():
    assert [(s.name, c.data_type) for s in SOURCES.values() for c in s.channels] == EACH


@pytest.mark.parametrize(("source", "name"), EACH)
def test_unknown_fields_of_any_kind_lose_nothing(source, name):
    stream, payload, fact = GOLDEN[source][name]
    opened = payload[:-1]
    for unknown in ('"zz":1', '"zz":"x"', '"zz":null', '"zz":{"a":[1,{"b":"c"}]}', '"zz":1e400'):
        assert decoded(source, stream, f"{opened},{unknown}}}") == fact


@pytest.mark.parametrize(("source", "name"), EACH)
def test_order_and_space_of_fields_mean_nothing(source, name):
    stream, payload, fact = GOLDEN[source][name]
    fields = json.loads(payload)
    turned = json.dumps(dict(reversed(fields.items())), separators=(",", ":"))
    assert decoded(source, stream, turned) == fact


@pytest.mark.parametrize("name", ["trade", "agg_trade", "book_delta", "kline"])
def test_spot_times_in_milliseconds_and_in_microseconds_are_the_same_instants(name):
    stream, payload, _ = GOLDEN["binance_spot"][name]

    def scaled(value: object, key: str, factor: int) -> object:
        if isinstance(value, dict):
            return {k: scaled(v, k, factor) for k, v in value.items()}
        is_time = key in {"T", "E"} or (key == "t" and name == "kline")
        return 1_672_515_782_136 * factor if is_time else value

    fields = json.loads(payload)
    milli = decoded("binance_spot", stream, json.dumps(scaled(fields, "", 1)))
    micro = decoded("binance_spot", stream, json.dumps(scaled(fields, "", 1000)))
    assert milli == micro
    assert milli.ts_event == 1_672_515_782_136_000_000


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (0, 0),
        (1_723_161_255_342, 1_723_161_255_342_000_000),
        (1_723_161_255_342_001, 1_723_161_255_342_001_000),
        (wire.MICROSECONDS_FROM - 1, (wire.MICROSECONDS_FROM - 1) * 1_000_000),
        (wire.MICROSECONDS_FROM, wire.MICROSECONDS_FROM * 1_000),
    ],
)
def test_unit_of_a_time_is_told_by_its_size(time, expected):
    assert wire.nanoseconds(time) == expected


def test_levels_are_pairs_in_the_order_of_the_venue():
    stream, payload, _ = GOLDEN["binance_spot"]["book_delta"]
    fact = decoded("binance_spot", stream, payload)
    assert isinstance(fact, BookDelta)
    assert list(fact.bids) == [(55653.87, 0.0)]
    assert list(fact.asks) == [(61838.04, 0.32332), (61844.3, 0.40163)]
    assert (len(fact.bids), len(fact.asks)) == (1, 2)


def test_trade_keeps_a_class_that_we_do_not_know():
    stream, payload, fact = MARKET["trade"]
    for kind in ("INSURANCE_FUND", "ADL", "NA", "NEVER_SEEN"):
        changed = payload.replace('"MARKET"', f'"{kind}"')
        assert decoded("binance_usdm", stream, changed) == replace(fact, trade_type=kind)


def test_liquidation_keeps_words_that_we_do_not_know():
    stream, payload, fact = MARKET["liquidation"]
    changed = payload.replace('"FILLED"', '"SUSPENDED"').replace('"LIMIT"', '"TWAP"')
    assert decoded("binance_usdm", stream, changed) == replace(
        fact, status="SUSPENDED", order_type="TWAP"
    )
    assert decoded("binance_usdm", stream, payload.replace('"SELL"', '"BOTH"')) == replace(
        fact, side=Side.UNKNOWN
    )


def test_mark_price_of_a_delivery_contract_has_no_funding():
    stream, payload, fact = MARKET["mark_price"]
    changed = payload.replace('"r":"0.00038167"', '"r":""').replace("1562306400000", "0")
    assert decoded("binance_usdm", stream, changed) == replace(
        fact, funding_rate=None, ts_next_funding=None
    )


def test_mark_price_may_leave_out_all_but_the_price():
    assert decoded("binance_usdm", "btcusdt@markPrice@1s", '{"E":1,"p":"2"}') == MarkPrice(
        1_000_000, RECV, LIVE, 2.0, None, None, None, None
    )


def test_zero_prices_and_sizes_are_facts():
    fact = decoded(
        "binance_spot", "btcusdt@bookTicker", '{"u":1,"b":"0","B":"0.0","a":"0","A":"0"}'
    )
    assert fact == wire.bbo(frame_of("x", '{"u":1,"b":0,"B":0,"a":0,"A":0}'), RECV, LIVE)


def test_symbol_outside_ascii_is_decoded():
    stream = "币安人生usdt@trade"
    payload = GOLDEN["binance_usdm"]["trade"][1].replace("BTCUSDT", "币安人生USDT")
    found = SOURCES["binance_usdm"].identify(stream)
    assert found is not None
    assert found.path.symbol == "币安人生USDT"
    assert decoded("binance_usdm", stream, payload) == GOLDEN["binance_usdm"]["trade"][2]


@pytest.mark.parametrize("origin", list(Origin))
def test_origin_and_receive_time_are_as_given(origin):
    for source, name in EACH:
        stream, payload, fact = GOLDEN[source][name]
        found = SOURCES[source].identify(stream)
        assert found is not None
        got = found.channel.decode(frame_of(stream, payload), 42, origin)
        assert got == replace(fact, ts_recv=42, origin=origin)


# --- frames that are none --------------------------------------------------------------------


@pytest.mark.parametrize(("source", "name"), EACH)
def test_frame_cut_short_anywhere_is_undecodable(source, name):
    stream, payload, _ = GOLDEN[source][name]
    frame = frame_of(stream, payload)
    found = SOURCES[source].identify(stream)
    assert found is not None
    for end in range(len(frame)):
        with pytest.raises(UNDECODABLE):
            found.channel.decode(frame[:end], RECV, LIVE)


@settings(max_examples=60)
@given(st.data())
def test_spoiled_frame_is_undecodable_or_still_a_fact_and_nothing_else(data):
    for source, name in EACH:
        stream, payload, fact = GOLDEN[source][name]
        frame = bytearray(frame_of(stream, payload))
        for _ in range(data.draw(st.integers(1, 3))):
            frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
        found = SOURCES[source].identify(stream)
        assert found is not None
        try:
            assert type(found.channel.decode(bytes(frame), RECV, LIVE)) is type(fact)
        except UNDECODABLE:
            continue


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_a_fact_or_undecodable_and_nothing_else(frame):
    for source in SOURCES.values():
        for channel in source.channels:
            try:
                assert isinstance(channel.decode(frame, RECV, LIVE), Event)
            except UNDECODABLE:
                continue
        assert isinstance(source.control(frame), Acknowledged | Declined | ShutdownNotice | None)


@pytest.mark.parametrize(
    "payload",
    [
        '{"e":"trade"}',
        '{"t":null,"p":"1","q":"1","T":1,"m":true}',
        '{"t":1,"p":"","q":"1","T":1,"m":true}',
        '{"t":1,"p":"one","q":"1","T":1,"m":true}',
        '{"t":1.5,"p":"1","q":"1","T":1,"m":true}',
        '{"t":1,"p":"1","q":"1","T":"soon","m":true}',
        "[]",
        "null",
    ],
)
def test_trade_that_lacks_what_makes_it_one_is_undecodable(payload):
    with pytest.raises(UNDECODABLE):
        decoded("binance_spot", "btcusdt@trade", payload)


@pytest.mark.parametrize(
    "sides",
    ['"b":{},"a":[]', '"b":[["1"]],"a":[]', '"b":[["1","2","3"]],"a":[]', '"b":null,"a":[]'],
)
def test_levels_that_are_no_pairs_are_undecodable(sides):
    with pytest.raises(UNDECODABLE):
        decoded("binance_spot", "btcusdt@depth@100ms", f'{{"E":1,"U":1,"u":2,{sides}}}')


def test_nesting_without_end_is_undecodable():
    payload = '{"zz":' + "[" * 5000 + "]" * 5000 + "}"
    with pytest.raises(UNDECODABLE):
        decoded("binance_spot", "btcusdt@trade", payload)
    assert wire.control(payload.encode()) is None


# --- control ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "meaning"),
    [
        (b'{"result":null,"id":7}', Acknowledged(7)),
        (b'{"id":7,"result":null}', Acknowledged(7)),
        (b'{"e":"serverShutdown","E":1770123456789}', ShutdownNotice()),
        (
            b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
            ShutdownNotice(),
        ),
        (b"{}", None),
        (b'{"result":null,"id":"seven"}', None),
        (b'{"result":null,"id":null}', None),
        (b'{"stream":"btcusdt@trade","data":{}}', None),
        (b"[1,2]", None),
        (b"", None),
        (b"ping", None),
        (b'{"stream":"\xff"}', None),
    ],
)
def test_control_message_means(frame, meaning):
    assert wire.control(frame) == meaning


@pytest.mark.parametrize(
    ("frame", "request_id"),
    [
        (b'{"error":{"code":2,"msg":"Invalid request: too many parameters"},"id":3}', 3),
        (b'{"error":{"code":3,"msg":"Invalid JSON"},"id":null}', None),
        (b'{"code":2,"msg":"Invalid request","id":4}', 4),
    ],
)
def test_refusal_is_declined_with_its_text(frame, request_id):
    assert wire.control(frame) == Declined(request_id, frame.decode())


# --- recordings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "counts", "snapshots"),
    [
        (
            "binance_spot/btcusdt_20240808.gz",
            {"book_delta": 3_451, "bbo": 28_040, "trade": 9_757},
            [50093239218],
        ),
        (
            "binance_spot/btcusdt_20240809.gz",
            {"book_delta": 3_044, "bbo": 45_134, "trade": 10_147},
            [],
        ),
        (
            "binance_usdm/btcusdt_20240808.gz",
            {"book_delta": 6_551, "bbo": 66_089, "trade": 21_313},
            [5123107852948],
        ),
    ],
)
def test_every_recorded_line_decodes(recordings: Path, file, counts, snapshots):
    source = SOURCES[file.partition("/")[0]]
    begin = len(source.envelope)
    found: dict[str, list[int]] = {}
    joins: list[int] = []
    channels = {}
    with gzip.open(recordings / file) as lines:
        for line in lines:
            _, _, frame = line.rstrip().partition(b" ")
            if not frame.startswith(source.envelope):
                answer = binance_rest.book_snapshot(frame, RECV, Origin.SNAPSHOT)
                assert isinstance(answer, BookSnapshot)
                joins.append(answer.last_update_id)
                continue
            name = frame[begin : frame.index(b'"', begin)]
            if name not in channels:
                channels[name] = source.identify(name.decode())
            stream = channels[name]
            assert stream is not None
            fact = stream.channel.decode(frame, RECV, LIVE)
            key = {"trade": "trade_id", "bbo": "update_id", "book_delta": "last_update_id"}
            found.setdefault(stream.path.data_type, []).append(
                getattr(fact, key[stream.path.data_type])
            )
    assert {name: len(ids) for name, ids in found.items()} == counts
    assert joins == snapshots
    trades = found["trade"]
    assert trades == list(range(trades[0], trades[0] + len(trades)))
    for ids in found.values():
        assert [b > a for a, b in itertools.pairwise(ids)] == [True] * (len(ids) - 1)
