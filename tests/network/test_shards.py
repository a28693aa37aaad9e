"""Which streams travel together: nobody moves needlessly."""

from hypothesis import given
from hypothesis import strategies as st

from argus.network.shards import assign

names = st.lists(st.text("abcdefgh", min_size=1, max_size=2), unique=True, max_size=25)


def test_streams_fill_shards_in_their_order():
    assert assign({}, "abcde", capacity=2) == {0: ("a", "b"), 1: ("c", "d"), 2: ("e",)}


def test_new_streams_go_where_there_is_room_and_nobody_moves():
    shards = {0: ("a", "b"), 1: ("c", "d")}
    assert assign(shards, "bcdxyz", capacity=2) == {0: ("b", "x"), 1: ("c", "d"), 2: ("y", "z")}


def test_empty_shard_goes_and_its_number_is_not_used_again_at_once():
    assert assign({0: ("a",), 1: ("b",)}, "ac", capacity=1) == {0: ("a",), 2: ("c",)}
    assert assign({0: ("a",)}, "", capacity=1) == {}


def test_stream_that_is_wanted_twice_travels_once():
    assert assign({}, ["a", "b", "a"], capacity=5) == {0: ("a", "b")}


@given(names, names, st.integers(1, 5))
def test_exactly_what_is_wanted_is_carried_within_capacity_and_what_stays_does_not_move(
    before, after, capacity
):
    old = assign({}, before, capacity=capacity)
    new = assign(old, after, capacity=capacity)
    assert sorted(s for streams in new.values() for s in streams) == sorted(after)
    assert max((len(streams) for streams in new.values()), default=1) <= capacity
    assert min((len(streams) for streams in new.values()), default=1) >= 1
    for number, streams in old.items():
        stay = tuple(s for s in streams if s in after)
        assert new.get(number, ())[: len(stay)] == stay
    assert assign(new, after, capacity=capacity) == new
