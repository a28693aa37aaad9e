"""Frames of a connection that rests: kept, looked at, and forgotten only when nobody needs them."""

from hypothesis import given
from hypothesis import strategies as st

from argus.network.resting import FRAMES_MAX, LOOK_AGE_NS, RETENTION_NS, Resting

START = len(b'{"stream":"')


def frame(stream: str, number: int) -> bytes:
    return f'{{"stream":"{stream}","data":{number}}}'.encode()


def kept_of(resting: Resting) -> list[bytes]:
    return [kept for _, kept in resting.take(len(resting))]


def test_what_is_kept_is_handed_over_in_its_order_and_once():
    resting = Resting()
    for number in range(5):
        resting.add(number, frame("a", number))
    resting.look(LOOK_AGE_NS + 2, START)
    assert resting.take(2) == [(0, frame("a", 0)), (1, frame("a", 1))]
    assert resting.take(9) == [(n, frame("a", n)) for n in (2, 3, 4)]
    assert (resting.take(9), len(resting)) == ([], 0)


def test_last_frame_of_each_stream_is_looked_at_once_it_is_old_enough():
    resting = Resting()
    for ts, stream, number in [(0, "a", 1), (1, "b", 1), (2, "a", 2), (3, "a", 3)]:
        resting.add(ts, frame(stream, number))
    assert resting.look(LOOK_AGE_NS - 1, START) == {}
    assert resting.look(LOOK_AGE_NS + 2, START) == {
        b"a": (2, frame("a", 2)),
        b"b": (1, frame("b", 1)),
    }
    assert resting.look(LOOK_AGE_NS + 2, START) == {}
    assert resting.look(LOOK_AGE_NS + 3, START) == {b"a": (3, frame("a", 3))}


def test_frame_is_forgotten_after_its_retention():
    resting = Resting()
    resting.add(0, frame("a", 1))
    resting.add(1, frame("a", 2))
    resting.look(LOOK_AGE_NS + 1, START)
    resting.look(RETENTION_NS, START)
    assert kept_of(resting) == [frame("a", 2)]


def test_frame_is_not_forgotten_by_the_look_that_first_sees_it():
    """Whoever looked and was late still finds all that he may need."""
    resting = Resting()
    for number in range(3):
        resting.add(number, frame("a", number))
    assert resting.look(10 * RETENTION_NS, START) == {b"a": (2, frame("a", 2))}
    assert len(resting) == 3
    resting.look(10 * RETENTION_NS, START)
    assert len(resting) == 0


def test_when_much_is_kept_the_oldest_are_looked_at_early_and_then_forgotten():
    resting = Resting()
    for number in range(FRAMES_MAX + 10):
        resting.add(number, frame("a", number))
    seen = resting.look(FRAMES_MAX + 10, START)
    assert seen == {b"a": (FRAMES_MAX // 2 + 9, frame("a", FRAMES_MAX // 2 + 9))}
    resting.look(0, START)
    assert len(resting) <= FRAMES_MAX


spans = st.sampled_from([0, 1, LOOK_AGE_NS // 2, LOOK_AGE_NS, RETENTION_NS, 2 * RETENTION_NS])


@given(st.lists(st.tuples(spans, st.booleans()), max_size=40))
def test_nothing_is_forgotten_that_was_not_looked_at_before(steps):
    """Every frame that is gone was covered by an earlier look at its stream."""
    resting, now, number, looked = Resting(), 0, 0, -1
    for span, is_look in steps:
        now += span
        if is_look:
            before = looked
            for _, seen in resting.look(now, START).values():
                looked = int(seen.rpartition(b":")[2][:-1])
            assert number - len(resting) <= before + 1
        else:
            resting.add(now, frame("a", number))
            number += 1
    gone = number - len(resting)
    assert kept_of(resting) == [frame("a", n) for n in range(gone, number)]
