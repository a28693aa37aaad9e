"""Shell. The venue: a process of its own that sends one prepared run after the other.

It is told what to do by JSON lines on stdin and answers with JSON lines on stdout:

    prepare  make the messages of a profile, once for all contestants
    run      accept a contestant's connections; `subscribed` when each stream is taken often enough
    send     send the run; `sending`, `sent`, and `read` once every connection has read everything
    end      close the connections
"""

import gc
import json
import os
import select
import socket
import ssl
import sys
import time
from typing import Any

from benchmarks import wire
from benchmarks.link import Link
from benchmarks.rest import Books, serve
from benchmarks.sending import BackToBack, Paced, Traffic
from benchmarks.traffic import PROFILES, Kind, Profile, messages

Sender = BackToBack | Paced


class Venue:
    """The listening sockets, the prepared traffic, and the run under way."""

    def __init__(self, certificate: str | None) -> None:
        self.plain = listener()
        self.secure = listener()
        self.tls = tls_context(certificate) if certificate else None
        self.links: list[Link] = []
        self.sender: Sender | None = None
        self._profile: Profile | None = None
        self._traffic: dict[bool, Traffic] = {}
        self._copies, self._rate_per_s = 1, 0
        self.books = Books(PROFILES["mix"](0).symbol_names())
        self.books.position = lambda: self.sender.position if self.sender else 0
        self.is_awaited = False
        self.is_reading = False

    def prepare(self, *, profile: str, messages: int) -> None:
        """Choose the profile; its messages are made when the first contestant asks for them."""
        self._profile = PROFILES[profile](messages)
        self._traffic.clear()
        self._made(microseconds=False)
        say("prepared", streams=len(self._profile.streams()))

    def run(self, *, copies: int, rate_per_s: int) -> None:
        """Accept a contestant; each stream has to be taken by `copies` connections."""
        self._copies, self._rate_per_s = copies, rate_per_s
        self.is_awaited = True
        say("open")

    def look(self) -> None:
        """Take in what clients say; when all is subscribed, get the run ready and say so."""
        sources: list[socket.socket | Link] = [self.plain, self.secure, *self.links]
        for source in select.select(sources, [], [], 0.01)[0]:
            if isinstance(source, Link):
                self._receive(source)
            else:
                sock, _ = source.accept()
                self.links.append(Link(sock, self.tls if source is self.secure else None))
        for link in self.links:
            link.flush()
        self.links = [link for link in self.links if not link.is_lost]
        if self.is_awaited and self._is_subscribed():
            self.is_awaited = False
            self.sender = self._made_sender()
            say("subscribed", connections=len(self.links))
        if self.is_reading and all(link.has_read_all for link in self.links):
            self.is_reading = False
            say("read")

    def send(self) -> None:
        """Send the run."""
        assert self.sender is not None, "send before run"
        gc.disable()
        start = time.monotonic()
        say("sending", at=start)
        try:
            self.sender.send()
        except ConnectionError as error:
            say("lost", why=str(error))
        gc.enable()
        self.sender.position = sys.maxsize
        say("sent", at=time.monotonic(), wall_s=time.monotonic() - start)
        for link in self.links:
            link.end_run()
        self.is_reading = True

    def end(self) -> None:
        """Close the contestant's connections."""
        for link in self.links:
            link.send(link.encode(wire.frame(b"\x03\xe8", wire.CLOSE)))
            link.sock.close()
        self.links.clear()
        self.sender = None
        self.is_awaited = self.is_reading = False
        gc.collect()
        say("ended")

    def _receive(self, link: Link) -> None:
        try:
            link.receive()
        except (ConnectionError, ValueError) as error:
            link.is_lost = True
            say("refused", why=str(error))

    def _is_subscribed(self) -> bool:
        if self._profile is None or len(self.links) < self._copies:
            return False
        wanted = self._profile.streams()
        return all(
            sum(name in link.streams for link in self.links) >= self._copies for name in wanted
        )

    def _made_sender(self) -> Sender:
        traffic = self._made(microseconds=self.links[0].microseconds)
        if self._rate_per_s:
            return Paced(self.links, traffic, rate_per_s=self._rate_per_s)
        return BackToBack(self.links, traffic)

    def _made(self, *, microseconds: bool) -> Traffic:
        if microseconds not in self._traffic:
            assert self._profile is not None, "run before prepare"
            self._traffic[microseconds] = made(self._profile, self.books, microseconds=microseconds)
        return self._traffic[microseconds]


def made(profile: Profile, books: Books, *, microseconds: bool) -> Traffic:
    """Return the frames of a run, and tell `books` which diff is at which position."""
    numbers = {name: n for n, name in enumerate(profile.streams())}
    traffic = Traffic([], [], list(numbers))
    books.clear()
    said = messages(profile, ts_start_ms=int(time.time() * 1_000), microseconds=microseconds)
    for n, message in enumerate(said):
        traffic.frames.append(wire.frame(message.payload))
        traffic.stream_numbers.append(numbers[message.stream])
        if message.kind is Kind.DEPTH:
            books.add(message.symbol, n, message.identity)
    gc.collect()
    gc.freeze()
    return traffic


def listener() -> socket.socket:
    """Return a socket that listens on a free local port."""
    return socket.create_server(("127.0.0.1", 0), backlog=64)


def tls_context(certificate: str) -> ssl.SSLContext:
    """Return the server's side of TLS, with the key beside the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def say(event: str, **facts: object) -> None:
    """Tell the harness."""
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until stdin ends."""
    venue = Venue(sys.argv[1] if len(sys.argv) > 1 else None)
    say(
        "listening",
        plain_port=venue.plain.getsockname()[1],
        tls_port=venue.secure.getsockname()[1],
        rest_port=serve(venue.books),
    )
    typed = b""
    while True:
        venue.look()
        if not select.select([0], [], [], 0)[0]:
            continue
        read = os.read(0, 65_536)
        if not read:
            return
        *lines, typed = (typed + read).split(b"\n")
        for line in lines:
            command: dict[str, Any] = json.loads(line)
            getattr(venue, command.pop("do"))(**command)


if __name__ == "__main__":
    main()
