"""Whether what a new process records joins what the old one has recorded."""

import pytest

from argus.daemon.sewing import Beginning, Position, unsewn

S = 1_000_000_000
QUIET = 3 * S


def is_sewn(beginning: Beginning, last: Position | None, now_ns: int = 100 * S) -> bool:
    return beginning.is_sewn(last, now_ns, QUIET)


def test_a_stream_is_sewn_once_the_old_process_has_what_the_new_one_began_with():
    beginning = Beginning(first=7)
    assert not is_sewn(beginning, Position(6, 6, 0))
    assert is_sewn(beginning, Position(7, 7, 0))
    assert is_sewn(beginning, Position(9, 9, 0))


def test_equal_times_of_facts_without_identity_prove_nothing():
    beginning = Beginning(first=7, is_exact=False)
    assert not is_sewn(beginning, Position(7, 7, 0))
    assert is_sewn(beginning, Position(8, 8, 0))


def test_what_the_old_process_never_had_needs_no_seam():
    assert is_sewn(Beginning(first=7), None)


@pytest.mark.parametrize("last", [None, Position(5, 5, 50 * S)])
def test_a_quiet_stream_is_sewn_when_both_are_silent_since_the_acknowledgement(
    last: Position | None,
):
    beginning = Beginning(first=None, acknowledged=(60 * S,))
    assert not is_sewn(beginning, last, now_ns=63 * S - 1)
    assert is_sewn(beginning, last, now_ns=63 * S)


def test_a_stream_is_not_quiet_if_the_old_process_got_a_fact_since_the_acknowledgement():
    last = Position(5, 5, 61 * S)
    assert not is_sewn(Beginning(first=None, acknowledged=(60 * S,)), last)
    assert is_sewn(Beginning(first=None, acknowledged=(60 * S, 62 * S)), last)


def test_a_stream_that_is_not_acknowledged_is_not_sewn():
    assert not is_sewn(Beginning(first=None), None)


def test_a_stream_that_may_have_lost_something_is_not_sewn():
    assert not is_sewn(Beginning(first=7, is_suspected=True), Position(9, 9, 0))


def test_only_streams_that_both_have_are_to_be_sewn():
    beginnings = {"old": Beginning(first=7), "both": Beginning(first=7), "new": Beginning(first=7)}
    positions = {"both": Position(6, 6, 0), "old": Position(8, 8, 0), "gone": Position(1, 1, 0)}
    assert list(unsewn(beginnings, positions, now_ns=0, quiet_ns=QUIET)) == ["both"]
