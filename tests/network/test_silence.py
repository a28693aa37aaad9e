"""When silence is a fault."""

import pytest

from argus.network.silence import (
    FIRST_FRAME_S,
    LEAD_FACTS,
    LEAD_NS,
    SLOW_LEAD_NS,
    Deadlines,
    Hearing,
    deadlines,
    fault,
    since_step,
)

SECOND = 1_000_000_000
T0 = 1000 * SECOND
QUIET_IS_NORMAL = Deadlines(None, None)
LIMITS = Deadlines(first_frame_s=10, silence_s=60)


def heard(**changed) -> Hearing:
    fields = {
        "ts_acknowledged": T0,
        "ts_moved": None,
        "lead": 0,
        "ts_behind": None,
        "ts_sibling": T0 + 3600 * SECOND,
    }
    return Hearing(**fields | changed)


def test_stream_that_the_venue_has_not_acknowledged_has_no_fault():
    hearing = heard(ts_acknowledged=None, lead=1000, ts_behind=T0)
    assert fault(hearing, LIMITS, T0 + 10**6 * SECOND) is None


@pytest.mark.parametrize(
    ("lead", "limit_ns"), [(LEAD_FACTS, LEAD_NS), (LEAD_FACTS - 1, SLOW_LEAD_NS)]
)
def test_stream_that_another_connection_leads_is_at_fault_the_sooner_the_further(lead, limit_ns):
    hearing = heard(lead=lead, ts_behind=T0)
    assert fault(hearing, QUIET_IS_NORMAL, T0 + limit_ns - 1) is None
    assert fault(hearing, QUIET_IS_NORMAL, T0 + limit_ns) == (
        f"{lead} facts behind another connection for {limit_ns / 1e9:.1f} s"
    )


def test_first_frame_has_a_deadline():
    assert fault(heard(), LIMITS, T0 + 10 * SECOND - 1) is None
    assert (
        fault(heard(), LIMITS, T0 + 10 * SECOND)
        == "no first frame for 10.0 s while other streams flow"
    )


def test_silence_after_a_frame_has_another_one():
    hearing = heard(ts_moved=T0 + SECOND)
    assert fault(hearing, LIMITS, T0 + 61 * SECOND - 1) is None
    assert (
        fault(hearing, LIMITS, T0 + 61 * SECOND) == "no frame for 60.0 s while other streams flow"
    )


@pytest.mark.parametrize("ts_sibling", [None, T0 - 1, T0])
def test_silence_is_no_fault_while_every_stream_is_silent(ts_sibling):
    assert fault(heard(ts_sibling=ts_sibling), LIMITS, T0 + 3600 * SECOND) is None


def test_quiet_may_be_normal():
    assert fault(heard(), QUIET_IS_NORMAL, T0 + 10**6 * SECOND) is None
    assert fault(heard(ts_moved=T0), QUIET_IS_NORMAL, T0 + 10**6 * SECOND) is None


@pytest.mark.parametrize(
    ("silence_s", "first_frame_s", "override_s", "expected"),
    [
        (None, None, None, Deadlines(None, None)),
        (120.0, None, None, Deadlines(120.0, 120.0)),
        (5.0, None, None, Deadlines(FIRST_FRAME_S, 5.0)),
        (120.0, 3.0, None, Deadlines(3.0, 120.0)),
        (120.0, None, 2.0, Deadlines(2.0, 2.0)),
        (None, None, 2.0, Deadlines(2.0, 2.0)),
        (None, 4.0, None, Deadlines(4.0, None)),
    ],
)
def test_what_a_user_configures_wins(silence_s, first_frame_s, override_s, expected):
    assert deadlines(silence_s, first_frame_s=first_frame_s, override_s=override_s) == expected


def test_step_of_the_clock_forward_is_no_silence():
    hour = 3600 * SECOND
    hearing = heard(ts_moved=T0, ts_sibling=T0 + hour)
    now = T0 + hour + SECOND  # one second later, and an hour by the clock
    assert fault(hearing, LIMITS, now)
    after = since_step(hearing, T0 + hour, now, is_back=False)
    assert fault(after, LIMITS, now) is None
    later = now + 60 * SECOND
    after = since_step(hearing, T0 + hour, later, is_back=False)
    assert fault(heard(ts_moved=after.ts_moved, ts_sibling=later), LIMITS, later)


def test_step_of_the_clock_back_hides_no_silence():
    hour = 3600 * SECOND
    hearing = heard(ts_moved=T0 + hour, ts_acknowledged=T0 + hour, lead=50, ts_behind=T0 + hour)
    now = T0 + LEAD_NS  # the clock was set back by an hour at T0
    assert fault(hearing, QUIET_IS_NORMAL, now) is None
    after = since_step(hearing, T0, now, is_back=True)
    assert (after.ts_acknowledged, after.ts_moved, after.ts_behind) == (T0, T0, T0)
    assert fault(after, QUIET_IS_NORMAL, now)


def test_what_was_heard_since_a_step_stands():
    hearing = heard(ts_acknowledged=T0 - 1, ts_moved=T0 + 1, ts_behind=None)
    assert since_step(hearing, T0, T0 + 2, is_back=True) == hearing
    forward = since_step(hearing, T0, T0 + 2, is_back=False)
    assert (forward.ts_acknowledged, forward.ts_moved, forward.ts_behind) == (T0, T0 + 1, None)
