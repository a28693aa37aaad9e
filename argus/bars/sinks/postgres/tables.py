"""Pure. The tables of the star schema: their columns with types, and which rows go where.

What is declared here is what the migrations create; a test holds both together, and `argus db
check` compares a real database with it.
"""

from dataclasses import dataclass

SERIES = ("coin_id", "quote_id", "exchange_id", "interval_id")
"""What tells one series of bars from another, by number."""

TYPES = {
    "time": "timestamp with time zone",
    "id": "integer",
    "whole": "bigint",
    "number": "double precision",
    "flag": "boolean",
    "text": "text",
}
"""Kinds of columns as PostgreSQL calls their types."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a fact table.

    Args:
        name: its name, which is also that of the lake's column.
        kind: a key of `TYPES`.
        nullable: whether the lake's column may be null.
    """

    name: str
    kind: str
    nullable: bool = False

    @property
    def type(self) -> str:
        """Return its type as PostgreSQL calls it."""
        return TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Fact:
    """A kind of fact tables.

    Args:
        data_type: whose rows they hold.
        fields: all columns, in order, as `time` and the ids first.
        key: what no two rows share.
        newest: of two rows with the same key, the one with the higher of these stays.
    """

    data_type: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    newest: tuple[str, ...]

    @property
    def given(self) -> tuple[Field, ...]:
        """The columns whose values come from the lake's columns as they are."""
        return tuple(f for f in self.fields if f.kind not in {"time", "id"})


def _fields(kind: str, *names: str, nullable: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name, kind, nullable) for name in names)


_PRICES = (
    *_fields("time", "time"),
    *_fields("id", *SERIES),
    *_fields("number", "open", "high", "low", "close", "volume"),
)

BAR = Fact(
    "bar",
    (
        *_PRICES,
        *_fields("whole", "buy_ticks", "sell_ticks", "total_ticks"),
        *_fields("number", "theta", nullable=True),
        *_fields("whole", "sequence", "revision"),
        *_fields("text", "rule"),
        *_fields("number", "quote_volume"),
        *_fields("number", "vwap", nullable=True),
        *_fields("number", "buy_volume", "sell_volume"),
        *_fields(
            *("number", "threshold", "expected_ticks_before", "expected_imbalance_before"),
            *("expected_ticks_after", "expected_imbalance_after", "vpin"),
            nullable=True,
        ),
        *_fields("flag", "gap", "clamped"),
        *_fields("whole", "first_trade_id", "last_trade_id", "ts_event", nullable=True),
        *_fields("whole", "ts_recv", "ts_open", "ts_first", "ts_last"),
        *_fields("text", "origin"),
    ),
    key=(*SERIES, "sequence", "time"),
    newest=("revision", "ts_recv"),
)
"""All tables of bars; their first fourteen columns are Raven's."""

KLINE = Fact(
    "kline",
    (
        *_PRICES,
        *_fields("number", "quote_volume"),
        *_fields("whole", "trades"),
        *_fields("number", "taker_buy_volume", "taker_buy_quote_volume"),
        *_fields("whole", "ts_event", nullable=True),
        *_fields("whole", "ts_recv", "ts_open", "ts_close"),
        *_fields("text", "origin"),
    ),
    key=(*SERIES, "time"),
    newest=("trades", "ts_recv"),
)
"""The table of a venue's own candles; its first ten columns are Raven's."""

FACTS = {fact.data_type: fact for fact in (BAR, KLINE)}

OTHER = "fact__bar"

BY_RULE = {
    "tick_imbalance": "fact__tick_imbalance",
    "tick_run": "fact__tick_imbalance",
    "volume_imbalance": "fact__volume_imbalance",
    "vpin": "fact__vpin",
}
"""Where Raven keeps the bars of a rule; those of all other rules are in `OTHER`."""

BAR_TABLES = (*dict.fromkeys(BY_RULE.values()), OTHER)
KLINE_TABLE = "fact__kline"

TABLES: dict[str, Fact] = {**dict.fromkeys(BAR_TABLES, BAR), KLINE_TABLE: KLINE}
"""Fact tables by name."""

DIMENSIONS = {
    "dim__coin": ("coin_id", "coin"),
    "dim__quote": ("quote_id", "quote"),
    "dim__exchange": ("exchange_id", "exchange"),
    "dim__interval": ("interval_id", "interval"),
}
"""Dimension tables with the names of their number and their text."""


def table_of(rule: str) -> str:
    """Return the table of the bars of a rule."""
    return BY_RULE.get(rule, OTHER)


def interval_of_kline(length: str) -> str:
    """Return how a candle's length is told: `1m` as `kline_1m`, as Raven's writer did."""
    return f"kline_{length}"
