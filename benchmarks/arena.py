"""Shell. One contestant against the venue, once: start, wait, let go, measure, stop."""

import json
import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.certificate import Certificate
from benchmarks.contestants.script import Job, Result
from benchmarks.process import cpu_s, rss_peak_mb
from benchmarks.talker import Failed, Talker
from benchmarks.verdict import Outcome

VENUE_CORE, CONTESTANT_CORE = 0, 1
CONNECT_WITHIN_S = 90.0
IDLE_S = 0.3  # a contestant is let go once it has been idle for so long ...
IDLE_WITHIN_S = 5.0  # ... or after this time, whatever it does


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A recorder as it is started, and the limits within which it can be measured.

    Args:
        copies: connections that take each stream.
        is_endless: it has to be told when everything has been sent.
        messages_max: more would take too long.
        without_tls: why it cannot be measured over TLS, if so.
        absent: why it cannot be measured at all, if so.
    """

    name: str
    python: Path
    script: str
    copies: int = 1
    options: tuple[tuple[str, float], ...] = ()
    is_endless: bool = False
    messages_max: int | None = None
    without_tls: str = ""
    absent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent: which profile, how much, how fast (0: as fast as it is read), and over TLS?"""

    profile: str
    messages: int
    rate_per_s: int = 0
    is_tls: bool = False

    def of(self, contestant: Contestant) -> "Load":
        """Return the load with no more messages than the contestant can be asked to take."""
        count = min(self.messages, contestant.messages_max or self.messages)
        return replace(self, messages=count)


class Arena:
    """The venue's process, and a folder for what contestants write."""

    def __init__(self, folder: Path, certificate: Certificate) -> None:
        self.folder, self.certificate = folder, certificate
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.server", str(certificate.server)]
        self.venue = Talker(command, core=VENUE_CORE, log=folder / "server.log", extra={})
        self.ports = self._heard("listening", 30.0)
        self._prepared: tuple[str, int] = ("", 0)

    def close(self) -> None:
        """Stop the venue."""
        self.venue.stop()

    def outcome(self, contestant: Contestant, load: Load) -> Outcome:
        """Run `contestant` under `load` and return what was measured, or why it could not be."""
        load = load.of(contestant)
        excuse = contestant.absent or (contestant.without_tls if load.is_tls else "")
        if excuse:
            return failure(contestant, load, excuse)
        folder = self.folder / "records"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._prepare(load)
        self._order("run", copies=contestant.copies, rate_per_s=load.rate_per_s)
        self._heard("open", 10.0)
        talker = self._started(contestant, load, folder)
        try:
            return self._measured(contestant, load, talker)
        except Failed as why:
            return failure(contestant, load, f"{why}; its log ends with: {talker.last_words()}")
        finally:
            talker.stop()
            self._order("end")
            self._heard("ended", 60.0)

    def _measured(self, contestant: Contestant, load: Load, talker: Talker) -> Outcome:
        pid = int(self._said(talker, "READY", CONNECT_WITHIN_S))
        self._heard("subscribed", CONNECT_WITHIN_S)
        wait_idle(pid)
        before = cpu_s(pid)
        self._order("send")
        start = float(self._heard("sending", 10.0)["at"])
        deadline_s = deadline(load)
        sent_s = float(self._heard("sent", deadline_s)["wall_s"])
        if contestant.is_endless:
            self._heard("read", deadline_s)
            talker.tell("STOP")
        self._said(talker, "FLUSHED", deadline_s)
        wall_s = time.monotonic() - start
        used, rss = cpu_s(pid) - before, rss_peak_mb(pid)
        talker.tell("COUNT")
        found = Result(**json.loads(self._said(talker, "RESULT", deadline_s)))
        return Outcome(
            contestant=contestant.name,
            messages=load.messages,
            messages_received=found.messages_received,
            facts=found.facts,
            rows=found.rows,
            bytes_written=found.bytes_written,
            wall_s=wall_s,
            sent_s=sent_s,
            due_s=load.messages / load.rate_per_s if load.rate_per_s else 0.0,
            cpu_s=used,
            cpu_all_s=found.cpu_s - before if found.cpu_s is not None else used,
            rss_mb=max(rss, found.rss_mb or 0.0),
            fault=found.fault or loss(found.facts, load.messages),
        )

    def _started(self, contestant: Contestant, load: Load, folder: Path) -> Talker:
        scheme, port = ("wss", "tls_port") if load.is_tls else ("ws", "plain_port")
        authority = str(self.certificate.authority)
        task = Job(
            profile=load.profile,
            messages=load.messages,
            websocket_url=f"{scheme}://localhost:{self.ports[port]}",
            rest_url=f"http://127.0.0.1:{self.ports['rest_port']}",
            certificates=authority if load.is_tls else None,
            folder=str(folder),
            deadline_s=deadline(load),
            options=dict(contestant.options),
        )
        log = self.folder / f"{contestant.name}.log"
        script = f"benchmarks.contestants.{contestant.script}"
        command = [str(contestant.python), "-m", script, task.as_argument()]
        trust = {"SSL_CERT_FILE": authority} if load.is_tls else {}
        return Talker(command, core=CONTESTANT_CORE, log=log, extra=trust)

    def _prepare(self, load: Load) -> None:
        if self._prepared != (load.profile, load.messages):
            self._order("prepare", profile=load.profile, messages=load.messages)
            self._heard("prepared", 600.0)
            self._prepared = load.profile, load.messages

    def _order(self, do: str, **facts: object) -> None:
        self.venue.tell(json.dumps({"do": do, **facts}))

    def _heard(self, event: str, within_s: float) -> dict[str, Any]:
        fatal = ("lost", "refused")
        line = self.venue.hear(lambda line: json.loads(line)["event"] in (event, *fatal), within_s)
        said: dict[str, Any] = json.loads(line)
        if said["event"] in fatal and event != "ended":
            raise Failed(f"{said['event']}: {said['why']}")
        return said if said["event"] == event else self._heard(event, within_s)

    @staticmethod
    def _said(talker: Talker, word: str, within_s: float) -> str:
        return talker.hear(lambda line: line.startswith(word), within_s)[len(word) :].strip()


def deadline(load: Load) -> float:
    """Return after how many seconds a contestant is given up: generous, as it is no measure."""
    return 60.0 + load.messages * 0.000_5 + load.messages / (load.rate_per_s or 1e9) * 1.5


def failure(contestant: Contestant, load: Load, why: str) -> Outcome:
    """Return an outcome without figures."""
    return Outcome(contestant=contestant.name, messages=load.messages, fault=why)


def loss(facts: int, messages: int) -> str:
    """Return what is wrong with a count of facts, or nothing."""
    return "" if facts == messages else f"{facts} facts recorded, {messages} sent"


def wait_idle(pid: int) -> None:
    """Wait until what follows connecting (caches, snapshots) has been done."""
    deadline_s = time.monotonic() + IDLE_WITHIN_S
    seen, since = cpu_s(pid), time.monotonic()
    while time.monotonic() < deadline_s and time.monotonic() - since < IDLE_S:
        time.sleep(0.05)
        if cpu_s(pid) > seen + 0.01:
            seen, since = cpu_s(pid), time.monotonic()
