import pytest

from benchmarks import wire
from benchmarks.wire import Frame


def masked(payload, opcode=wire.TEXT, key=b"\x01\x02\x03\x04"):
    plain = wire.frame(payload, opcode)
    head = bytearray(plain[: len(plain) - len(payload)])
    head[1] |= 0x80
    return bytes(head) + key + wire.unmask(payload, key)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
def test_frame_of_any_length_comes_back(length):
    buffer = bytearray(masked(b"x" * length))
    assert list(wire.frames(buffer)) == [Frame(wire.TEXT, b"x" * length)]
    assert not buffer


def test_frames_come_in_order_and_a_torn_one_stays():
    torn = masked(b"later")[:-1]
    buffer = bytearray(masked(b"one") + masked(b"two", wire.PING) + torn)
    assert list(wire.frames(buffer)) == [Frame(wire.TEXT, b"one"), Frame(wire.PING, b"two")]
    assert buffer == torn


def test_every_cut_of_a_frame_waits_for_the_rest():
    whole = masked(b"x" * 300)
    for cut in range(len(whole)):
        buffer = bytearray(whole[:cut])
        assert list(wire.frames(buffer)) == []
        assert buffer == whole[:cut]


def handshake(path):
    # Key and answer are the example of RFC 6455, section 1.3.
    return (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    ).encode()


def test_handshake_is_answered_as_in_the_standard():
    asked = wire.request(handshake("/stream?streams=a@trade/b@depth@100ms&timeUnit=microsecond"))
    assert asked.streams == ["a@trade", "b@depth@100ms"]
    assert asked.microseconds
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in asked.answer


@pytest.mark.parametrize(
    ("path", "streams"),
    [
        ("/stream", []),
        ("/ws", []),
        ("/ws/a@trade/b@trade", ["a@trade", "b@trade"]),
        ("/stream?streams=a%40trade", ["a@trade"]),
    ],
)
def test_streams_may_be_in_the_path_or_come_later(path, streams):
    asked = wire.request(handshake(path))
    assert (asked.streams, asked.microseconds) == (streams, False)


def test_request_that_is_no_handshake_is_refused():
    with pytest.raises(ValueError, match="opening handshake expected"):
        wire.request(b"GET / HTTP/1.1\r\nHost: x\r\n")
