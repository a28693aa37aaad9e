"""Pure. The configuration as values: every key with its type, default, limits and documentation.

Layers, later wins: the defaults below; the file (`--config`, else `ARGUS_CONFIG`, else
`argus.toml` in the working directory, else none); for the data folder also `ARGUS_DATA_PATH` and
then `--data`, for the database `ARGUS_TIMESCALE_URL`. Secrets never stand here: they come from the
environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated

from argus.config.backfill import BackfillConfig
from argus.config.bars import BarsConfig
from argus.config.influx import InfluxConfig
from argus.config.journal import JournalConfig
from argus.config.keys import Key
from argus.config.timescale import TimescaleConfig
from argus.config.watching import ClockConfig, LimitsConfig

DEFAULT_SYMBOLS = ("BTCUSDT", "ETHUSDT")

# What Binance offers on both markets; 1s exists on spot only (web-socket-streams.md, 2026-07-21).
KLINE_INTERVALS = (
    *("1m", "3m", "5m", "15m", "30m"),
    *("1h", "2h", "4h", "6h", "8h", "12h"),
    *("1d", "3d", "1w", "1M"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """What the configuration has to know about a source to check a section that names it.

    Args:
        data_types: what the source can be asked for, in the order of the documentation.
        routes: route -> default websocket address; the one route of an unrouted source is `""`.
        rest_url: default REST address.
        connection_lifetime_s_max: when the venue itself cuts a connection.
        streams_per_connection_max: the venue's limit.
        kline_intervals: the lengths of candles that the venue offers.
        snapshot_levels_max: the deepest order book its REST interface gives.
    """

    data_types: tuple[str, ...]
    routes: Mapping[str, str]
    rest_url: str = ""
    connection_lifetime_s_max: float = 86_400.0
    streams_per_connection_max: int = 1024
    kline_intervals: tuple[str, ...] = KLINE_INTERVALS
    snapshot_levels_max: int = 5000


class Client(StrEnum):
    """Which websocket implementation a source's connections use."""

    PICOWS_WEBSOCKETS = "picows.websockets"
    WEBSOCKETS = "websockets"
    PICOWS = "picows"


