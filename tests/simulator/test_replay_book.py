"""The book of a recording at any moment."""

import json

from argus.simulator.replay_book import ReplayBook

BASE = b'{"lastUpdateId":10, "bids":[["1.0","2"],["0.9","3"]],"asks":[["1.1","4"]]}'


def diff(last_id: int, bids: str = "", asks: str = "", more: str = "") -> bytes:
    return f'{{"u":{last_id},{more}"b":[{bids}],"a":[{asks}]}}'.encode()


def test_the_snapshot_is_given_as_it_stands_until_a_diff_passes_it():
    book = ReplayBook(BASE)
    book.add(10, diff(10, '["1.0","0"]'))
    assert book.answer(1000) == BASE
    book.add(12, diff(12, '["1.0","0"],["0.95","7"]', '["1.1","5"],["1.2","1"]'))
    assert json.loads(book.answer(1000) or b"") == {
        "lastUpdateId": 12,
        "bids": [["0.95", "7"], ["0.9", "3"]],
        "asks": [["1.1", "5"], ["1.2", "1"]],
    }
    assert json.loads(book.answer(1) or b"")["bids"] == [["0.95", "7"]]


def test_a_shorter_snapshot_is_cut():
    assert json.loads(ReplayBook(BASE).answer(1) or b"")["bids"] == [["1.0", "2"]]


def test_futures_carry_the_times_of_the_last_diff():
    book = ReplayBook(BASE)
    book.add(12, diff(12, more='"E":5,"T":4,'))
    answer = json.loads(book.answer(10) or b"")
    assert (answer["E"], answer["T"]) == (5, 4)


def test_without_a_snapshot_the_book_is_what_the_diffs_touched():
    book = ReplayBook(None)
    assert book.answer(10) is None
    for last_id in range(1, 2100):
        book.add(last_id, diff(last_id, f'["{last_id}","1"]'))
    answer = json.loads(book.answer(5000) or b"")
    assert (answer["lastUpdateId"], len(answer["bids"])) == (2099, 2099)
