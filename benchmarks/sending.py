"""Shell. The two ways in which the venue sends a run: as fast as it is read, or at a set rate."""

import select
import time
from dataclasses import dataclass

from benchmarks.link import Link, wait_writable

SLICE = 256  # messages per connection and turn: about 64 KB
LOOK_EVERY = 1_000  # paced: messages between two looks at what clients say
SPIN_BELOW_S = 0.000_3  # the kernel wakes a sleeper some 50 us late


@dataclass(frozen=True, slots=True)
class Traffic:
    """A run's frames in order, and for each the number of its stream."""

    frames: list[bytes]
    stream_numbers: list[int]
    streams: list[str]

    def of(self, taken: set[str]) -> list[int]:
        """Return the positions of the messages of the streams that a connection has taken."""
        wanted = [name in taken for name in self.streams]
        if all(wanted):
            return list(range(len(self.frames)))
        return [n for n, number in enumerate(self.stream_numbers) if wanted[number]]


class BackToBack:
    """Everything as fast as it is read, the connections in step: none is a slice ahead."""

    def __init__(self, links: list[Link], traffic: Traffic) -> None:
        self.links = links
        self.total = len(traffic.frames)
        self.position = 0
        self._wires: list[memoryview] = []
        self._targets: list[list[int]] = []
        for link in links:
            positions = traffic.of(link.streams)
            encoded = [link.encode(traffic.frames[n]) for n in positions]
            self._targets.append(slice_ends(positions, [len(data) for data in encoded], self.total))
            self._wires.append(memoryview(b"".join(encoded)))
            link.defers = True

    def send(self) -> None:
        """Send the whole run; control frames wait until it has gone out."""
        done = [0] * len(self.links)
        for turn in range(len(self._targets[0])):
            self.position = min(self.total, (turn + 1) * SLICE)
            waiting = list(range(len(self.links)))
            while waiting:
                for n in waiting:
                    done[n] += self.links[n].send(self._wires[n][done[n] : self._targets[n][turn]])
                waiting = [n for n in waiting if done[n] < self._targets[n][turn]]
                if waiting:
                    wait_writable([self.links[n] for n in waiting])
            if any(link.is_lost for link in self.links):
                raise ConnectionError(f"a connection was lost near message {self.position}")


def slice_ends(positions: list[int], sizes: list[int], total: int) -> list[int]:
    """Return how many bytes this connection has been sent by the end of each slice."""
    ends, sent, taken = [], 0, 0
    for end in range(SLICE, total + SLICE, SLICE):
        while taken < len(positions) and positions[taken] < end:
            sent += sizes[taken]
            taken += 1
        ends.append(sent)
    return ends


class Paced:
    """Each message at its own time, in a TCP segment (and a TLS record) of its own."""

    def __init__(self, links: list[Link], traffic: Traffic, *, rate_per_s: int) -> None:
        self.links = links
        self.position = 0
        self._traffic = traffic
        self._rate_per_s = rate_per_s
        self._takers = [
            [link for link in links if name in link.streams] for name in traffic.streams
        ]

    def send(self) -> None:
        """Send the whole run; when a client stops reading, the rest is late."""
        numbers, takers = self._traffic.stream_numbers, self._takers
        start = time.perf_counter()
        for n, frame in enumerate(self._traffic.frames):
            self.position = n
            wait_until(start + n / self._rate_per_s)
            for link in takers[numbers[n]]:
                link.send_whole(link.encode(frame))
            if n % LOOK_EVERY == 0:
                self._look(n)

    def _look(self, n: int) -> None:
        for link in select.select(self.links, [], [], 0)[0]:
            link.receive()
        if any(link.is_lost for link in self.links):
            raise ConnectionError(f"a connection was lost near message {n}")


def wait_until(due: float) -> None:
    """Sleep while that is precise enough, then spin: the venue has a core to itself."""
    while (left := due - time.perf_counter()) > 0:
        if left > SPIN_BELOW_S:
            time.sleep(left - SPIN_BELOW_S / 2)
