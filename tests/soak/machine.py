"""A recorder and a simulated venue as processes of their own, and what they say of themselves."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from argus.control.client import ask
from argus.control.status import Status, from_json
from tests.cli.venue import ARGUS, configured, simulated
from tests.waiting import until_blocking


@dataclass(frozen=True)
class Running:
    """A recorder that records."""

    pid: int
    socket: Path

    def status(self) -> Status:
        return from_json(ask(self.socket, "status"))

    @property
    def rss_bytes(self) -> int:
        """The memory that the process holds now."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise LookupError(self.pid)

    @property
    def cpu_s(self) -> float:
        """The time it has computed, in threads as well."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(
    folder: Path, *, symbols: int, rate: float, flush_every_s: float, **keys: object
) -> Iterator[Running]:
    """Record a simulated spot venue; the recorder has found all symbols when the block begins."""
    with simulated("--symbols", str(symbols), "--rate", str(rate)) as venue:
        rule = {"quote": "USDT"}
        file = configured(folder, venue, symbols=["-"], universe_every_s=60, **keys)
        text = file.read_text()
        text = text.replace('symbols = ["-"]', f'symbols = {{ quote = "{rule["quote"]}" }}')
        file.write_text(text.replace("flush_every_s = 0.5", f"flush_every_s = {flush_every_s}"))
        command = [*ARGUS, "run", "--config", str(file), "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            begun = json.loads(process.stdout.readline())
            found = Running(begun["pid"], Path(begun["data"]) / "argus.sock")
            until_blocking(lambda: found.status().sources[0].facts, timeout_s=60)
            try:
                yield found
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=120)
