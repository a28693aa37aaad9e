import shutil

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from argus.storage import checking, holding
from argus.storage.audit import verify
from argus.storage.certificate import path_of
from argus.storage.certifying import certify
from argus.storage.change import Change
from argus.storage.checking import check
from argus.storage.findings import Verdict
from argus.storage.reading import Selection
from tests.storage.facts import FailingDisk, files, partition, trades
from tests.storage.test_audit import AFTER, BEFORE, DELTAS, SNAPSHOT, bbo, gap, record

NOW = 1_700_000_000 * 10**9
A, B = partition("A", AFTER), partition("B", AFTER)


@pytest.fixture
def data(tmp_path):
    """Two symbols, one of them over two days, certified."""
    record(tmp_path, {"trade": {"A": trades([-2, -1, 0, 1, 2, 3]), "B": trades([1, 2])}})
    certify_all(tmp_path)
    return tmp_path


def certify_all(data):
    certify(data, verify(data).days, argus="1.0", now_ns=NOW, disk=FailingDisk("token"))


def changes(data, **asked):
    return {
        (c.partition.symbol, c.partition.date): (c.change, c.is_well) for c in check(data, **asked)
    }


SAME = {
    ("A", BEFORE): (Change.SAME, True),
    ("A", AFTER): (Change.SAME, True),
    ("B", AFTER): (Change.SAME, True),
}


def rewrite(path, change):
    """Write a date file anew, with other rows or in another way, as anybody could."""
    table = pq.ParquetFile(path).read()
    pq.write_table(change(table), path, row_group_size=1, compression="none")


def test_what_was_not_touched_is_not_audited_again(data, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("was audited")

    monkeypatch.setattr(checking, "verify", refused)
    before = files(data)
    assert changes(data) == SAME
    assert files(data) == before


@pytest.mark.parametrize("begin", range(6))
def test_flipped_bit_is_found_wherever_it_is(data, begin):
    """Some bytes hold no row, such as who made the file: the rows are what they were then."""
    path = data / B.path
    content = path.read_bytes()
    found = []
    for at in range(begin, len(content), 97):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << begin]) + content[at + 1 :])
        found += changes(data, selection=Selection(symbol="B")).values()
    assert {is_well for _, is_well in found} == {False}
    assert {change for change, _ in found} <= {Change.UNREADABLE, Change.ALTERED}
    assert Change.UNREADABLE in {change for change, _ in found}


def test_file_with_the_same_rows_in_another_form_was_altered(data):
    """Nothing of ours writes a file anew without a chunk to add."""
    rewrite(data / A.path, lambda table: table)
    assert changes(data) == SAME | {("A", AFTER): (Change.ALTERED, False)}


def test_merging_facts_that_are_there_rewrites_the_file_with_the_same_rows(data):
    record(data, {"trade": {"A": trades([2, 3])}})
    assert changes(data) == SAME | {("A", AFTER): (Change.REWRITTEN, True)}


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.slice(1),
        lambda table: table.slice(0, table.num_rows - 1),
        lambda table: table.take([0, 2, 3]),
        lambda table: table.take([0, 2, 1, 3]),
        lambda table: pa.concat_tables([table, table.slice(3)]),
        lambda table: table.set_column(
            table.schema.get_field_index("price"),
            table.schema.field("price"),
            pc.add(table["price"], pa.array([0.0, 0.0, 0.25, 0.0])),
        ),
    ],
    ids=["first row gone", "last row gone", "row gone", "swapped", "repeated", "other price"],
)
def test_other_rows_are_found_whoever_wrote_them(data, change):
    rewrite(data / A.path, change)
    assert changes(data) == SAME | {("A", AFTER): (Change.ALTERED, False)}


def test_date_file_that_is_gone_is_found(data):
    (data / A.path).unlink()
    shutil.rmtree((data / B.path).parent)
    assert changes(data) == SAME | {
        ("A", AFTER): (Change.GONE, False),
        ("B", AFTER): (Change.GONE, False),
    }


