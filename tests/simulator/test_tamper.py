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


def test_times_stand_still_and_all_else_goes_on():
    tamper = Tamper()
    tamper.add(Fault(kind=FaultKind.FROZEN, stream="a@*"), 0)
    frames = [b'{"E":%d,"t":%d,"p":"0.%d","T":%d}' % (n, n, n, n + 5) for n in (10, 11, 12)]
    assert [tamper.spoil("a@trade", frame, 0) for frame in frames] == [
        [text_frame(b'{"E":10,"t":%d,"p":"0.%d","T":15}' % (n, n))] for n in (10, 11, 12)
    ]
    other = b'{"E":99,"T":98}'
    assert tamper.spoil("a@depth", other, 0) == [text_frame(other)]  # its own first one


def test_first_frame_comes_again_and_again():
    tamper = Tamper()
    tamper.add(Fault(kind=FaultKind.STALE, stream="a@*"), 0)
    found = [tamper.spoil("a@trade", b"%d" % n, 0) for n in (1, 2, 3)]
    assert found == [[text_frame(b"1")]] * 3


def test_only_faults_of_frames_can_be_added():
    with pytest.raises(AssertionError):
        Tamper().add(Fault(kind=FaultKind.CUT), 0)
