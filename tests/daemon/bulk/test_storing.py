from typing import Any

import pyarrow as pa
import pytest

from argus.daemon.bulk.building import build
from argus.daemon.bulk.comparing import Compared, compared, differences
from argus.daemon.bulk.draft import drafting
from argus.daemon.bulk.storing import Writing, plan, store
from argus.errors import StorageError
from argus.lake.bars import stored_bars, stored_series
from argus.lake.span import ALL, Span
from argus.storage.disk import LocalDisk
from tests.daemon.bulk.rigs import PROFILES, at_once, market, record, recorder
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Crash, FailingDisk, files

FACTS = market(1500)


def into_lake(data, generation, *, span=ALL, rows_max=1000, disk=None):
    """Build everything into the lake; return what was compared and how many bars were written."""
    with drafting(data) as draft:
        for part in build(data, SOURCE, "trade", {"A": span}, PROFILES):
            draft.add(part.symbol, part.bars)
        draft.close()
        found = compared(data, SOURCE, draft.path)
        wanted = plan(found, is_cold=span.ts_from is not None, ts_until=span.ts_until)
        written, _ = store(
            data, SOURCE, draft, wanted, generation=generation,
            disk=disk or LocalDisk(generation, is_durable=False), report=lambda _: None,
            rows_max=rows_max,
        )  # fmt: skip
    return found, written


def in_lake(data, name):
    return stored_bars(data, SOURCE, "A", name).drop_columns(["revision"])


def expected(facts, name):
    table = at_once(facts)
    rows = table.filter(pa.compute.equal(table["profile"], name))
    schema = stored_bars_schema(rows)
    return rows.cast(schema).drop_columns(["revision"])


def stored_bars_schema(rows):
    field = pa.field("profile", pa.dictionary(pa.int32(), pa.string()), nullable=False)
    return rows.schema.set(rows.schema.get_field_index("profile"), field)


def assert_stored(data, facts):
    for one in PROFILES:
        assert in_lake(data, one.name).to_pylist() == expected(facts, one.name).to_pylist()


@pytest.mark.parametrize("rows_max", [37, 10_000])
def test_bars_are_in_the_lake_as_they_were_built(tmp_path, rows_max):
    record(tmp_path, FACTS)
    found, written = into_lake(tmp_path, "b1", rows_max=rows_max)
    assert written == sum(one.built for one in found) == at_once(FACTS).num_rows
    assert_stored(tmp_path, FACTS)
    assert [name for name in files(tmp_path) if "b1" in name] == []


def test_building_twice_changes_nothing(tmp_path):
    record(tmp_path, FACTS)
    into_lake(tmp_path, "b1")
    before = files(tmp_path)
    found, written = into_lake(tmp_path, "b2")
    assert written == 0
    assert all(one.is_equal for one in found)
    assert files(tmp_path) == before


def test_what_was_recorded_since_is_added(tmp_path):
    live = record(tmp_path, FACTS[:1000])
    into_lake(tmp_path, "b1")
    live.chunk({"A": FACTS[1000:]})
    found, written = into_lake(tmp_path, "b2")
    assert 0 < written < sum(one.built for one in found)
    assert {one.revision for one in stored_series(tmp_path)} == {0}
    assert_stored(tmp_path, FACTS)


def test_trades_found_later_give_a_higher_revision_from_the_first_difference_on(tmp_path):
    late = FACTS[600:630]
    live = record(tmp_path, [*FACTS[:600], *FACTS[630:]])
    into_lake(tmp_path, "b1")
    live.chunk({"A": late})
    found, _ = into_lake(tmp_path, "b2")
    assert {one.profile for one in found if one.differs_from} == {p.name for p in PROFILES}
    assert {one.revision for one in stored_series(tmp_path)} == {1}
    assert_stored(tmp_path, FACTS)
    _, again = into_lake(tmp_path, "b3")
    assert again == 0


def test_series_that_begins_elsewhere_replaces_nothing(tmp_path):
    record(tmp_path, FACTS)
    span = Span(ts_from=MIDNIGHT + 500 * SECOND)
    into_lake(tmp_path, "b1", span=span)
    _, again = into_lake(tmp_path, "b2", span=span)
    assert again == 0
    other = Span(ts_from=MIDNIGHT + 700 * SECOND)
    with pytest.raises(StorageError, match="leave --from out"):
        into_lake(tmp_path, "b3", span=other)
    # The whole series may replace it.
    into_lake(tmp_path, "b4")
    assert_stored(tmp_path, FACTS)


