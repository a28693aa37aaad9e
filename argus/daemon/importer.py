"""Shell. Recorded frames onto agora paths, as if they came now.

A recording holds one frame a line, `<ts_recv ns> <payload>`: what the journal writes, and what
other collectors write. The frames go through the same decoders and splices as live ones, so that a
hole in a recording becomes a gap in the lake. `argus import` and the recovery after a crash are
this.

What came over no stream stands between the frames. A book snapshot is the venue's answer, either
bare (its symbol is the one of the last diff before it) or wrapped as
`{"stream":"<symbol>@depthSnapshot","data":…}`; other facts are wrapped in the same way, under their
data type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from argus.agora.agora import Agora
from argus.agora.downtime import hole_between
from argus.agora.path import Path as AgoraPath
from argus.agora.router import AgoraRouter, Seam, gap_of, publish_gap
from argus.agora.splice import Limits
from argus.daemon.letters import LetterBox
from argus.errors import ImplausibleId, PathError
from argus.events import EVENTS, Event, Gap, GapReason, Origin
from argus.network.source import UNDECODABLE, Source
from argus.storage.latest import rank
from argus.storage.lines import BEGIN, LOST, SNAPSHOT
from argus.telemetry import FrameUndecodable, GapFound, Report

TICK_NS = 1_000_000_000
GENERATED = frozenset({"gap", "instrument", "open_interest"})
"""Data types whose facts stand in a journal as their own fields."""

type_of_target = tuple[
    Callable[[bytes, int, Origin], Event], Callable[[Event], object], str, AgoraPath
]
"""Of one stream: what decodes, what publishes, the symbol if it is a book's, the temporary path."""

type_of_place = tuple[str, str, int, int]


@dataclass(slots=True)
class Imported:
    """What an import did."""

    lines: int = 0
    undecodable: int = 0
    unknown: int = 0
    torn: int = 0
    repeats: int = 0
    gaps: int = 0
    facts: dict[str, int] = field(default_factory=dict)
    stored_before: int = 0
    left: int = 0


