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
