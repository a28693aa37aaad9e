"""Pure. The little of the websocket protocol (RFC 6455) that a venue's side of it needs."""

import base64
import hashlib
import struct
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Frame(NamedTuple):
    """A whole frame from a client, unmasked."""

    opcode: int
    payload: bytes


class Request(NamedTuple):
    """What a client asked for in its opening handshake."""

    streams: list[str]
    microseconds: bool
    answer: bytes


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return `payload` as one final, unmasked frame, as servers send them."""
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", 0x80 | opcode, length) + payload
    if length < 65_536:
        return struct.pack("!BBH", 0x80 | opcode, 126, length) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, length) + payload


def frames(buffer: bytearray) -> Iterator[Frame]:
    """Take the whole frames off the front of `buffer`; what is cut short stays there."""
    while len(buffer) >= 2:
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        masked = bool(buffer[1] & 0x80)
        end = start + 4 * masked + length
        if len(buffer) < end:
            return
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[start + 4 * masked : end])
        if masked:
            payload = unmask(payload, bytes(buffer[start : start + 4]))
        del buffer[:end]
        yield Frame(opcode, payload)


def unmask(payload: bytes, key: bytes) -> bytes:
    """Undo (or do) a client's masking."""
    return bytes(byte ^ key[n & 3] for n, byte in enumerate(payload))


def request(head: bytes) -> Request:
    """Read an opening handshake: path, streams named in it, and the answer to send."""
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(":", 1) for line in lines if ":" in line)
    if "sec-websocket-key" not in headers:
        raise ValueError(f"{first!r} found, an opening handshake expected")
    key = next(
        line.split(":", 1)[1].strip() for line in lines if "sec-websocket-key" in line.lower()
    )
    url = urlsplit(first.split(" ")[1])
    query = parse_qs(url.query)
    named = query.get("streams", [""])[0] or unquote(url.path.removeprefix("/ws").strip("/"))
    streams = [name for name in named.split("/") if "@" in name]
    unit = query.get("timeUnit", ["MILLISECOND"])[0].upper()
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest())
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return Request(streams, unit == "MICROSECOND", answer)
