"""Shell. The feeder of one store: a thread of its own, from the spool into the store.

Everything that a store can do to it (refuse, lose connections, take its time, hang for good) it
does to this thread alone. The oldest goes first; a chunk leaves the spool when the store has it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from argus.bars.sinks.store import Store
from argus.clock import Clock
from argus.control.status import SinkState, SinkStatus
from argus.daemon.sinks.again import rows_again
from argus.daemon.sinks.ahead import Ahead
from argus.daemon.sinks.lane import Lane
from argus.daemon.sinks.refused import set_rows_aside
from argus.errors import ForeignFile, RowsRefused, StoreRefused, StoreUnreachable, TornFile
from argus.network.backoff import Backoff
from argus.storage.disk import Disk
from argus.storage.spool import Spool
from argus.storage.spooled import Note, Spooled
from argus.telemetry import (
    Happening,
    Report,
    RowsSetAside,
    RowsStored,
    SpoolFailed,
    StoreLost,
    StoreOpened,
    StoreRefusing,
)

AWAY = Backoff(first_ns=500_000_000, longest_ns=30_000_000_000)
REFUSING = Backoff(first_ns=15_000_000_000, longest_ns=300_000_000_000)
RETRY_AFTER_S_MAX = 300.0
"""No store is left alone for longer, whatever it asks for."""
LOOK_S = 1.0
SLICE_ROWS = 50_000
"""Rows given to a store at once; between two of them bars go ahead, and a stop is noticed."""


class Stopped(Exception):
    """The feeder is asked to end."""


class Feeder:
    """Feeds one store.

    Args:
        store: what is written to; only this feeder's thread touches it.
        spool: what waits for it.
        data: the data folder, for what has to be read again.
        disk: what writes rows that are set aside.
        clock: ages.
        random: returns numbers in [0, 1).
        report: telemetry.

    Attributes:
        lane: bars that go ahead of everything.
    """

    def __init__(
        self,
        store: Store,
        spool: Spool,
        *,
        data: Path,
        disk: Disk,
        clock: Clock,
        random: Callable[[], float],
        report: Report,
    ) -> None:
        self.store = store
        self.spool = spool
        self.lane = Lane(store.name, report)
        self._ahead = Ahead()
        self._data = data
        self._disk = disk
        self._clock = clock
        self._random = random
        self._report = report
        self._ending = threading.Event()
        self._leaving = threading.Event()
        self._news = threading.Event()
        self._unread: set[Note] = set()
        self._failures = 0
        self._state = SinkState.OPENING
        self._error = ""
        self._rows = self._refused = 0

    def wake(self) -> None:
        """Say that something may wait."""
        self._news.set()

    def finish(self) -> None:
        """Ask it to end once nothing waits, or the store makes trouble."""
        self._leaving.set()
        self._news.set()

    def end(self) -> None:
        """Ask it to end as soon as the store answers what it was asked last."""
        self._ending.set()
        self._news.set()

    def run(self) -> None:
        """Feed until it is asked to end; runs in a thread of its own."""
        while not self._is_over():
            self.run_once()
            # Another recorder feeds it, and is about to leave.
            self.rest(LOOK_S)

    def failed(self, happening: Happening) -> None:
        """Report what ended `run`, and show it until the store is open again."""
        self._state, self._error = SinkState.AWAY, "its feeder failed, and the log says how"
        self._report(happening)

    def run_once(self) -> None:
        """Feed until it is asked to end, unless another process feeds the store."""
        with self.spool.feeding() as is_ours:
            if is_ours:
                self.spool.look()
                self._feed()

    def _is_over(self) -> bool:
        return self._ending.is_set() or self._leaving.is_set()

    def _feed(self) -> None:
        while not self._ending.is_set():
            try:
                self._open()
                self._empty()
            except Stopped:
                return
            except StoreUnreachable as error:
                self._wait(error)
            except StoreRefused as error:
                self._tell(error)
            except OSError as error:
                self._failures += 1
                self._report(SpoolFailed(self.store.name, str(error)))
                self.rest(AWAY.delay_ns(self._failures, self._random()) / 1e9)
            finally:
                self.lane.is_open = False
                self.store.close()
            if self._leaving.is_set():
                return

    def _open(self) -> None:
        self.store.open()
        self._unread.clear()
        state = self.spool.state()
        if self._state is not SinkState.FEEDING:
            self._report(StoreOpened(self.store.name, state.chunks, state.notes))
        self._state, self._error = SinkState.FEEDING, ""
        self.lane.is_open = True

    def _empty(self) -> None:
        """Write whatever waits, until something is wrong or it is time to end."""
        while True:
            self._go_ahead()
            spooled = self.spool.oldest()
            if spooled is not None:
                self._feed_chunk(spooled)
            elif not self._feed_note():
                if self._leaving.is_set():
                    raise Stopped
                self._news.wait(LOOK_S)
                if not self._news.is_set():
                    self.spool.look()  # Other processes may have put something there.
                self._news.clear()
                continue
            self._failures = 0

    def _feed_chunk(self, spooled: Spooled) -> None:
        chunk = spooled.chunk
        try:
            for table in self.spool.read(spooled):
                self._write(chunk.source, chunk.data_type, table)
        except FileNotFoundError:
            self.spool.look()  # Replaced by notes, or written by another process.
            return
        except (TornFile, ForeignFile) as error:
            self.spool.set_aside(spooled, error)
            return
        self.spool.remove(spooled)

    def _feed_note(self) -> bool:
        """Write what the oldest note asks for; say whether there was one."""
        found = self.spool.noted(self._unread)
        if found is None:
            return False
        note, turns = found
        try:
            for symbol, table in rows_again(self._data, note, frozenset(turns)):
                if table.num_rows:
                    self._write(note.source, note.data_type, table)
                elif symbol in turns:
                    self.spool.read_again(note, symbol, turns[symbol])
        except (TornFile, ForeignFile, FileNotFoundError) as error:
            # It stays, and is tried again when the store is opened the next time.
            self._unread.add(note)
            self._report(SpoolFailed(self.store.name, str(error)))
            return True
        for symbol, turn in turns.items():
            self.spool.read_again(note, symbol, turn)
        return True

    def _write(self, source: str, data_type: str, table: pa.Table) -> None:
        for start in range(0, table.num_rows, SLICE_ROWS):
            self._go_ahead()
            part = table.slice(start, SLICE_ROWS)
            self._write_slice(source, data_type, part)
            if data_type == "bar":
                self._ahead.learn(source, part)

    def _write_slice(self, source: str, data_type: str, table: pa.Table) -> None:
        try:
            taken = self.store.write(source, data_type, table)
        except RowsRefused as error:
            taken = error.taken
            self._set_aside(data_type, error)
        self._rows += taken
        if taken:
            self._report(RowsStored(self.store.name, source, data_type, taken))

    def _set_aside(self, data_type: str, error: RowsRefused) -> None:
        self._refused += error.rows.num_rows
        file = set_rows_aside(
            self.spool.folder,
            data_type,
            error,
            disk=self._disk,
            most=self.spool.wanted.size_bytes_max,
        )
        self._report(RowsSetAside(self.store.name, error.rows.num_rows, error.why, file))

    def _go_ahead(self) -> None:
        """Let bars go ahead, and notice a stop.

        Raises:
            Stopped: it is time to end.
        """
        if self._ending.is_set():
            raise Stopped
        for source, bars in self.lane.take():
            table = self._ahead.may_go(source, bars)
            self.lane.leave(bars.num_rows - table.num_rows)
            if table.num_rows:
                self._write_slice(source, "bar", table)

    def _wait(self, error: StoreUnreachable) -> None:
        self._failures += 1
        wait_s = AWAY.delay_ns(self._failures, self._random()) / 1e9
        wait_s = max(wait_s, min(error.retry_after_s, RETRY_AFTER_S_MAX))
        self._state, self._error = SinkState.AWAY, str(error)
        self._report(StoreLost(self.store.name, str(error), round(wait_s, 1)))
        self.rest(wait_s)

    def _tell(self, error: StoreRefused) -> None:
        """Tell it once, and try again seldom: a person has to change something."""
        if (self._state, self._error) != (SinkState.REFUSING, str(error)):
            self._failures = 0
            self._report(StoreRefusing(self.store.name, str(error)))
        self._failures += 1
        self._state, self._error = SinkState.REFUSING, str(error)
        self.rest(REFUSING.delay_ns(self._failures, self._random()) / 1e9)

    def rest(self, seconds: float) -> None:
        """Let a time pass, unless it is asked to end."""
        if not self._leaving.is_set():
            deadline = self._clock.monotonic_ns() + int(seconds * 1e9)
            while not self._is_over():
                left_ns = deadline - self._clock.monotonic_ns()
                if left_ns <= 0:
                    return
                self._ending.wait(min(left_ns / 1e9, LOOK_S / 4))

    def status(self) -> SinkStatus:
        """Return what it does now; any thread may ask."""
        state = self.spool.state()
        oldest = state.ts_oldest
        return SinkStatus(
            store=self.store.name,
            state=self._state,
            chunks=state.chunks,
            chunk_bytes=state.size_bytes,
            notes=state.notes,
            oldest_s=None if oldest is None else (self._clock.now_ns() - oldest) / 1e9,
            rows_written=self._rows,
            rows_refused=self._refused,
            bars_left=self.lane.left,
            error=self._error,
        )
