"""Shell. What Linux says about a process: the CPU it and its children used, and its memory."""

import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Return user and system seconds of a process, its ended children and its living ones."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(field) for field in fields[11:15]) / TICKS_PER_S
    return own + sum(cpu_s(child) for child in children(pid))


def children(pid: int) -> list[int]:
    """Return the processes that `pid` has started and that still live."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found.extend(int(word) for word in path.read_text().split())
    return found


def rss_peak_mb(pid: int) -> float:
    """Return the largest resident memory a process has had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def load() -> float:
    """Return the machine's load over the last minute."""
    return os.getloadavg()[0]
