"""What holds for every declared source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.events import EVENTS
from argus.network.sources import SOURCES

sources = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


@sources
def test_name_of_every_stream_reads_back(source):
    for symbol in ("BTCUSDT", "1000PEPEUSDT", "BTCUSDT_261225", "币安人生USDT"):
        for stream in source.streams(symbol, source.data_types, ("1m", "1M")):
            assert source.identify(stream.name) == stream


@given(st.text(max_size=20))
def test_any_text_is_a_stream_or_none(name):
    for source in SOURCES.values():
        stream = source.identify(name)
        assert stream is None or stream.name == name


@sources
def test_every_data_type_is_one_that_can_be_recorded(source):
    assert [d for d in source.data_types if d not in EVENTS] == []
    assert list(source.data_types) == list(dict.fromkeys(source.data_types))


@sources
def test_only_what_is_wanted_is_subscribed(source):
    assert [s.channel.data_type for s in source.streams("X", ("bbo", "trade"), ())] == [
        "trade",
        "bbo",
    ]
    assert source.streams("X", ("kline",), ()) == []
    assert source.streams("X", ("instrument",), ("1m",)) == []


@sources
def test_every_channel_has_a_route_and_evidence(source):
    for channel in source.channels:
        assert channel.route in source.websocket_urls
        assert channel.evidence


@sources
def test_every_limit_is_positive_and_has_evidence(source):
    limits = source.limits
    for limit in (
        limits.streams,
        limits.messages_per_second,
        limits.connections_per_window,
        limits.rest_weight,
        limits.connection_lifetime_s,
    ):
        assert limit.value > 0
        assert limit.evidence


@sources
def test_our_default_life_of_a_connection_ends_before_the_venue_cuts_it(source):
    assert source.limits.connection_lifetime_s.value > 12 * 3600


@sources
def test_most_expensive_request_fits_the_weight(source):
    requests = [source.rest.universe, source.rest.snapshot("BTCUSDT", 10**6)]
    assert max(r.weight for r in requests) <= source.limits.rest_weight.value
