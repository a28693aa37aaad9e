"""Lines of recordings."""

import pytest

from argus.simulator.recording import Line, id_of, read_line, symbol_of

TRADE = b'{"e":"trade","s":"BTCUSDT","t":5}'
BOOK = b'{"lastUpdateId":7,"bids":[],"asks":[]}'


def test_a_streams_line_has_its_payload_untouched():
    line = read_line(b'12 {"stream":"btcusdt@trade","data":' + TRADE + b"}\r\n")
    assert line == Line(12, "btcusdt@trade", TRADE)
    assert not line.is_snapshot
    assert symbol_of(line) == "BTCUSDT"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (BOOK, ""),
        (
            b'{"stream":"btcusdt@depthSnapshot","generated":true,"data":' + BOOK + b"}",
            "btcusdt@depthSnapshot",
        ),
    ],
)
def test_a_snapshot_stands_bare_or_wrapped(text, name):
    line = read_line(b"12 " + text + b"\n")
    assert line == Line(12, name, BOOK)
    assert line.is_snapshot
    assert symbol_of(line) == name.partition("@")[0].upper()


@pytest.mark.parametrize(
    "text",
    [b"", b"hello", b"12", b"x {}", b"12 {}", b'12 {"stream":"a"}', b'12 {"stream":"a","data":{"'],
)
def test_other_lines_are_none_of_a_recording(text):
    assert read_line(text) is None


@pytest.mark.parametrize(
    ("kind", "payload", "key"),
    [
        ("trade", TRADE, 5),
        ("aggTrade", b'{"a":6,"p":"1"}', 6),
        ("bookTicker", b'{"u":7,"b":"1","a":"2"}', 7),
        ("depth", b'{"U":7,"u":8,"pu":6}', 8),
        ("kline_1m", b'{"k":{"t":9}}', 9),
        ("markPrice", b'{"p":"1"}', 0),
        ("trade", b"{}", 0),
    ],
)
def test_facts_have_the_id_of_the_venue(kind, payload, key):
    assert id_of(kind, payload) == key
