"""What a simulated day is like: everything that is drawn from its seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from random import Random

from tests.simulation.venue import STREAMS

HOUR_S = 3600.0

# A fault and how often it may befall a day, at most.
FAULTS = {
    "cut": 8,
    "outage": 2,
    "stall": 2,
    "mute": 2,
    "deaf": 1,
    "slow": 4,
    "refusal": 2,
    "shutdown": 2,
    "no_answers": 2,
    "jump": 2,
    "disk_full": 1,
    "disk_slow": 2,
    "disk_error": 2,
    "listing": 2,
    "delisting": 2,
}
ENDINGS = {"restart": 2, "kill": 2, "power_cut": 2}


@dataclass(frozen=True)
class Options:
    """One simulated day.

    Attributes:
        seed: draws everything else, and everything that happens.
        source: whose venue it is.
        symbols: listed at the beginning.
        standby: connections kept beside the active one.
        begins_h: true hour of the day at which it begins; a day later it ends.
        burst_s: mean time between two bursts.
        burst_facts: facts of a burst, at most.
        delay_s: how long anything is on its way, at most.
        drift: of the wall clock.
        lifetime_h: after which a connection is replaced; the venue cuts it a quarter later.
        flush_h: buffers are sealed into chunks so often.
        backfills: whether gaps are filled.
        faults: what befalls, and how often.
        hours: how long faults befall.
        data_types: what is streamed.
        down_s: until a process that ended is followed by the next, one of these.
        healing_h: the venue goes on for so long after the last fault: longer than any deadline.
        merge_h: chunks are merged so often, where it is worth it.
        bars: whether bars are built.
    """

    seed: int
    source: str
    symbols: tuple[str, ...]
    standby: int
    begins_h: float
    burst_s: float
    burst_facts: int
    delay_s: float
    drift: float
    lifetime_h: float
    flush_h: float
    backfills: bool
    faults: dict[str, int] = field(default_factory=dict)
    hours: float = 24.0
    data_types: tuple[str, ...] = tuple(STREAMS)
    down_s: tuple[float, ...] = (1.0, 10.0, 60.0, 600.0, 3600.0)
    healing_h: float = 2.0
    merge_h: float = 3.0
    bars: bool = False

    def __str__(self) -> str:
        """Return all of it on one line."""
        return ", ".join(f"{name}={value!r}" for name, value in asdict(self).items())


def options(seed: int, *, endings: bool = True) -> Options:
    """Draw a day; `endings` says whether processes end in it, by will or by force."""
    random = Random(f"options {seed}")
    # Some days are calm, some see one kind of fault only, most see a few.
    share = random.choice((0.0, 0.2, 0.5, 0.5, 1.0))
    faults = _drawn(FAULTS, share, random)
    if endings:
        faults |= _drawn(ENDINGS, share or 0.5, Random(f"endings {seed}"))
    return Options(
        seed=seed,
        source=random.choice(("binance_spot", "binance_usdm")),
        symbols=("BTCUSDT", "ETHUSDT")[: random.choice((1, 2, 2))],
        standby=random.choice((0, 1, 1, 2)),
        begins_h=round(random.uniform(0, 24), 2),
        burst_s=random.choice((200.0, 400.0, 800.0)),
        burst_facts=random.choice((4, 8, 16)),
        delay_s=random.choice((0.05, 0.5, 3.0)),
        drift=random.choice((0.0, 1e-5, -1e-5, 1e-4)),
        lifetime_h=random.choice((4.0, 8.0, 12.0)),
        flush_h=random.choice((2.0, 4.0, 6.0)),
        backfills=random.random() < 0.5,
        faults=faults,
    )


def _drawn(counts: dict[str, int], share: float, random: Random) -> dict[str, int]:
    return {
        name: count
        for name, most in counts.items()
        if random.random() < share and (count := random.randint(0, most))
    }
