"""Frames that were delivered once so far, and what they were decoded to."""

from argus.network.memo import FRAMES_MAX, Memo
from tests.agora.facts import trade


def test_fact_is_given_once_with_the_slot_of_its_stream():
    memo = Memo()
    slot = memo.slot("btcusdt@trade")
    memo.keep(b"frame", trade(1), slot)
    assert memo.take(b"frame", None) == (trade(1), slot)
    assert memo.take(b"frame", None) is None


def test_slot_of_a_stream_is_its_own_and_stays():
    memo = Memo()
    assert [memo.slot(name) for name in ("a", "b", "a", "c")] == [0, 1, 0, 2]


def test_frame_that_differs_in_a_byte_is_another():
    memo = Memo()
    memo.keep(b"frame 1", trade(1), 0)
    assert memo.take(b"frame 2", None) is None


def test_full_memo_forgets_rather_than_grows():
    memo = Memo()
    for number in range(FRAMES_MAX):
        memo.keep(b"%d" % number, trade(number), 0)
    memo.keep(b"one more", trade(0), 0)
    assert memo.take(b"one more", None) is None
    assert memo.take(b"0", None) is None
    memo.keep(b"later", trade(5), 0)
    assert memo.take(b"later", None) == (trade(5), 0)
