"""Values and order are tested with the buffer; here is what only many symbols show."""

import pyarrow.compute as pc

from argus.events import Trade
from argus.storage.buffer import Buffer
from tests.storage.facts import trade


def test_symbols_are_sorted_by_name_and_keep_their_order_of_arrival():
    buffer = Buffer(Trade)
    for number in range(300):
        buffer.append(f"S{(number * 7) % 11}", [trade(number)])
    sealed = buffer.take()
    assert (sealed.rows, sealed.to_table().num_rows) == (300, 300)
    table = sealed.to_table()
    assert table["symbol"].to_pylist() == sorted(table["symbol"].to_pylist())
    for symbol in pc.unique(table["symbol"]).to_pylist():
        ids = table.filter(pc.equal(table["symbol"].cast("string"), symbol))["trade_id"].to_pylist()
        assert ids == sorted(ids)


def test_nothing_becomes_a_table_without_rows():
    assert Buffer(Trade).take().to_table().num_rows == 0