class LogLevel(StrEnum):
    """The least important line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a log line looks."""

    CONSOLE = "console"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRule:
    """Which symbols of a venue are wanted: those that agree with every key that is given."""

    quote: Annotated[tuple[str, ...], Key("quote assets", example='"USDT"')] = ()
    base: Annotated[tuple[str, ...], Key("base assets", example='["BTC", "ETH"]')] = ()
    status: Annotated[tuple[str, ...], Key("the venue's trading status")] = ("TRADING",)
    contract_type: Annotated[
        tuple[str, ...], Key("kinds of contract; spot has none", example='"PERPETUAL"')
    ] = ()
    max_symbols: Annotated[
        int | None,
        Key("at most so many, in the order of the venue's listing", minimum=1, example="200"),
    ] = None

    def matches(self, *, base: str, quote: str, status: str, contract_type: str | None) -> bool:
        """Return whether a symbol agrees with every key that is given (but for `max_symbols`)."""
        asked = (self.base, self.quote, self.status, self.contract_type)
        found = (base, quote, status, contract_type)
        return all(
            not wanted or value in wanted for wanted, value in zip(asked, found, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageConfig:
    """`[storage]`: where the lake is and when buffers become files."""

    data: Annotated[str, Key("the data folder; `ARGUS_DATA_PATH` and `--data` win over it")] = (
        "data"
    )
    flush_every_s: Annotated[
        float, Key("buffers are sealed into chunks so often", minimum=0.05, maximum=3600)
    ] = 60.0
    flush_rows_max: Annotated[
        int, Key("a data type's buffer is sealed early at so many rows", minimum=1)
    ] = 200_000
    flush_bytes_max: Annotated[
        int, Key("a data type's buffer is sealed early at so many bytes", minimum=1024)
    ] = 64 * 2**20
    buffer_bytes_max: Annotated[
        int,
        Key(
            "all buffers together; beyond it rows are dropped, counted and told as gaps",
            minimum=1024,
        ),
    ] = 512 * 2**20
    merge: Annotated[
        bool,
        Key(
            "whether chunks are merged; a second recorder may leave them as they are, for the lake "
            "of another one (see `upgrading.md`)"
        ),
    ] = True
    merge_ratio: Annotated[
        float,
        Key(
            "chunks are merged once they are this large compared with their date file",
            minimum=0.01,
            maximum=100,
        ),
    ] = 1.0
    merge_age_s: Annotated[
        float, Key("no chunk waits longer than this to be merged", minimum=0.05)
    ] = 21_600.0
    disk_low_bytes: Annotated[
        int | None,
        Key(
            "merging waits while less is free on the disk; without it 2 GiB, but at most a "
            "twentieth of the disk",
            minimum=0,
            example="2147483648",
        ),
    ] = None
    day_close_grace_s: Annotated[
        float,
        Key("a day is merged for good this long after its end (UTC)", minimum=0, maximum=43_200),
    ] = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """`[sources.<name>]`: what is recorded from one source, and how."""

    name: str
    symbols: Annotated[
        tuple[str, ...] | SymbolRule,
        Key('symbols as the venue writes them, or a rule like { quote = "USDT" } (see below)'),
    ] = DEFAULT_SYMBOLS
    data_types: Annotated[
        tuple[str, ...], Key("what is recorded; without it everything that the source has")
    ] = ()
    standby: Annotated[
        int, Key("connections kept beside the active one, for good", minimum=0, maximum=3)
    ] = 1
    connection_lifetime_s: Annotated[
        float, Key("no connection grows older; its successor overlaps with it", minimum=0.1)
    ] = 43_200.0
    universe_every_s: Annotated[
        float, Key("the venue's list of symbols is asked for so often", minimum=1, maximum=86_400)
    ] = 3600.0
    websocket_urls: Annotated[
        Mapping[str, str],
        Key(
            "websocket address per route, where a source has several (or `websocket_url`, the "
            "address of all its routes)",
            example='{ public = "wss://…", market = "wss://…" }',
        ),
    ] = field(default_factory=dict)
    rest_url: Annotated[str, Key("address of the REST interface", example='"https://…"')] = ""
    client: Annotated[Client, Key("websocket implementation")] = Client.PICOWS
    coalesce_ms: Annotated[
        float,
        Key(
            "reads from a socket are gathered so long; cheaper, but it blurs ts_recv by as much",
            minimum=0,
            maximum=1000,
        ),
    ] = 0.0
    streams_per_connection: Annotated[
        int | None,
        Key(
            "streams on one connection; without it the source's own limit", minimum=1, example="200"
        ),
    ] = None
    kline_intervals: Annotated[
        tuple[str, ...], Key("lengths of the candles, as the venue writes them")
    ] = ("1m",)
    open_interest_every_s: Annotated[
        float, Key("open interest is asked for so often per symbol", minimum=1, maximum=86_400)
    ] = 60.0
    snapshot_levels: Annotated[int, Key("levels per side of a book snapshot", minimum=5)] = 1000
    snapshot_every_s: Annotated[
        float, Key("books are snapshot so often, besides at every join", minimum=1)
    ] = 3600.0
    seam_patience_ms: Annotated[
        float,
        Key(
            "a fact that is ahead waits so long for what lies between, before a gap is told",
            minimum=0,
            maximum=60_000,
        ),
    ] = 1000.0
    first_frame_s: Annotated[
        float | None,
        Key(
            "a stream has to deliver so soon after its subscription; without it by data type",
            minimum=0.1,
            example="30",
        ),
    ] = None
    silence_s: Annotated[
        float | None,
        Key(
            "a stream may be silent so long while its siblings flow; without it by data type",
            minimum=0.1,
            example="60",
        ),
    ] = None
    frozen_s: Annotated[
        float,
        Key(
            "facts that keep coming with a venue time that stands still for so long are told",
            minimum=1,
        ),
    ] = 30.0
    ring_facts: Annotated[
        int, Key("facts kept in memory per path for readers that lag", minimum=2, maximum=2**20)
    ] = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """`[log]`: what is written to stderr."""

    level: Annotated[LogLevel, Key("the least important line that is written")] = LogLevel.INFO
    format: Annotated[LogFormat, Key("lines for people or JSON objects")] = LogFormat.CONSOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlConfig:
    """`[control]`: how a running recorder is talked to."""

    socket: Annotated[
        str,
        Key(
            "path of the control socket; without it `argus.sock` in the data folder",
            example='"/run/argus.sock"',
        ),
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration; `sources` by name, in the order of the file."""

    storage: StorageConfig = StorageConfig()
    journal: JournalConfig = field(default_factory=JournalConfig)
    sources: Mapping[str, SourceConfig] = field(default_factory=dict)
    backfill: BackfillConfig = field(default_factory=BackfillConfig)
    log: LogConfig = LogConfig()
    control: ControlConfig = ControlConfig()
    clock: ClockConfig = field(default_factory=ClockConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    bars: BarsConfig = field(default_factory=BarsConfig)
    timescale: TimescaleConfig = field(default_factory=TimescaleConfig)
    influx: InfluxConfig = field(default_factory=InfluxConfig)

    @property
    def data(self) -> PurePath:
        """The data folder."""
        return PurePath(self.storage.data)

    @property
    def socket(self) -> PurePath:
        """Where the control socket is."""
        return PurePath(self.control.socket) if self.control.socket else self.data / "argus.sock"
