"""Shell. Recorded frames into the lake, with their own `ts_recv`.

A recording holds one frame a line, `<ts_recv ns> <payload>`, plain or gzipped: what the journal
writes, and what other collectors write. The frames go through the same decoders, splices and
storage handlers as live ones, so that a hole in a recording becomes a gap in the lake, and what
was imported before is not stored again.

A book snapshot from REST stands between the frames, either bare (its symbol is the one of the last
diff before it) or wrapped as `{"stream":"<symbol>@depthSnapshot","data":…}`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from argus.agora.agora import Agora
from argus.agora.path import Path as AgoraPath
from argus.agora.router import AgoraRouter
from argus.agora.splice import Limits
from argus.clock import Clock
from argus.config.schema import StorageConfig
from argus.daemon.letters import LetterBox
from argus.daemon.recorded import first_stamp, lines, open_recording, size_of
from argus.daemon.recording import Recording
from argus.errors import ImplausibleId, StorageError
from argus.events import Event, Gap, Origin
from argus.network.source import UNDECODABLE, Source
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept, alive, remove_if_finished
from argus.telemetry import FrameUndecodable, GapFound, Report

SNAPSHOT_SUFFIX = "depthSnapshot"
RING_FACTS = 1024
DRAIN_LINES = 20_000


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


type_of_progress = Callable[[int], None]


class Importer:
    """Feeds recorded frames of one source into an agora.

    Args:
        source: whose frames they are.
        agora: where facts are published.
        letters: keeps what cannot be decoded.
        report: telemetry.
    """

    def __init__(self, source: Source, agora: Agora, *, letters: LetterBox, report: Report) -> None:
        self._source = source
        self._agora = agora
        self._letters = letters
        self._report = report
        self._routers: dict[bytes, AgoraRouter] = {}
        self._targets: dict[bytes, tuple[Callable[[bytes, int, Origin], Event], AgoraPath]] = {}
        self._book = ""
        self._number = 0
        self._ts_last = 0
        self.done = Imported()

    def take(self, ts_recv: int, frame: bytes) -> None:
        """Publish one recorded frame's fact."""
        envelope = self._source.envelope
        self.done.lines += 1
        self._ts_last = ts_recv
        try:
            if frame.startswith(envelope):
                name = frame[len(envelope) : frame.index(b'"', len(envelope))]
                self._take_stream(ts_recv, frame, name)
            else:
                self._take_other(ts_recv, frame)
        except (*UNDECODABLE, ImplausibleId) as error:
            self._undecodable(ts_recv, frame, error)

    def begin(self, ts_first: int, now_ns: int) -> None:
        """Begin a file. One that overlaps with what came before is a recording of its own.

        Its facts may fill the other's holes, so none of them may pass for a repeat here; the merge
        keeps each of them once.
        """
        if ts_first <= self._ts_last:
            self.close(now_ns)
            self._routers.clear()
            self._targets.clear()

    def torn(self) -> None:
        """Count a line that is torn."""
        self.done.torn += 1

    def _undecodable(self, ts_recv: int, frame: bytes, error: Exception) -> None:
        """Keep a frame as a dead letter, and suspect a hole where it belonged."""
        self.done.undecodable += 1
        envelope = self._source.envelope
        name = frame[len(envelope) :].partition(b'"')[0] if frame.startswith(envelope) else b""
        if name in self._targets:
            self._routers[name].damage(self._targets[name][1])
        file = self._letters(self._source.name, ts_recv, frame)
        text = name.decode("utf-8", "replace")
        self._report(FrameUndecodable(self._source.name, text, str(error), file))

    def _take_stream(self, ts_recv: int, frame: bytes, name: bytes) -> None:
        target = self._targets.get(name) or self._target(name)
        if target is None:
            if name.endswith(SNAPSHOT_SUFFIX.encode()):
                symbol = self._source.read(name.decode().partition("@")[0])
                self._take_snapshot(ts_recv, bytes(_data(frame)), symbol)
            else:
                self.done.unknown += 1
            return
        decode, path = target
        if path.data_type == "book_delta":
            self._book = path.symbol
        self._agora.publisher(path).publish(decode(frame, ts_recv, Origin.IMPORT))

    def _take_other(self, ts_recv: int, frame: bytes) -> None:
        if self._source.control(frame) is not None:
            return
        self._take_snapshot(ts_recv, frame, self._book)

    def _take_snapshot(self, ts_recv: int, answer: bytes, symbol: str) -> None:
        fact = self._source.rest.decode_snapshot(answer, ts_recv, Origin.SNAPSHOT)
        if not symbol:
            msg = "a book snapshot before any diff; its symbol is unknown"
            raise ValueError(msg)
        self._agora.publisher(AgoraPath(self._source.name, "book_snapshot", symbol)).publish(fact)

    def _target(
        self, name: bytes
    ) -> tuple[Callable[[bytes, int, Origin], Event], AgoraPath] | None:
        stream = self._source.identify(name.decode())
        if stream is None:
            return None
        router = AgoraRouter(
            self._agora,
            stream.path,
            seam=stream.channel.seam,
            limits=Limits(),
            report_gap=self._gap,
        )
        self._number += 1
        p = stream.path
        path = AgoraPath(p.source, p.data_type, p.symbol, self._number)
        router.relay(path)
        self._routers[name] = router
        self._targets[name] = (stream.channel.decode, path)
        return self._targets[name]

    def _gap(self, path: AgoraPath, gap: Gap) -> None:
        self.done.gaps += 1
        self._report(GapFound(str(path), gap.reason, gap.missing))

    def close(self, now_ns: int) -> None:
        """End every stream."""
        for router in self._routers.values():
            self.done.repeats += router.splice.repeats
            router.close(now_ns)


