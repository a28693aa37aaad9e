"""Pure. Everything that can be chosen about a simulated venue; one schema, defaults in the type."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from argus.simulator.bars import interval_ns_of
from argus.simulator.errors import OptionError
from argus.simulator.faults import Fault
from argus.simulator.limits import Limits, limits_of
from argus.simulator.market import Mix
from argus.simulator.streams import Source
from argus.simulator.symbols import symbol_names

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOptions:
    """How a venue is simulated.

    The market: `symbols` are names or a number of invented ones; `rate` is trades, bookTickers and
    diffs per second over all of them (aggTrades, klines and marks come on top), shared out by
    `weights`. With `replay`, recordings take the market's place and those options are ignored.

    Time: `speed` is venue seconds per second, 0 for as fast as the slowest reader takes it.
    Production waits until `wait_for_connections` connections have subscribed to something, and
    ends after `facts_max` facts. `tick_ms` is how often frames are sent; with `is_segment_each`
    every frame is written on its own, else all of a tick at once.

    Limits: `limits` of the venue itself (`None`: the real ones); `shutdown_notice_s` is how long
    before the end of its life a spot connection is told. A connection that leaves more than
    `write_buffer_max_bytes` unread is aborted. `truth_keep` facts of each stream stay in memory.
    """

    source: Source
    symbols: int | tuple[str, ...] = 20
    rate: float = 1000.0
    weights: dict[str, float] = field(default_factory=dict)
    mix: Mix = field(default_factory=Mix)
    intervals: tuple[str, ...] = ("1m",)
    book_levels: int = 200
    liquidations_per_s: float = 0.02
    seed: int = 1
    start_ns: int | None = None
    replay: "tuple[Path, ...]" = ()

    speed: float = 1.0
    clock_offset_s: float = 0.0
    wait_for_connections: int = 0
    facts_max: int | None = None
    tick_ms: float = 5.0
    is_segment_each: bool = False

    host: str = "127.0.0.1"
    websocket_port: int = 0
    rest_port: int = 0
    limits: Limits | None = None
    shutdown_notice_s: float | None = None
    write_buffer_max_bytes: int = 16 * 1024 * 1024

    truth_path: "Path | None" = None
    truth_keep: int = 50_000
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises:
            OptionError: saying which option, what was found and what is allowed.
        """
        _require(self.rate > 0, "rate", self.rate, "more than 0 events per second")
        _require(self.speed >= 0, "speed", self.speed, "0 or more")
        _require(self.tick_ms > 0, "tick_ms", self.tick_ms, "more than 0")
        _require(self.truth_keep > 0, "truth_keep", self.truth_keep, "more than 0")
        _require(bool(self.names), "symbols", self.symbols, "at least one symbol")
        _require(
            20 <= self.book_levels <= 1000,  # noqa: PLR2004 - the book needs room on both sides
            "book_levels",
            self.book_levels,
            "20 to 1000",
        )
        _require(
            self.write_buffer_max_bytes >= 1 << 16,
            "write_buffer_max_bytes",
            self.write_buffer_max_bytes,
            "at least 65536",
        )
        for interval in self.intervals:
            try:
                interval_ns_of(interval)
            except ValueError as error:
                raise OptionError(str(error)) from error

    @property
    def names(self) -> tuple[str, ...]:
        """Return the symbols that are traded from the start."""
        return symbol_names(self.symbols)

    @property
    def effective_limits(self) -> Limits:
        """Return the limits that are kept."""
        return self.limits or limits_of(self.source)


def _require(holds: bool, option: str, found: object, expected: str) -> None:  # noqa: FBT001 - a condition
    if not holds:
        msg = f"{found!r} as {option}, where {expected} was expected"
        raise OptionError(msg)
