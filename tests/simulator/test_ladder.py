"""One side of a book against a dictionary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.simulator.ladder import Ladder

changes = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=60)


@given(changes=changes, sign=st.sampled_from([1, -1]))
def test_a_ladder_is_a_sorted_dictionary_that_knows_what_changed(changes, sign):
    ladder, plain = Ladder(sign), dict[int, int]()
    for price, lots in changes:
        key = price * sign
        if lots:
            ladder.put(key, lots)
            plain[price] = lots
        elif price in plain:
            ladder.remove(key)
            del plain[price]
    best_first = sorted(plain.items(), reverse=sign == 1)
    assert len(ladder) == len(plain)
    assert list(ladder.best_first(1000)) == best_first
    assert list(ladder.best_first(3)) == best_first[:3]
    touched = dict(ladder.take_changes())
    assert all(plain.get(price, 0) == lots for price, lots in touched.items())
    assert plain.keys() <= touched.keys()
    assert ladder.take_changes() == []


def test_a_side_is_bids_or_asks():
    with pytest.raises(AssertionError):
        Ladder(2)
