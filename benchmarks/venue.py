"""Shell. The place where a benchmark runs: one at a time on a machine, in a folder of its own."""

import fcntl
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.arena import Arena
from benchmarks.certificate import made

WORK = Path(__file__).parent / ".work"


@contextmanager
def opened() -> Iterator[Arena]:
    """Wait until no other benchmark runs, then yield an arena; its folder goes when it is left."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another benchmark to end", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=WORK))
        # Being told to end has to end what was started, too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        arena = Arena(folder, made(folder / "tls"))
        try:
            yield arena
        finally:
            arena.close()
            shutil.rmtree(folder, ignore_errors=True)