class _Snapshot(msgspec.Struct):
    data: msgspec.Raw


_decode_snapshot = msgspec.json.Decoder(_Snapshot).decode


def _data(frame: bytes) -> msgspec.Raw:
    return _decode_snapshot(frame).data


async def import_files(
    paths: Sequence[Path],
    source: Source,
    data: Path,
    *,
    storage: StorageConfig,
    clock: Clock,
    report: Report,
    progress: type_of_progress = lambda _: None,
) -> Imported:
    """Import recordings into a lake, in the order of their first lines.

    Args:
        paths: recordings, gzipped or plain.
        source: whose frames they are.
        data: the data folder.
        storage: limits and tiers.
        clock: instants of gaps that have no end.
        report: telemetry.
        progress: called with the bytes of each file read so far, over all files.

    Returns:
        What was done. `left` counts facts that could not be written.

    Raises:
        StorageError: a recording cannot be read, or the data folder cannot be written.
    """
    ordered = sorted(paths, key=first_stamp)
    generation = secrets.token_hex(4)
    disk = LocalDisk(generation)
    try:
        accept(data, generation, disk=disk)
    except OSError as error:
        raise StorageError(f"data folder {data} cannot be written: {error}") from error
    agora = Agora({"": RING_FACTS, "book_snapshot": 64})
    importer = Importer(source, agora, letters=LetterBox(data), report=report)
    recording = Recording(
        agora,
        storage,
        data=data,
        generation=generation,
        disk=disk,
        clock=clock,
        record_overrun=_never,
        report=report,
    )
    with alive(data, generation):
        read_before = 0
        for path in ordered:
            importer.begin(first_stamp(path), clock.now_ns())
            await _import_one(path, importer, recording, lambda n, b=read_before: progress(b + n))  # type: ignore[misc]
            read_before += path.stat().st_size
            progress(read_before)
        importer.close(clock.now_ns())
        importer.done.left = await recording.stop()
    remove_if_finished(data, generation, disk=disk)
    done = importer.done
    done.facts = {d: n for (_, d), n in recording.totals.facts.items()}
    done.stored_before = sum(done.facts.values()) - recording.totals.merged_rows - done.left
    return done


async def _import_one(
    path: Path, importer: Importer, recording: Recording, progress: type_of_progress
) -> None:
    with open_recording(path) as file:
        raw = getattr(file, "fileobj", None)
        size_bytes = None if raw else size_of(path)
        raw = raw or file
        found = lines(file, torn=importer.torn, size_bytes=size_bytes)
        for count, (ts_recv, frame) in enumerate(found, 1):
            importer.take(ts_recv, frame)
            if count % DRAIN_LINES == 0:
                recording.drain()
                progress(raw.tell())
                if recording.is_due:
                    await recording.flush(only_due=True)


def _never(path: AgoraPath, missed: int, after: Event) -> None:
    msg = f"{missed} facts of {path} were overrun before {after}; rings are pressed, so none can be"
    raise AssertionError(msg)
