"""The truth keeps what was produced, and says so when it does not."""

import pytest

from argus.simulator.errors import RecordingError, TruthEvicted
from argus.simulator.streams import Fact, Source, stream_of
from argus.simulator.truth import Truth, read_truth

STREAM = stream_of(Source.BINANCE_SPOT, "BTCUSDT", "depth@100ms")
FACTS: list[Fact] = [(STREAM, n, n, b'{"u":%d}' % n) for n in range(1, 6)]


def test_facts_are_kept_in_order():
    truth = Truth(keep=10)
    truth.extend(FACTS)
    assert truth.facts("depth", "BTCUSDT") == [(n, b'{"u":%d}' % n) for n in range(1, 6)]
    assert truth.payloads("depth@100ms", "BTCUSDT") == [fact[3] for fact in FACTS]
    assert truth.payloads("trade", "BTCUSDT") == []
    assert list(truth.latest("depth", "BTCUSDT")) == FACTS
    assert list(truth.latest("trade", "BTCUSDT")) == []
    assert truth.streams() == [("depth", "BTCUSDT", 5)]


def test_what_is_no_longer_in_memory_is_not_passed_over():
    truth = Truth(keep=2)
    truth.extend(FACTS)
    with pytest.raises(TruthEvicted) as raised:
        truth.payloads("depth", "BTCUSDT")
    assert raised.value.evicted == 3
    assert list(truth.latest("depth", "BTCUSDT")) == FACTS[-2:]


def test_a_file_has_all_and_is_read_back(tmp_path):
    path = tmp_path / "truth"
    truth = Truth(keep=2, path=path)
    truth.extend(FACTS[:3])
    assert truth.payloads("depth", "BTCUSDT") == [fact[3] for fact in FACTS[:3]]
    truth.extend(FACTS[3:])
    truth.close()
    truth.close()
    assert truth.payloads("depth", "BTCUSDT") == [fact[3] for fact in FACTS]
    assert path.read_bytes().splitlines()[0] == b'1 {"stream":"btcusdt@depth@100ms","data":{"u":1}}'


def test_a_foreign_line_in_a_truth_file_is_named(tmp_path):
    path = tmp_path / "truth"
    path.write_bytes(b'1 {"stream":"a@trade","data":{}}\nhello\n')
    with pytest.raises(RecordingError, match="line 2"):
        list(read_truth(path))


def test_listings_are_stretches_of_time():
    truth = Truth(keep=1)
    truth.list_symbol("A", 1)
    truth.delist_symbol("A", 5)
    truth.list_symbol("A", 9)
    assert truth.listings("A") == [(1, 5), (9, None)]
    assert truth.listings("B") == []
