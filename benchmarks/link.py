"""Shell. One client's connection as the venue holds it: plain or TLS, never blocking.

TLS runs on memory buffers, so that a whole run can be encrypted before it starts (one record per
message, as a venue sends them) and the sending loop costs the same for both.
"""

import json
import select
import socket
import ssl

from benchmarks import wire

READ_BYTES = 65_536
WAIT_MS = 50


class Link:
    """A connected client: what it subscribed, and the bytes it has still to be sent."""

    def __init__(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        sock.settimeout(0.0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.streams: set[str] = set()
        self.microseconds = False
        self.is_open = False
        self.is_lost = False
        self.has_read_all = False
        self.defers = False
        self._inbox = bytearray()
        self._outbox = bytearray()
        self._deferred: list[bytes] = []
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        bios = self._incoming, self._outgoing
        self._tls = tls.wrap_bio(*bios, server_side=True) if tls else None
        self._is_greeted = False

    def fileno(self) -> int:
        """Return the socket's descriptor, for `select`."""
        return self.sock.fileno()

    def encode(self, frame: bytes) -> bytes:
        """Return what goes over the socket for `frame`."""
        if self._tls is None:
            return frame
        self._tls.write(frame)
        return self._outgoing.read()

    def receive(self) -> None:
        """Take in what has arrived and answer it: handshake, subscriptions, pings."""
        try:
            data = self.sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.is_lost = True
            return
        try:
            self._inbox += self._decrypted(data)
        except ssl.SSLError as error:
            raise ConnectionError(f"TLS handshake refused: {error.reason}") from error
        if not self.is_open:
            self._open()
        if self.is_open:
            for frame in wire.frames(self._inbox):
                self._answer(frame)
        self.flush()

    def send(self, data: bytes | memoryview) -> int:
        """Send as much of `data` as the kernel takes, and return how much that was."""
        try:
            return self.sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self.is_lost = True
            return len(data)

    def send_whole(self, data: bytes) -> None:
        """Send all of `data`, waiting for room if there is none."""
        done = self.send(data)
        while done < len(data):
            wait_writable([self])
            done += self.send(data[done:])

    def end_run(self) -> None:
        """Answer the pings that came meanwhile, then ask for a pong: it proves all was read."""
        self.defers = False
        for frame in [*self._deferred, wire.frame(b"end", wire.PING)]:
            self._outbox += self.encode(frame)
        self._deferred.clear()
        self.flush()

    def flush(self) -> None:
        """Send what waits in the outbox, as far as the kernel takes it."""
        if self._outbox:
            del self._outbox[: self.send(bytes(self._outbox))]

    def _decrypted(self, data: bytes) -> bytes:
        if self._tls is None:
            return data
        self._incoming.write(data)
        plain = bytearray()
        try:
            if not self._is_greeted:
                self._tls.do_handshake()
                self._is_greeted = True
            while part := self._tls.read(READ_BYTES):
                plain += part
        except ssl.SSLWantReadError:
            pass  # nothing more until the client sends more
        self._outbox += self._outgoing.read()
        return bytes(plain)

    def _open(self) -> None:
        head, end, rest = bytes(self._inbox).partition(b"\r\n\r\n")
        if not end:
            return
        asked = wire.request(head)
        self._inbox[:] = rest
        self.streams.update(asked.streams)
        self.microseconds = asked.microseconds
        self._outbox += self.encode(asked.answer)
        self.is_open = True

    def _answer(self, frame: wire.Frame) -> None:
        match frame.opcode:
            case wire.PING:
                self._control(wire.frame(frame.payload, wire.PONG))
            case wire.PONG:
                self.has_read_all = self.has_read_all or frame.payload == b"end"
            case wire.CLOSE:
                self.is_lost = True
            case _:
                self._control(self._acknowledgement(frame.payload))

    def _control(self, frame: bytes) -> None:
        if self.defers:
            self._deferred.append(frame)
        else:
            self._outbox += self.encode(frame)

    def _acknowledgement(self, text: bytes) -> bytes:
        asked = json.loads(text)
        if asked.get("method") == "SUBSCRIBE":
            self.streams.update(asked["params"])
        elif asked.get("method") == "UNSUBSCRIBE":
            self.streams.difference_update(asked["params"])
        return wire.frame(json.dumps({"result": None, "id": asked.get("id")}).encode())


def wait_writable(links: list[Link]) -> None:
    """Wait until one of `links` takes more; what they say meanwhile is taken in."""
    readable, _, _ = select.select(links, links, [], WAIT_MS / 1_000)
    for link in readable:
        link.receive()
