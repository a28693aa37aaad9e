"""What the venue of the benchmark decides without a socket: slices, books, REST answers."""

from functools import partial

from benchmarks.rest import Books, body
from benchmarks.sending import SLICE, Traffic, slice_ends
from benchmarks.traffic import FIRST_UPDATE_ID


def test_connection_gets_the_messages_of_its_streams_in_order():
    traffic = Traffic([b"0", b"1", b"2", b"3"], [0, 1, 0, 1], ["a@trade", "b@trade"])
    assert traffic.of({"a@trade", "b@trade", "c@trade"}) == [0, 1, 2, 3]
    assert traffic.of({"b@trade"}) == [1, 3]
    assert traffic.of({"c@trade"}) == []


def test_every_connection_has_as_many_slices():
    total = 2 * SLICE + 10
    everything = slice_ends(list(range(total)), [1] * total, total)
    assert everything == [SLICE, 2 * SLICE, total]
    assert slice_ends([5, SLICE], [3, 4], total) == [3, 7, 7]
    assert slice_ends([], [], total) == [0, 0, 0]


def test_snapshot_is_as_old_as_what_has_been_sent():
    books = Books(["A000USDT"])
    books.add("A000USDT", 3, 700)
    books.add("A000USDT", 9, 740)
    found = []
    for position in (0, 3, 4, 9, 10, 10**9):
        books.position = partial(int, position)
        found.append(books.last_update_id("A000USDT"))
    assert found == [FIRST_UPDATE_ID - 1, FIRST_UPDATE_ID - 1, 700, 700, 740, 740]


def test_exchange_info_can_be_asked_for_all_or_some_symbols():
    books = Books(["A000USDT", "A001USDT"])
    every = body(books, "/api/v3/exchangeInfo", {})
    assert [each["symbol"] for each in every["symbols"]] == ["A000USDT", "A001USDT"]
    some = body(books, "/api/v3/exchangeInfo", {"symbols": ['["A001USDT"]']})
    assert [each["symbol"] for each in some["symbols"]] == ["A001USDT"]
    one = body(books, "/api/v3/exchangeInfo", {"symbol": ["A000USDT"]})
    assert one["symbols"][0]["filters"][0]["filterType"] == "PRICE_FILTER"


def test_unknown_call_has_no_answer():
    assert body(Books([]), "/api/v3/account", {}) is None
