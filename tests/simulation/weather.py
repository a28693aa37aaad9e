"""What befalls a recorder in a day, and how it passes."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.simulation.clock import SimClock
from tests.simulation.disk import DISK_BYTES, Platter
from tests.simulation.loop import SimLoop
from tests.simulation.network import SimLink, SimNetwork
from tests.simulation.options import Options
from tests.simulation.venue import STREAMS, Venue

LISTED_LATER = ("SOLUSDT", "XRPUSDT", "ADAUSDT", "BNBUSDT")
RISING = STREAMS["bbo"]
CALM_S = 600.0
"""Nothing befalls so close to the beginning and the end."""


class Weather:
    """Draws what befalls a day, and brings it about.

    Args:
        options: what kind of a day it is.
        loop: lets the time pass.
        random: draws when and whom.
        clock: the recorder's.
        network: between the recorder and the venue.
        venue: whom it records.
        platter: what it writes to.
        restart: called to have the recorder stop, and begin again.

    Attributes:
        counts: what befell.
        is_alive: whether there is a process to be befallen.
    """

    def __init__(
        self,
        options: Options,
        loop: SimLoop,
        random: Random,
        *,
        clock: SimClock,
        network: SimNetwork,
        venue: Venue,
        platter: Platter,
        restart: Callable[[], None],
    ) -> None:
        self._options = options
        self._loop = loop
        self._random = random
        self._clock = clock
        self._network = network
        self._venue = venue
        self._platter = platter
        self._restart = restart
        self._until: dict[str, float] = {}
        self._crash_after_steps = 0
        self._crash = ""
        self._last_step = 0
        self._slow_s = 0.0
        self._is_over = False
        self.counts: Counter[str] = Counter()
        self.is_alive = False
        network.opened = self._opened
        network.subscribed = self._subscribed
        platter.before = self._step

    def begin(self) -> None:
        """Draw the day."""
        end_s = self._options.hours * 3600
        for kind, count in self._options.faults.items():
            for _ in range(count):
                at = self._random.uniform(CALM_S, end_s - CALM_S)
                self._loop.call_at(at, self._befall, kind)

    def _befall(self, kind: str) -> None:
        if self.is_alive and not self._is_over:
            self.counts[kind] += 1
            getattr(self, f"_{kind}")()

    def heal(self) -> None:
        """Let nothing more befall, and end what has not passed."""
        self._is_over = True
        self._until.clear()
        self._make_room()
        if not self._last_step:
            self._crash = ""
        self._network.refused_until = self._network.asking_until = 0.0
        for link in list(self._network.links):
            if link.silent or link.is_deaf:
                link.end("healed")

    def _lasts(self, kind: str, *, minutes: float) -> float:
        """Draw how long something lasts; return its end in loop time."""
        end = self._loop.time() + self._random.uniform(1, minutes * 60)
        self._until[kind] = max(end, self._until.get(kind, 0.0))
        return self._until[kind]

    def _is(self, kind: str) -> bool:
        return self._loop.time() < self._until.get(kind, 0.0)

    # --- network ---------------------------------------------------------------------------------

    def _opened(self, link: SimLink) -> None:
        # The venue ends what is a quarter older than we let it become.
        lifetime_s = self._options.lifetime_h * 3600 * 1.25
        self._loop.call_later(lifetime_s, self._expire, link)
        if self._is("deaf"):
            link.is_deaf = True

    def _expire(self, link: SimLink) -> None:
        if link.is_open:
            self.counts["expired"] += 1
            link.end("lifetime")

    def _subscribed(self, link: SimLink, stream: str) -> None:
        if self._is("mute") and self._random.random() < 0.3 and self._may_fall_silent(stream):
            link.mute(stream)

    def _may_fall_silent(self, stream: str) -> bool:
        """Return whether silence can be found out.

        What has no chain of ids and falls silent everywhere is missed by nobody.
        """
        if not stream.endswith(RISING):
            return True
        if not self._options.standby:
            return False
        others = [link for link in self._network.links if stream in link.streams]
        return sum(stream not in link.silent for link in others) > 1

    def _any_link(self) -> SimLink | None:
        links = self._network.links
        return self._random.choice(links) if links else None

    def _cut(self) -> None:
        if link := self._any_link():
            link.end("cut")

    def _outage(self) -> None:
        self._network.refused_until = self._lasts("outage", minutes=30)
        self._network.asking_until = self._network.refused_until
        for link in list(self._network.links):
            link.end("outage")

    def _stall(self) -> None:
        link = self._any_link()
        if link is None:
            return
        for stream in self._random.sample(list(link.streams), min(2, len(link.streams))):
            if self._may_fall_silent(stream):
                link.mute(stream)

    def _mute(self) -> None:
        self._lasts("mute", minutes=120)

    def _deaf(self) -> None:
        self._lasts("deaf", minutes=30)
        self._cut()

    def _slow(self) -> None:
        if link := self._any_link():
            before, link.delay_s = link.delay_s, self._options.delay_s
            self._loop.call_later(self._random.uniform(60, 7200), setattr, link, "delay_s", before)

    def _refusal(self) -> None:
        self._network.refused_until = self._lasts("refusal", minutes=60)

    def _shutdown(self) -> None:
        if link := self._any_link():
            link.tell(b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":0}}')
            self._loop.call_later(self._random.uniform(1, 900), link.end, "shutdown")

    def _no_answers(self) -> None:
        self._network.asking_until = self._lasts("no_answers", minutes=60)

    # --- clock -----------------------------------------------------------------------------------

    def _jump(self) -> None:
        # Not back by an hour: what a resting connection keeps in it, once woken, may pass for ids
        # that begin anew if its stream has stalled (`Splice._is_stuck`).
        self._clock.jump(self._random.choice((-30, -60, -5, -0.5, 0.5, 5, 60, 3600)))

    # --- listing ---------------------------------------------------------------------------------

    def _listing(self) -> None:
        free = [s for s in (*LISTED_LATER, *self._venue.symbols) if s not in self._venue.listed]
        self._venue.list_symbol(self._random.choice(free))

    def _delisting(self) -> None:
        # What a silent stream withheld of a symbol that goes for good is missed by nobody.
        silent = {name.partition("@")[0].upper() for k in self._network.links for name in k.silent}
        listed = self._venue.listed
        free = [symbol for symbol in listed if symbol not in silent]
        if len(listed) > 1 and free:
            self._venue.delist(self._random.choice(free))

    # --- disk ------------------------------------------------------------------------------------

    def _disk_full(self) -> None:
        self._platter.free = 0
        self._loop.call_at(self._lasts("disk_full", minutes=240), self._make_room)

    def _make_room(self) -> None:
        if not self._is("disk_full"):
            self._platter.free = DISK_BYTES

    def _disk_slow(self) -> None:
        self._lasts("disk_slow", minutes=240)

    def _disk_error(self) -> None:
        self._lasts("disk_error", minutes=120)

    def _step(self, name: str, path: Path) -> None:
        """Decide how a step on the disk goes."""
        if self._last_step and self._platter.steps >= self._last_step:
            self._last_step = 0
            self._loop.crash(self._crash)
        if self._crash and not self._last_step:
            self._crash_after_steps -= 1
            if self._crash_after_steps <= 0:
                self._loop.crash(self._crash)
        if self._is("disk_slow"):
            self._slow_s += self._random.uniform(0, 20)
        if self._is("disk_full") and name in {"write", "create", "make_folder", "open_end"}:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if self._is("disk_error") and self._random.random() < 0.2:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    def delay_s(self) -> float:
        """Return how long the disk took since this was last asked."""
        slow_s, self._slow_s = self._slow_s, 0.0
        return slow_s

    # --- the process -----------------------------------------------------------------------------

    def _kill(self) -> None:
        self._die("kill")

    def _power_cut(self) -> None:
        self._die("power_cut")

    def _die(self, how: str) -> None:
        """Die now, or at some step on the disk soon."""
        self._crash, self._crash_after_steps = how, self._random.choice((0, 1, 3, 10, 30, 60))
        if not self._crash_after_steps:
            self._loop.crash(how)

    def die_at(self, step: int, how: str) -> None:
        """Have the process die at this step on the disk, whatever step it is."""
        self._crash, self._last_step = how, step

    def died(self) -> str:
        """Return how the process died; the next one lives."""
        how, self._crash = self._crash, ""
        return how
