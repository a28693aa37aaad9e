"""Shell. Child processes on a core of their own that are told, and answer, in lines."""

import contextlib
import os
import queue
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).parent.parent


class Failed(Exception):
    """The contestant could not be measured; the text says why."""


class Talker:
    """A child process that is told and answers in lines."""

    def __init__(self, command: list[str], *, core: int, log: Path, extra: dict[str, str]) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **extra}
        with log.open("wb") as errors:
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
                start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 - no locks are held
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
            raise Failed("it has ended") from error

    def hear(self, wanted: Callable[[str], bool], within_s: float) -> str:
        """Return the next line that is wanted; others are skipped."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failed(f"no answer within {within_s:.0f} s") from None
            if line is None:
                raise Failed("it has ended")
            if wanted(line):
                return line

    def last_words(self) -> str:
        """Return the end of what it wrote to stderr."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"

    def stop(self) -> None:
        """End it, with everything it has started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            # It may have ended by itself, and its children with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):  # then the next signal is due
                self.child.wait(10)

    def _listen(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)
