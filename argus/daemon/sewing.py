"""Pure. Whether the streams of a new process are sewn with what the old one has recorded.

The seam of two processes is that of two connections, seen from outside: the new one has everything
from its first fact on, so once the old one has published that fact, nothing lies between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Position(NamedTuple):
    """The last fact that was published of a stream.

    Attributes:
        key: what the stream is ordered by.
        path_key: what its path is ordered by; another one if streams share the path.
        ts_recv: when it was received (UTC ns).
    """

    key: int
    path_key: int
    ts_recv: int


type_of_streams = dict[str, dict[str, Position | None]]
"""Source -> name of a stream -> how far it was published; None if nothing of it was."""


@dataclass(frozen=True, slots=True)
class Positions:
    """What a recorder says to the one that wants to take over.

    Attributes:
        generation: its hash.
        version: of the program.
        is_busy: whether it still merges, or does not know yet what was missed before it; it begins
            no merge while it is to be taken over.
        streams: how far each stream was published.
    """

    generation: str
    version: str
    is_busy: bool
    streams: type_of_streams


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a stream has begun in the new process.

    Attributes:
        first: key of the first fact that was published.
        acknowledged: when the venue said that it serves the stream, on each connection (UTC ns).
        is_suspected: whether something may have been lost since the last fact.
        is_exact: whether equal keys are equal facts.
    """

    first: int | None
    acknowledged: tuple[int, ...] = ()
    is_suspected: bool = False
    is_exact: bool = True

    def is_sewn(self, last: Position | None, now_ns: int, quiet_ns: int) -> bool:
        """Return whether nothing is lost if the old process ends now.

        Args:
            last: what the old process published last; None if nothing.
            now_ns: the present.
            quiet_ns: how long a stream is watched before its silence counts.
        """
        if self.is_suspected:
            return False
        if self.first is not None:
            if last is None:
                return True
            return self.first < last.key or (self.is_exact and self.first == last.key)
        return any(
            now_ns - ts >= quiet_ns and (last is None or last.ts_recv < ts)
            for ts in self.acknowledged
        )


def unsewn(
    beginnings: Mapping[str, Beginning],
    positions: Mapping[str, Position | None],
    *,
    now_ns: int,
    quiet_ns: int,
) -> Iterator[str]:
    """Return the streams of a source that both processes have and that are not sewn."""
    for name, beginning in beginnings.items():
        if name in positions and not beginning.is_sewn(positions[name], now_ns, quiet_ns):
            yield name
