"""Frames can be read by the rules of RFC 6455."""

from hypothesis import given
from hypothesis import strategies as st

from argus.simulator.frames import Opcode, close_frame, control_frame, head_of, text_frame


def parsed(frame: bytes) -> tuple[int, bytes]:
    """Return the first byte and the payload of a frame without a mask."""
    first, length, rest = frame[0], frame[1], frame[2:]
    if length == 126:
        length, rest = int.from_bytes(rest[:2], "big"), rest[2:]
    elif length == 127:
        length, rest = int.from_bytes(rest[:8], "big"), rest[8:]
    assert len(rest) == length
    return first, rest


@given(length=st.sampled_from([0, 1, 125, 126, 127, 4095, 4096, 65_535, 65_536, 70_000]))
def test_a_text_of_any_length_is_whole(length):
    message = b"x" * length
    assert parsed(text_frame(message)) == (0x81, message)
    assert len(head_of(length)) in {2, 4, 10}


def test_control_frames_carry_their_payload():
    assert parsed(control_frame(Opcode.PING, b"abc")) == (0x89, b"abc")
    assert parsed(close_frame(1008, "why")) == (0x88, (1008).to_bytes(2, "big") + b"why")
    assert len(parsed(close_frame(1008, "x" * 200))[1]) == 125
