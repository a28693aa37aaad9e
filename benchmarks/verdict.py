"""Pure. From outcomes to figures: what a fact cost, and how contestants compare by round."""

from dataclasses import dataclass
from statistics import median
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One contestant under one load, once. A fault voids every figure.

    `cpu_s` is until all facts are in Parquet (or feather); `cpu_all_s` also holds what the
    contestant does when it is stopped after that (for Argus: merging its chunks into the lake).
    `due_s` is how long the venue had to take for sending (0: no longer than necessary), `sent_s`
    how long it did, and `wall_s` how long it was until the last flush.
    """

    contestant: str
    messages: int
    messages_received: int = 0
    facts: int = 0
    rows: int = 0
    bytes_written: int = 0
    wall_s: float = 0.0
    sent_s: float = 0.0
    due_s: float = 0.0
    cpu_s: float = 0.0
    cpu_all_s: float = 0.0
    rss_mb: float = 0.0
    fault: str = ""

    @property
    def us_per_fact(self) -> float:
        """Return CPU microseconds for each fact stored."""
        return self.cpu_s / self.facts * 1e6

    @property
    def us_all_per_fact(self) -> float:
        """Return the same with everything until the process has stopped."""
        return self.cpu_all_s / self.facts * 1e6

    @property
    def us_per_message(self) -> float:
        """Return CPU microseconds for each message received: a fact may come twice."""
        return self.cpu_s / self.messages_received * 1e6

    @property
    def cpu_share(self) -> float | None:
        """Return which part of a core a set pace needs; more than 1 means that it fell behind."""
        return self.cpu_s / self.due_s if self.due_s else None

    @property
    def bytes_per_row(self) -> float:
        """Return the size of a stored row."""
        return self.bytes_written / self.rows


class Spread(NamedTuple):
    """The middle and the ends of what several rounds gave."""

    median: float
    least: float
    most: float


def spread(values: list[float]) -> Spread:
    """Return the median and the ends of `values`, of which there is at least one."""
    return Spread(median(values), min(values), max(values))


def ratios(rounds: list[dict[str, Outcome]], ours: str, theirs: str) -> list[float]:
    """Return for each round how many times `ours` the peer's fact costs, but for faulty pairs."""
    pairs = [(each[ours], each[theirs]) for each in rounds if ours in each and theirs in each]
    return [
        peer.us_per_fact / mine.us_per_fact
        for mine, peer in pairs
        if not (mine.fault or peer.fault)
    ]


class Row(NamedTuple):
    """One contestant under one load, over all rounds, ready to print."""

    contestant: str
    rounds: int
    us_per_fact: Spread
    us_per_message: float
    us_all_per_fact: float
    messages_per_s: float
    cpu_share: float | None
    sent_s: float
    wall_s: float
    rss_mb: float
    bytes_per_row: float
    ratio: Spread | None


def row(rounds: list[dict[str, Outcome]], name: str, ours: str) -> Row | str:
    """Return a contestant's figures, or the reason why it has none."""
    outcomes = [each[name] for each in rounds if name in each]
    faults = [each.fault for each in outcomes if each.fault]
    if faults or not outcomes:
        return faults[0] if faults else "it was not run"
    against = ratios(rounds, ours, name) if name != ours else []
    shares = [each.cpu_share for each in outcomes if each.cpu_share is not None]
    cost = spread([each.us_per_fact for each in outcomes])
    return Row(
        contestant=name,
        rounds=len(outcomes),
        us_per_fact=cost,
        us_per_message=median(each.us_per_message for each in outcomes),
        us_all_per_fact=median(each.us_all_per_fact for each in outcomes),
        messages_per_s=1e6 / cost.median,
        cpu_share=median(shares) if shares else None,
        sent_s=median(each.sent_s for each in outcomes),
        wall_s=median(each.wall_s for each in outcomes),
        rss_mb=max(each.rss_mb for each in outcomes),
        bytes_per_row=median(each.bytes_per_row for each in outcomes),
        ratio=spread(against) if against else None,
    )