@pytest.mark.parametrize("merged", [True, False])
def test_what_is_recorded_later_is_growth_with_its_verdict(data, merged):
    record(data, {"trade": {"A": trades([4, 5]), "B": trades([4])}}, merged=merged)
    assert changes(data) == SAME | {
        ("A", AFTER): (Change.GROWN, True),
        ("B", AFTER): (Change.GROWN, False),
    }
    (found,) = check(data, selection=Selection(symbol="B"))
    assert found.was is not None
    assert found.now is not None
    assert (found.was.rows, found.was.verdict) == (2, Verdict.COMPLETE)
    assert (found.now.rows, found.now.verdict) == (3, Verdict.INCOMPLETE)


def test_merging_what_waited_changes_no_row(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 2])}}, merged=False)
    certify_all(tmp_path)
    assert changes(tmp_path) == {("A", AFTER): (Change.SAME, True)}
    record(tmp_path, {"trade": {"B": trades([1])}})
    assert changes(tmp_path)["A", AFTER] == (Change.REWRITTEN, True)


def test_day_that_is_not_certified_is_named(data):
    record(data, {"trade": {"C": trades([1])}})
    record(data, {"bbo": {"C": [bbo(1, 1.0, 1.0, 2.0, 1.0)]}}, merged=False)
    found = [c for c in check(data) if c.change is not Change.SAME]
    assert [(c.partition, c.change, c.is_well) for c in found] == [
        (partition("C", AFTER, "bbo"), Change.UNCERTIFIED, True),
        (partition("C", AFTER), Change.UNCERTIFIED, True),
    ]


def test_day_that_was_certified_as_incomplete_is_still_not_well(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 3])}})
    certify_all(tmp_path)
    assert changes(tmp_path) == {("A", AFTER): (Change.SAME, False)}


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_certificate_that_cannot_be_read_is_found(data, content):
    (data / path_of(A)).write_bytes(content)
    assert changes(data) == SAME | {("A", AFTER): (Change.FOREIGN, False)}


def test_certificate_of_another_day_is_none(data):
    shutil.copy(data / path_of(B), data / path_of(A))
    (found,) = (c for c in check(data) if c.change is Change.FOREIGN)
    assert found.partition == A
    assert "found a certificate of certificates/source=venue_spot" in str(found.error)


def test_certificate_with_another_number_of_rows_is_not_believed(data):
    path = data / path_of(A)
    path.write_bytes(
        path.read_bytes().replace(b'  "rows": 4,\n  "rows_sha', b'  "rows": 5,\n  "rows_sha')
    )
    assert changes(data) == SAME | {("A", AFTER): (Change.ALTERED, False)}


def test_files_that_are_no_certificates_certify_nothing(data):
    (data / path_of(A)).with_name("date=never.json").write_bytes(b"{}")
    assert changes(data) == SAME


def test_a_part_can_be_chosen(data):
    assert list(changes(data, selection=Selection(symbol="A", first=AFTER))) == [("A", AFTER)]
    assert changes(data, data_type="bbo") == {}
    assert changes(data, selection=Selection(source="nobody")) == {}


def test_book_that_differs_after_it_grew_is_not_well(tmp_path):
    record(tmp_path, {"book_snapshot": {"A": [SNAPSHOT]}, "book_delta": {"A": DELTAS}})
    certify_all(tmp_path)
    record(tmp_path, {"bbo": {"A": [bbo(12, 98.0, 2.5, 100.5, 4.0)]}})
    certify(
        tmp_path, verify(tmp_path, data_type="bbo").days, argus="1.0", now_ns=NOW,
        disk=FailingDisk("token"),
    )  # fmt: skip
    found = {c.partition.data_type: (c.change, c.is_well) for c in check(tmp_path)}
    assert found == {
        "bbo": (Change.SAME, False),
        "book_delta": (Change.SAME, True),
        "book_snapshot": (Change.SAME, True),
    }


def test_read_only_folder_is_checked_as_it_lies(data, monkeypatch):
    def refused(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(holding, "passing_folder", refused)
    assert changes(data) == SAME


def test_gaps_are_certified_as_any_data_type(tmp_path):
    record(tmp_path, {"gap": {"A": [gap(3, 5)]}})
    certify_all(tmp_path)
    assert [(c.partition.data_type, c.change) for c in check(tmp_path)] == [("gap", Change.SAME)]
