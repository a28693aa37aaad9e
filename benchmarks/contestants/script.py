"""Shell. What every contestant's script says to the harness, and hears from it.

A contestant says `READY <pid>` once it is starting to connect, `FLUSHED` when every fact is on
disk, and after the harness has read its CPU time and answered with a line, `RESULT <json>`. It
imports nothing but the standard library: each peer runs in an environment of its own.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a contestant is to record, and where."""

    profile: str
    messages: int
    websocket_url: str
    rest_url: str
    certificates: str | None
    folder: str
    deadline_s: float
    options: dict[str, float]

    @property
    def is_tls(self) -> bool:
        """Return whether the websocket is to be opened over TLS."""
        return self.certificates is not None

    def as_argument(self) -> str:
        """Return the job as the one argument of a script."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a contestant did; all facts were counted by reading its files again.

    `cpu_s` and `rss_mb` are given where the measured process has ended by the time of the report.
    """

    facts: int
    messages_received: int
    rows: int
    bytes_written: int
    cpu_s: float | None = None
    rss_mb: float | None = None
    fault: str = ""


def job() -> Job:
    """Return the job named in the arguments."""
    return Job(**json.loads(sys.argv[1]))


def ready(pid: int | None = None) -> None:
    """Tell which process is to be measured."""
    _say(f"READY {pid or os.getpid()}")


def flushed() -> None:
    """Tell that every fact is on disk, and wait until that has been noted."""
    _say("FLUSHED")
    sys.stdin.readline()


def result(found: Result) -> None:
    """Tell what was recorded."""
    _say(f"RESULT {json.dumps(asdict(found))}")


def bytes_in(folder: Path, pattern: str) -> int:
    """Return the size of the files below `folder` that match."""
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
