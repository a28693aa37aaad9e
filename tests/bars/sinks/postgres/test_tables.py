"""The tables hold every field of the lake's rows, and Raven's columns first."""

import pytest

from argus.bars.sinks.postgres.tables import (
    BAR,
    FACTS,
    KLINE,
    OTHER,
    TABLES,
    interval_of_kline,
    table_of,
)
from argus.columns import Kind, columns
from argus.events import EVENTS

RAVEN = (
    *("time", "coin_id", "quote_id", "exchange_id", "interval_id"),
    *("open", "high", "low", "close", "volume"),
)
KINDS = {
    Kind.TIME: "whole",
    Kind.INTEGER: "whole",
    Kind.NUMBER: "number",
    Kind.FLAG: "flag",
    Kind.CATEGORY: "text",
}


def test_columns_of_raven_come_first_in_its_order():
    names = [field.name for field in BAR.fields]
    assert names[:14] == [*RAVEN, "buy_ticks", "sell_ticks", "total_ticks", "theta"]
    assert [field.name for field in KLINE.fields][:10] == list(RAVEN)


@pytest.mark.parametrize("data_type", FACTS)
def test_every_field_of_the_lake_has_its_column(data_type):
    """Another field in `events.py` needs a migration, and a line in `tables.py`."""
    # Told by `interval_id`, or by being there at all.
    told = {"profile", "interval", "closed"}
    expected = {
        (c.name, KINDS[c.kind], c.nullable)
        for c in columns(EVENTS[data_type])
        if c.name not in told
    }
    assert {(f.name, f.kind, f.nullable) for f in FACTS[data_type].given} == expected


def test_rules_are_where_raven_has_them_and_others_together():
    assert table_of("tick_imbalance") == table_of("tick_run") == "fact__tick_imbalance"
    assert table_of("volume_imbalance") == "fact__volume_imbalance"
    assert table_of("vpin") == "fact__vpin"
    assert {table_of(rule) for rule in ("time", "dollar", "volume_run", "new")} == {OTHER}
    assert set(TABLES) == {
        *("fact__tick_imbalance", "fact__volume_imbalance", "fact__vpin", "fact__bar"),
        "fact__kline",
    }


def test_length_of_a_candle_is_told_as_ravens_writer_did():
    assert interval_of_kline("1m") == "kline_1m"
