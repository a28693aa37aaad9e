"""Frames are spoiled by rules, and only those of the streams that are meant."""

import pytest

from argus.simulator.faults import Fault, FaultKind
from argus.simulator.frames import text_frame
from argus.simulator.tamper import Tamper

MESSAGE = b'{"stream":"a@trade","data":1}'
WHOLE, HALF = text_frame(MESSAGE), text_frame(MESSAGE[: len(MESSAGE) // 2])


@pytest.mark.parametrize(
    ("kind", "frames"),
    [
        (FaultKind.SILENT, []),
        (FaultKind.DROP, []),
        (FaultKind.DUPLICATE, [WHOLE, WHOLE]),
        (FaultKind.MALFORMED, [HALF, WHOLE]),
        (FaultKind.CORRUPT, [HALF]),
    ],
)
def test_a_rule_spoils_so_many_frames_of_its_streams(kind, frames):
    tamper = Tamper()
    tamper.add(Fault(kind=kind, stream="a@*", count=2), 0)
    assert tamper.spoil("b@trade", MESSAGE, 0) == [WHOLE]
    assert [tamper.spoil("a@trade", MESSAGE, 0) for _ in range(3)] == [frames, frames, [WHOLE]]
    assert not tamper.expire(0)


def test_a_rule_without_a_count_lasts_its_time():
    tamper = Tamper()
    tamper.add(Fault(kind=FaultKind.SILENT, for_s=1.0), 0)
    tamper.add(Fault(kind=FaultKind.DUPLICATE), 0)
    assert tamper.spoil("a@trade", MESSAGE, 5) == []
    assert tamper.spoil("a@trade", MESSAGE, 10**9) == [WHOLE, WHOLE]
    assert tamper.expire(10**9)


def test_only_faults_of_frames_can_be_added():
    with pytest.raises(AssertionError):
        Tamper().add(Fault(kind=FaultKind.CUT), 0)
