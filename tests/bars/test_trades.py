"""Batches of trades: from tuples, from events, from tables of the lake."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from argus.bars.trades import Trades
from argus.columns import lake_schema
from argus.errors import TradeError
from argus.events import AggTrade, Event, Trade
from argus.terms import Origin, Side

EVENTS = [
    Trade(10, 11, Origin.LIVE, 1, 2.5, 3.0, Side.BUY, None),
    Trade(None, 21, Origin.LIVE, 2, 2.0, 4.0, Side.SELL, None),
    Trade(30, 31, Origin.LIVE, 3, 1.5, 5.0, Side.UNKNOWN, "MARKET"),
]
AGGREGATES = [
    AggTrade(t.ts_event, t.ts_recv, t.origin, t.trade_id, t.price, t.size, t.side, 1, 9, None)
    for t in EVENTS
]


def listed(trades: Trades):
    return [column.tolist() for column in trades.columns]


EXPECTED = [[2.5, 2.0, 1.5], [3.0, 4.0, 5.0], [1, -1, 0], [10, 21, 30], [11, 21, 31], [1, 2, 3]]


@pytest.mark.parametrize("events", [EVENTS, AGGREGATES])
def test_events_become_columns(events):
    assert listed(Trades.of(events)) == EXPECTED
    assert listed(Trades.of(iter(events))) == EXPECTED


@pytest.mark.parametrize("words", [("buy", "sell", "unknown"), (1, -1, 0), tuple(EVENTS)])
def test_tuples_become_columns(words):
    sides = [getattr(word, "side", word) for word in words]
    rows = [(1.0, 2.0, side, 10 + n, n) for n, side in enumerate(sides)]
    assert listed(Trades.of(rows)) == [
        [1.0] * 3, [2.0] * 3, [1, -1, 0], [10, 11, 12], [10, 11, 12], [0, 1, 2]
    ]  # fmt: skip


@pytest.mark.parametrize("events", [EVENTS, AGGREGATES])
@pytest.mark.parametrize("cuts", [[0, 3], [0, 1, 3], [0, 1, 2, 3]])
def test_tables_become_columns(events: list[Trade | AggTrade], cuts):
    kind: type[Event] = type(events[0])
    schema = lake_schema(kind)
    rows = [{name: getattr(e, name) for name in schema.names} for e in events]
    for row in rows:
        row["side"], row["origin"] = row["side"].value, row["origin"].value
    parts = [pa.Table.from_pylist(rows[a:b], schema) for a, b in pairwise(cuts)]
    assert listed(Trades.of_table(pa.concat_tables(parts))) == EXPECTED


def test_nothing_becomes_nothing():
    assert len(Trades.of([])) == 0
    empty = Trades.of_table(lake_schema(Trade).empty_table())
    assert [column.dtype for column in empty.columns] == [
        np.float64, np.float64, np.int8, np.int64, np.int64, np.int64
    ]  # fmt: skip


def test_piece_of_a_batch():
    assert listed(Trades.of(EVENTS)[1:2]) == [[2.0], [4.0], [-1], [21], [21], [2]]


def test_columns_have_one_length():
    columns = Trades.of(EVENTS).columns
    with pytest.raises(AssertionError, match=r"columns of \[2, 3\] values"):
        Trades(columns[0][:2], *columns[1:])


@pytest.mark.parametrize(
    "unfit",
    [
        (1.0, 1.0, "up", 1, 1),
        (1.0, 1.0, None, 1, 1),
        (1.0, 1.0, [], 1, 1),
        (1.0, 1.0, 2, 1, 1),
        ("1.0", 1.0, 1, 1, 1),
        (1.0, None, 1, 1, 1),
        (1.0, 1.0, 1, 1e18, 1),
        (1.0, 1.0, 1, 1, "a"),
        (1.0, 1.0, 1, 1, 2**63),
        (1.0, 1.0, 1, 1),
        5,
    ],
)
def test_what_is_no_trade_is_named(unfit):
    with pytest.raises(TradeError) as told:
        Trades.of(iter([(1.0, 1.0, 1, 1, 1), unfit]))
    assert str(told.value).startswith(f"trade 1 of the batch is {unfit!r}; expected (price, size")
