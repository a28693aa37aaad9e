"""Shell. Asks venues for the time, and keeps what came of it: estimates of their clocks' offsets.

They are kept as lines of JSON, one file per source and UTC day below `clock/` in the data folder.
That is beside the lake and not in it: an estimate is about us, not a fact that a venue said, and
nothing stored is ever corrected by it.
"""

from __future__ import annotations

from asyncio import get_running_loop
from concurrent.futures import Executor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from argus.clock import Clock
from argus.daemon.watch.offset import Offset, Sample, estimate
from argus.errors import VenueError
from argus.network.rest import Get
from argus.network.source import UNDECODABLE, Source
from argus.telemetry import (
    ClockOffsetEstimated,
    ClockOffsetLarge,
    ClockOffsetUnkept,
    Report,
    RequestFailed,
)

FOLDER = "clock"
SAMPLES = 5


class Offsets:
    """The offset of each source's clock.

    Args:
        data: the data folder.
        clock: ours.
        large_s: a larger offset is told as a warning.
        every_s: when a failed estimate is tried again, for people.
        thread: where files are written.
        report: telemetry.

    Attributes:
        last: the last estimate of each source.
    """

    def __init__(
        self,
        data: Path,
        *,
        clock: Clock,
        large_s: float,
        every_s: float,
        thread: Executor,
        report: Report,
    ) -> None:
        self._folder = data / FOLDER
        self._clock = clock
        self._large_ns = int(large_s * 1e9)
        self._every_s = every_s
        self._thread = thread
        self._report = report
        self.last: dict[str, Offset] = {}

    async def measure(self, source: Source, get: Get) -> None:
        """Estimate the offset of one source's clock now, tell it and keep it."""
        try:
            found = estimate([await self._ask(source, get) for _ in range(SAMPLES)])
        except (VenueError, *UNDECODABLE) as error:
            self._report(RequestFailed(source.name, str(error), self._every_s))
            return
        if found is None:
            return  # our own clock was set meanwhile, which is told by itself
        self.last[source.name] = found
        seconds = (found.offset_ns / 1e9, found.error_ns / 1e9)
        self._report(ClockOffsetEstimated(source.name, *seconds))
        if found.is_beyond(self._large_ns):
            self._report(ClockOffsetLarge(source.name, *seconds))
        try:
            await get_running_loop().run_in_executor(self._thread, self._keep, source.name, found)
        except OSError as error:
            self._report(ClockOffsetUnkept(source.name, str(error)))

    async def _ask(self, source: Source, get: Get) -> Sample:
        rest = source.rest
        assert rest.time is not None
        assert rest.decode_time is not None
        before, ts_asked = self._clock.monotonic_ns(), self._clock.now_ns()
        ts_answered, answer = await get(rest.time)
        rtt_ns = self._clock.monotonic_ns() - before
        return Sample(ts_asked, ts_answered, rtt_ns, rest.decode_time(answer))

    def _keep(self, source: str, found: Offset) -> None:
        day = datetime.fromtimestamp(found.ts / 1e9, UTC).date().isoformat()
        file = self._folder / source / f"{day}.jsonl"
        line = msgspec.json.encode({"source": source, **asdict(found)}) + b"\n"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a+b") as out:
            if out.tell():
                out.seek(-1, 2)
                if out.read(1) != b"\n":  # what a power cut left of a line stays alone
                    line = b"\n" + line
            out.write(line)
