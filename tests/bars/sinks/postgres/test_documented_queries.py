"""The queries that `docs/stores.md` shows answer, on each kind of server."""

import re

import pytest

from argus.bars.sinks.postgres.store import PostgresStore
from tests.bars.sinks.postgres.rows import ask, bar, kline, table
from tests.structure.tree import ROOT

pytestmark = pytest.mark.server

QUERIES = re.findall(
    r"^```sql\n(.*?)^```", (ROOT / "docs/stores.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
EXPECTED = {"Raven's users": 2, "by names alone": 2, "Bars per hour": 0, "differ from ours": 1}


def test_queries_answer(config):
    store = PostgresStore(config)
    minute = bar(1, profile="1m", rule="time", volume=9.0)
    store.write("binance_usdm", "bar", table([bar(1), bar(2), minute]))
    store.write("binance_usdm", "kline", table([kline(1)]))
    store.close()
    assert len(QUERIES) == len(EXPECTED)
    for query, (title, rows) in zip(QUERIES, EXPECTED.items(), strict=True):
        assert title in query.splitlines()[0]
        assert len(ask(config, query)) == rows, title
