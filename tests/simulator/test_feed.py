"""Both feeds keep the promise of the protocol."""

import pytest

from argus.simulator.feed import Feed
from argus.simulator.market import Market
from argus.simulator.replay import Replay
from argus.simulator.streams import Source


@pytest.fixture(params=["market", "replay"])
def feed(request, tmp_path) -> Feed:
    if request.param == "market":
        return Market(Source.BINANCE_SPOT, ("BTCUSDT",), seed=1, start_ns=1, rate=1000.0, levels=30)
    path = tmp_path / "recording"
    line = b'%d {"stream":"btcusdt@trade","data":{"s":"BTCUSDT","t":%d}}\n'
    path.write_bytes(b"".join(line % (1 + n * 10**6, n) for n in range(100)))
    return Replay(Source.BINANCE_SPOT, (path,))


def test_a_feed_stands_at_the_last_instant_it_was_asked_for(feed):
    start = feed.now_ns
    facts = feed.advance(start + 50_000_000)
    assert feed.now_ns == start + 50_000_000
    assert all(start <= fact[1] <= feed.now_ns for fact in facts)
    assert feed.advance(start) == []
    assert feed.now_ns == start + 50_000_000


def test_a_feed_gives_no_more_than_is_asked_for_and_loses_nothing(feed):
    few = feed.advance(10**8, 3)
    assert 3 <= len(few) < 8
    assert feed.advance(10**8)[0][1] >= few[-1][1]


def test_a_feed_knows_its_symbols(feed):
    assert [spec.symbol for spec in feed.listed()] == ["BTCUSDT"]
    assert feed.knows("BTCUSDT")
    assert not feed.knows("NOUSDT")
    assert feed.depth("NOUSDT", 5) is None
    assert feed.open_interest("NOUSDT") is None
