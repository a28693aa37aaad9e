"""Pure. Websocket frames as a server writes them: header, no mask, payload (RFC 6455, 5.2)."""

from enum import IntEnum


class Opcode(IntEnum):
    """What a frame is; every frame here is a whole message."""

    TEXT = 0x1
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_FIN = 0x80
_SHORT_MAX = 125
_MEDIUM_MAX = 0xFFFF
_HEADS_MADE = 4096


def head_of(length: int, opcode: Opcode = Opcode.TEXT) -> bytes:
    """Return the header of a frame whose payload has `length` bytes."""
    first = _FIN | opcode
    if length <= _SHORT_MAX:
        return bytes((first, length))
    if length <= _MEDIUM_MAX:
        return bytes((first, 126)) + length.to_bytes(2, "big")
    return bytes((first, 127)) + length.to_bytes(8, "big")


_HEADS = tuple(head_of(length) for length in range(_HEADS_MADE))


def text_frame(message: bytes) -> bytes:
    """Return the frame of a text message."""
    length = len(message)
    head = _HEADS[length] if length < _HEADS_MADE else head_of(length)
    return head + message


def control_frame(opcode: Opcode, payload: bytes) -> bytes:
    """Return a ping, pong or close frame; their payload has at most 125 bytes."""
    assert len(payload) <= _SHORT_MAX
    return head_of(len(payload), opcode) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """Return the frame that closes a connection with a code and a reason."""
    return control_frame(Opcode.CLOSE, code.to_bytes(2, "big") + reason.encode()[: _SHORT_MAX - 2])