class Importer:
    """Feeds recorded frames of one source into an agora.

    Args:
        source: whose frames they are.
        agora: where facts are published.
        origin: what the facts of streams say of how they reached us.
        letters: keeps what cannot be decoded.
        report: telemetry.

    Attributes:
        last: the last fact of paths before the recording, where that is known.
        is_ours: whether the lines are a journal's: all of them end, and all were decoded once.
    """

    def __init__(
        self,
        source: Source,
        agora: Agora,
        *,
        origin: Origin,
        letters: LetterBox,
        report: Report,
    ) -> None:
        self._source = source
        self._agora = agora
        self._origin = origin
        self.last: Mapping[AgoraPath, Event] = {}
        self.is_ours = False
        self._letters = letters
        self._report = report
        self._routers: dict[bytes, AgoraRouter] = {}
        self._targets: dict[bytes, type_of_target] = {}
        self._names: dict[AgoraPath, list[bytes]] = {}
        self._envelope_bytes = len(source.envelope)
        self._told: set[type_of_place] = set()
        self._beginning: set[AgoraPath] = set()
        self._judged: set[AgoraPath] = set()
        self._has_tear = False
        self._is_damaged = False
        self._found: list[tuple[AgoraPath, Gap]] = []
        self._book = ""
        self._number = 0
        self._ts_last = self._ts_ticked = 0
        self.done = Imported()

    def take(self, ts_recv: int, frame: bytes) -> None:
        """Publish one recorded frame's fact."""
        envelope = self._source.envelope
        self.done.lines += 1
        if self._has_tear:
            self.interrupt(GapReason.DISK)
        if ts_recv - self._ts_ticked >= TICK_NS:
            self._tick(ts_recv)
        self._ts_last = ts_recv
        try:
            if frame.startswith(envelope):
                begin = self._envelope_bytes
                name = frame[begin : frame.index(b'"', begin)]
                target = self._targets.get(name) or self._target(name)
                if target is None:
                    self._take_generated(ts_recv, frame, name)
                else:
                    decode, publish, book, _ = target
                    if book:
                        self._book = book
                    publish(decode(frame, ts_recv, self._origin))
            else:
                self._take_other(ts_recv, frame)
        except (*UNDECODABLE, ImplausibleId, PathError) as error:
            self._undecodable(ts_recv, frame, error)

    def _tick(self, ts_recv: int) -> None:
        """Let the time of the recording pass: ids that begin anew are found so."""
        self._ts_ticked = ts_recv
        for router in self._routers.values():
            router.tick(ts_recv)

    def begin(self, ts_first: int, now_ns: int) -> None:
        """Begin a file. One that overlaps with what came before is a recording of its own.

        Its facts may fill the other's holes, so none of them may pass for a repeat here; the merge
        keeps each of them once.
        """
        if ts_first <= self._ts_last:
            self.close(now_ns)
            self._routers.clear()
            self._targets.clear()
            self._names.clear()

    def torn(self) -> None:
        """Count a line that is torn; in a journal, what comes next may follow a hole."""
        self.done.torn += 1
        self._has_tear = self.is_ours

    def interrupt(self, reason: GapReason) -> None:
        """Note that lines are missing here, of any stream."""
        self._has_tear, self._is_damaged = False, True
        for router in self._routers.values():
            router.splice.suspicion = reason

    def _undecodable(self, ts_recv: int, frame: bytes, error: Exception) -> None:
        """Keep a frame as a dead letter, and suspect a hole where it belonged."""
        self.done.undecodable += 1
        self._has_tear |= self.is_ours  # it was decoded before it was written: the disk damaged it
        envelope = self._source.envelope
        name = frame[len(envelope) :].partition(b'"')[0] if frame.startswith(envelope) else b""
        if name in self._targets:
            self._routers[name].damage(self._targets[name][-1])
        file = self._letters(self._source.name, ts_recv, frame)
        text = name.decode("utf-8", "replace")
        self._report(FrameUndecodable(self._source.name, text, str(error), file))

    def _take_other(self, ts_recv: int, frame: bytes) -> None:
        if self._source.control(frame) is not None:
            return
        self._take_snapshot(ts_recv, frame, self._book)

    def _take_generated(self, ts_recv: int, frame: bytes, name: bytes) -> None:
        spelling, _, kind = name.decode().rpartition("@")
        if kind == SNAPSHOT.decode():
            self._take_snapshot(ts_recv, bytes(_data(frame)), self._source.read(spelling))
        elif kind == LOST.decode():
            self.interrupt(GapReason.DISK)
        elif kind == BEGIN.decode():
            data_type = msgspec.json.decode(_data(frame), type=str)
            symbol = self._source.read(spelling)
            self._begin_anew(AgoraPath(self._source.name, data_type, symbol))
        elif kind in GENERATED:
            fact = msgspec.json.decode(_data(frame), type=EVENTS[kind])
            path = AgoraPath(self._source.name, kind, self._source.read(spelling))
            if isinstance(fact, Gap):
                self._told.add(_place(path, fact))
            self._agora.publisher(path).publish(fact)
        else:
            self.done.unknown += 1
            self._has_tear |= self.is_ours  # nothing else stands in a journal

    def _begin_anew(self, path: AgoraPath) -> None:
        """Note that a path begins here; whether it follows what came before is judged elsewhere."""
        self._beginning.add(path)
        for name in self._names.pop(path, ()):
            del self._targets[name]
            router = self._routers.pop(name)
            self.done.repeats += router.splice.repeats
            router.close(self._ts_last)

    def _take_snapshot(self, ts_recv: int, answer: bytes, symbol: str) -> None:
        fact = self._source.rest.decode_snapshot(answer, ts_recv, Origin.SNAPSHOT)
        if not symbol:
            msg = "a book snapshot before any diff; its symbol is unknown"
            raise ValueError(msg)
        self._agora.publisher(AgoraPath(self._source.name, "book_snapshot", symbol)).publish(fact)

    def _target(self, name: bytes) -> type_of_target | None:
        stream = self._source.identify(name.decode())
        if stream is None:
            return None
        p = stream.path
        router = self._routers[name] = self._router(p, stream.channel.seam)
        self._number += 1
        path = AgoraPath(p.source, p.data_type, p.symbol, self._number)
        router.relay(path)
        self._names.setdefault(AgoraPath(p.source, p.data_type, p.symbol), []).append(name)
        book = p.symbol if p.data_type == "book_delta" else ""
        publish = self._agora.publisher(path).publish  # relayed, so it stays what it is
        self._targets[name] = (stream.channel.decode, publish, book, path)
        return self._targets[name]

    def _router(self, path: AgoraPath, seam: Seam) -> AgoraRouter:
        return AgoraRouter(
            self._agora,
            path,
            seam=seam,
            limits=Limits(),
            tell_gap=self.find_gap,
            begin=self._begin,
        )

    def _begin(self, path: AgoraPath, fact: Event) -> None:
        """Judge whether the first fact of a path follows what was recorded before it."""
        is_begin, seam = path in self._beginning, self._source.seam_of(path.data_type)
        known = (self._agora.publisher(path).current, self.last.get(path))
        before = max((f for f in known if f is not None), key=rank, default=None)
        if before is None or seam is None or not (is_begin or self._is_damaged):
            return
        if path in self._judged and len(self._names.get(path, ())) > 1:
            return
        self._judged.add(path)
        reason = GapReason.PROCESS_DOWN if is_begin else GapReason.DISK
        hole = hole_between(seam, before, fact, reason)
        if hole is not None:
            self.find_gap(path, gap_of(hole, path.data_type, fact.ts_recv))

    def find_gap(self, path: AgoraPath, gap: Gap) -> None:
        """Take a gap that is found anew: the recording itself may tell of it later."""
        self._found.append((path, gap))

    def tell_gap(self, path: AgoraPath, gap: Gap) -> None:
        """Publish a gap."""
        self.done.gaps += 1
        publish_gap(self._agora, path, gap)
        self._report(GapFound(str(path), gap.reason, gap.missing))

    def close(self, now_ns: int) -> None:
        """End every stream, and tell the gaps of which the recording itself does not tell."""
        for router in self._routers.values():
            self.done.repeats += router.splice.repeats
            router.close(now_ns)
        for path, gap in self._found:
            if _place(path, gap) not in self._told:
                self.tell_gap(path, gap)
        self._found.clear()


def _place(path: AgoraPath, gap: Gap) -> type_of_place:
    return path.symbol, gap.of_data_type, gap.ts_from, gap.ts_until


class _Generated(msgspec.Struct):
    data: msgspec.Raw


_decode_generated = msgspec.json.Decoder(_Generated).decode


def _data(frame: bytes) -> msgspec.Raw:
    return _decode_generated(frame).data
