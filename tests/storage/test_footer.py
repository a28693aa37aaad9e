import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.columns import lake_schema
from argus.events import Trade
from argus.storage.footer import joined, parsed
from argus.storage.writer import Writer, footer_in, footer_of
from tests.storage.test_joining import rows


def trades(ids):
    """Trades without nulls where none are allowed."""
    table = rows(ids, 1.0)
    time = pa.array(list(ids), pa.timestamp("ns", tz="UTC"))
    side = pa.array(["buy"] * len(ids)).dictionary_encode()
    values = {"ts_recv": time, "origin": side, "size": table["price"], "side": side}
    for name, value in values.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), value.cast(table.schema.types[at]))
    return table.cast(lake_schema(Trade))


def written(groups, *, old=None, metadata=None):
    """Write a file of row groups; numbers among them are row groups kept of the old file."""
    file = io.BytesIO()
    writer = Writer(file, Trade, lake_schema(Trade))
    if old is not None:
        writer.begin_with(old)
    kept = footer_of(old).groups if old is not None else ()
    sizes = [g.num_rows for g in _groups(old)] if old is not None else []
    for group in groups:
        if isinstance(group, int):
            writer.keep(kept[group], sizes[group])
        else:
            writer.write(trades(group))
    writer.finish(metadata or {})
    assert writer.size_bytes == len(file.getvalue())
    return file.getvalue()


def _groups(path):
    metadata = pq.read_metadata(path)
    return [metadata.row_group(i) for i in range(metadata.num_row_groups)]


def ids(content):
    return pq.read_table(io.BytesIO(content))["trade_id"].to_pylist()


def test_footer_is_put_together_as_it_was():
    content = written([[1, 2], [3]])
    footer = footer_in(content)
    assert joined(footer, footer.groups, rows=3) == footer.raw


def test_file_begins_with_the_bytes_of_the_old_one(tmp_path):
    old = tmp_path / "old.parquet"
    old.write_bytes(written([[1, 2, 3]], metadata={b"a": b"1", b"b": b"2"}))
    new = written([0, [4, 5]], old=old, metadata={b"a": b"3"})
    assert new.startswith(old.read_bytes())
    assert ids(new) == [1, 2, 3, 4, 5]
    metadata = pq.read_metadata(io.BytesIO(new))
    assert (metadata.num_rows, metadata.num_row_groups) == (5, 2)
    assert (metadata.metadata[b"a"], metadata.metadata.get(b"b")) == (b"3", None)
    assert pq.read_schema(io.BytesIO(new)).equals(lake_schema(Trade))


@given(
    st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=3), min_size=1, max_size=20),
    st.data(),
)
def test_row_groups_are_kept_left_out_and_put_between(tmp_path_factory, groups, data):
    path = tmp_path_factory.mktemp("footer") / "old.parquet"
    # One write at a time and a kept row group between them would be one row group each.
    content = io.BytesIO()
    writer = Writer(content, Trade, lake_schema(Trade))
    for group in groups:
        writer.write(trades(group))
        writer._write_groups(is_end=True)
    writer.finish({})
    path.write_bytes(content.getvalue())
    assert ids(path.read_bytes()) == [i for group in groups for i in group]
    choice = st.one_of(
        st.integers(0, len(groups) - 1), st.lists(st.integers(100, 199), min_size=1, max_size=3)
    )
    wanted = data.draw(st.lists(choice, max_size=25))
    new = written(wanted, old=path)
    assert new.startswith(path.read_bytes())
    assert ids(new) == [i for w in wanted for i in (groups[w] if isinstance(w, int) else w)]


def test_other_footers_are_read_too():
    """Maps, doubles, flags in lists and far field numbers: Thrift allows what Arrow leaves out."""
    fields = bytes(
        [
            *(0x15, 0x02),  # 1: i32
            *(0x26, 0x0A),  # 3: i64 = 5 rows
            *(0x19, 0x0C),  # 4: an empty list of structs
            *(0x1B, 0x00),  # 5: an empty map
            *(0x1B, 0x01, 0x88, 1, 65, 1, 66),  # 6: a map of one text to another
            *(0x17, *range(8)),  # 7: a double
            *(0x19, 0x21, 1, 2),  # 8: a list of two flags
            *(0x11, 0x12),  # 9, 10: flags
            *(0x03, 0xC8, 0x01, 7),  # 100: a byte
            *(0x1C, 0x13, 1, 0x00),  # 101: a struct of one byte
            0x00,
        ]
    )
    footer = parsed(fields)
    assert footer.groups == ()
    assert joined(footer, [bytes([0])] * 20, rows=300)[3:8] == bytes([0xD8, 0x04, 0x19, 0xFC, 20])
    assert parsed(joined(footer, [bytes([0])] * 20, rows=300)).groups == (bytes([0]),) * 20


def test_what_is_no_footer_is_noticed():
    with pytest.raises(AssertionError, match="found no rows"):
        parsed(bytes([0x15, 0x02, 0x00]))
    with pytest.raises(AssertionError, match="found the type 14"):
        parsed(bytes([0x1E, 0x02, 0x00]))
    with pytest.raises(AssertionError, match="expected structs"):
        parsed(bytes([0x36, 0x0A, 0x19, 0x15, 0x00]))
    with pytest.raises(AssertionError, match="expected b'PAR1'"):
        footer_in(b"\0\0\0\0PARE")
