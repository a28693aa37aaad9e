"""Shell. One contestant against the venue, once: start, wait, let go, measure, stop."""

import json
import os
import queue
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.certificate import Certificate
from benchmarks.contestants.script import Job, Result
from benchmarks.process import cpu_s, rss_peak_mb
from benchmarks.verdict import Outcome

HERE = Path(__file__).parent
VENUE_CORE, CONTESTANT_CORE = 0, 1
CONNECT_WITHIN_S = 90.0
IDLE_S = 0.3  # a contestant is let go once it has been idle for so long ...
IDLE_WITHIN_S = 5.0  # ... or after this time, whatever it does


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A recorder as it is started: interpreter, script, and over how many connections it reads."""

    name: str
    python: Path
    script: str
    copies: int = 1
    options: tuple[tuple[str, float], ...] = ()
    messages_max: int | None = None


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
        return Load(
            profile=self.profile, messages=count, rate_per_s=self.rate_per_s, is_tls=self.is_tls
        )


class Failed(Exception):
    """The contestant could not be measured; the text says why."""


class Talker:
    """A child process that is told and answers in lines."""

    def __init__(self, command: list[str], *, core: int, log: Path, extra: dict[str, str]) -> None:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent), **extra}
        with log.open("ab") as errors:
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
                preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 - no threads yet
            )
        self.log = log
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        Thread(target=self._listen, daemon=True).start()

    def tell(self, line: str) -> None:
        """Send a line."""
        assert self.child.stdin is not None
        try:
            self.child.stdin.write(line + "\n")
            self.child.stdin.flush()
        except BrokenPipeError as error:
            raise Failed(f"it has ended: {self.last_words()}") from error

    def hear(self, wanted: Callable[[str], bool], within_s: float) -> str:
        """Return the next line that is wanted; others are skipped."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failed(f"no answer within {within_s:.0f} s: {self.last_words()}") from None
            if line is None:
                raise Failed(f"it has ended: {self.last_words()}")
            if wanted(line):
                return line

    def last_words(self) -> str:
        """Return the end of what it wrote to stderr."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"

    def stop(self) -> None:
        """End it, gently first."""
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def _listen(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


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
        folder = self.folder / "records"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._prepare(load)
        self._order("run", copies=contestant.copies, rate_per_s=load.rate_per_s)
        self._heard("open", 10.0)
        talker = self._started(contestant, load, folder)
        try:
            return self._measured(contestant, load, talker)
        except Failed as failure:
            return Outcome(contestant=contestant.name, messages=load.messages, fault=str(failure))
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
        if contestant.copies > 1 or contestant.script == "argus_recorder":
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
        log.unlink(missing_ok=True)
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
        line = self.venue.hear(
            lambda line: json.loads(line)["event"] in (event, *fatal), within_s
        )
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