def test_part_of_a_series_that_differs_replaces_nothing(tmp_path):
    live = record(tmp_path, [*FACTS[:300], *FACTS[330:]])
    into_lake(tmp_path, "b1")
    live.chunk({"A": FACTS[300:330]})
    until = (FACTS[800].ts_event or 0) + 1
    with pytest.raises(StorageError, match="leave --to out"):
        into_lake(tmp_path, "b2", span=Span(ts_until=until))


@pytest.mark.parametrize("fails_at", range(0, 24, 3))
def test_run_that_dies_leaves_no_half_of_a_revision(tmp_path, fails_at):
    live = record(tmp_path, [*FACTS[:600], *FACTS[630:]])
    into_lake(tmp_path, "b1")
    before = {p.name: in_lake(tmp_path, p.name).to_pylist() for p in PROFILES}
    live.chunk({"A": FACTS[600:630]})
    disk = FailingDisk("b2", fails_at=fails_at)
    try:
        into_lake(tmp_path, "b2", rows_max=200, disk=disk)
    except Crash:
        now = {p.name: in_lake(tmp_path, p.name).to_pylist() for p in PROFILES}
        after = {p.name: expected(FACTS, p.name).to_pylist() for p in PROFILES}
        assert now in (before, after)
    into_lake(tmp_path, "b3")
    assert_stored(tmp_path, FACTS)


def test_recorder_that_merges_beside_loses_nothing(tmp_path):
    live = record(tmp_path, FACTS[:1000])
    live.chunk({"A": FACTS[1000:]})
    bars = recorder_of_bars(tmp_path)
    with drafting(tmp_path) as draft:
        for part in build(tmp_path, SOURCE, "trade", {"A": ALL}, PROFILES, rows_max=200):
            live.flusher.flush_all()
            draft.add(part.symbol, part.bars)
        draft.close()
        found = compared(tmp_path, SOURCE, draft.path)
        bars.flusher.flush_all()
        wanted = plan(found, is_cold=False, ts_until=None)
        store(
            tmp_path, SOURCE, draft, wanted, generation="b1",
            disk=LocalDisk("b1", is_durable=False), report=lambda _: None, rows_max=100,
        )  # fmt: skip
        bars.flusher.flush_all()
    assert_stored(tmp_path, FACTS)


def recorder_of_bars(data):
    made = recorder(data, "g2")
    return type(made)(data, "g2", data_type="bar")


def test_differences_name_the_field(tmp_path):
    live = record(tmp_path, [*FACTS[:600], *FACTS[630:]])
    into_lake(tmp_path, "b1")
    live.chunk({"A": FACTS[600:630]})
    with drafting(tmp_path) as draft:
        for part in build(tmp_path, SOURCE, "trade", {"A": ALL}, PROFILES[:1]):
            draft.add(part.symbol, part.bars)
        draft.close()
        (one,) = compared(tmp_path, SOURCE, draft.path)
        found = differences(tmp_path, SOURCE, draft.path, count=1)
    assert {d.sequence for d in found} == {one.differs_from}
    assert {"volume", "total_ticks"} <= {d.field for d in found}
    volume = next(d for d in found if d.field == "volume")
    assert volume.built > volume.stored


def one(**values: Any) -> Compared:
    whole: dict[str, Any] = {
        "symbol": "A", "profile": "p", "built": 9, "last": 9, "stored": 9, "stored_last": 9,
        "ts_stored_last": 100, "revision": 2, "missing": 0, "missing_from": None, "changed": 0,
        "changed_from": None,
    }  # fmt: skip
    return Compared(**(whole | values))


@pytest.mark.parametrize(
    ("values", "writing"),
    [
        ({}, None),
        ({"stored": 0, "stored_last": 0, "revision": 0, "missing": 9, "missing_from": 1}, (1, 0)),
        ({"stored": 5, "stored_last": 5, "missing": 4, "missing_from": 6}, (6, 2)),
        ({"changed": 3, "changed_from": 4}, (4, 3)),
        # A hole among those that are stored.
        ({"stored": 8, "missing": 1, "missing_from": 4}, (4, 3)),
        ({"missing": 1, "missing_from": 3, "changed": 1, "changed_from": 5}, (3, 3)),
    ],
)
def test_plan_writes_what_is_new_and_all_from_the_first_difference_on(values, writing):
    wanted = {} if writing is None else {("A", "p"): Writing(*writing)}
    assert plan([one(**values)], is_cold=False, ts_until=None) == wanted


def test_part_that_reaches_beyond_what_is_stored_may_replace_it():
    changed = one(changed=3, changed_from=4)
    assert plan([changed], is_cold=False, ts_until=101) == {("A", "p"): Writing(4, 3)}
    with pytest.raises(StorageError, match=r"bars p of A stored, which differ from bar 4 on"):
        plan([changed], is_cold=False, ts_until=100)
