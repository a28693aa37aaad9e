from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import structs

from argus.events import (
    SCHEMA_VERSION,
    Bbo,
    BookDelta,
    BookSnapshot,
    Gap,
    GapReason,
    GapState,
    Instrument,
    Kline,
    Levels,
    Origin,
)
from argus.storage import holding, writer
from argus.storage.audit import Audit, verify
from argus.storage.findings import Book, Gaps, Verdict
from argus.storage.holes import Hole
from argus.storage.reading import Selection
from argus.storage.rebuild import Difference, Top
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig, partition, trades

BEFORE, AFTER = "2023-11-14", "2023-11-15"


def record(data, facts, *, merged=True):
    """Record facts, data type -> symbol -> events, each data type by a generation of its own."""
    for data_type, by_symbol in facts.items():
        number = len(list(data.glob("temp/g*"))) + len(list(data.glob("lake/**/*.parquet")))
        rig = Rig(data, f"g{data_type}{number}", data_type=data_type)
        rig.flusher.bump_all(rig.generation)
        rig.chunk(by_symbol)
        if merged:
            rig.flusher.flush_all()


def gap(first, last, *, state=GapState.OPEN, ts_from=None, ts_until=None, of="trade"):
    ts_from = MIDNIGHT + (first - 1) * SECOND if ts_from is None else ts_from
    ts_until = MIDNIGHT + (last + 1) * SECOND if ts_until is None else ts_until
    missing = None if first is None else last - first + 1
    return Gap(
        ts_from, ts_until, Origin.LIVE, of, ts_from, ts_until, first, last, missing,
        GapReason.CUT, state,
    )  # fmt: skip


def days(audit: Audit):
    return {(d.partition.data_type, d.partition.symbol, d.partition.date): d for d in audit.days}


@pytest.mark.parametrize("merged", [True, False])
def test_whole_path_is_well_over_midnight(tmp_path, merged):
    record(tmp_path, {"trade": {"A": trades(range(-3, 4)), "B": trades(range(2))}}, merged=merged)
    audit = verify(tmp_path)
    assert audit.is_well
    assert [(d.partition, d.rows, d.first_id, d.last_id) for d in audit.days] == [
        (partition("A", BEFORE), 3, -3, -1),
        (partition("A", AFTER), 4, 0, 3),
        (partition("B", AFTER), 2, 0, 1),
    ]


@pytest.mark.parametrize("merged", [True, False])
def test_hole_is_found_with_its_ids_and_times(tmp_path, merged):
    record(tmp_path, {"trade": {"A": trades([1, 2, 6])}}, merged=merged)
    audit = verify(tmp_path)
    assert not audit.is_well
    (day,) = audit.days
    assert day.holes == (Hole(3, 5, 3, MIDNIGHT + 2 * SECOND, MIDNIGHT + 6 * SECOND),)
    assert (day.missing, day.missing_unadmitted) == (3, 3)


def test_hole_over_midnight_counts_for_the_new_day(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-2, 1])}})
    found = days(verify(tmp_path))
    assert found["trade", "A", BEFORE].holes == ()
    assert [(h.first_id, h.last_id) for h in found["trade", "A", AFTER].holes] == [(-1, 0)]


def test_hole_that_a_gap_admits_is_well(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 2, 6])}, "gap": {"A": [gap(3, 5)]}})
    audit = verify(tmp_path)
    assert audit.is_well
    day = days(audit)["trade", "A", AFTER]
    assert (day.gaps, day.missing, day.missing_unadmitted) == (Gaps(1, 3, 0, 0), 3, 0)


def test_gap_of_another_path_or_of_fewer_ids_admits_nothing(tmp_path):
    record(
        tmp_path,
        {
            "trade": {"A": trades([1, 2, 6]), "B": trades([1, 2, 6]), "C": trades([1, 2, 6])},
            "gap": {"A": [gap(3, 4)], "B": [gap(3, 5, of="agg_trade")], "D": [gap(3, 5)]},
        },
    )
    assert [d.is_well for d in verify(tmp_path, data_type="trade").days] == [False, False, False]


def test_gap_that_is_filled_admits_nothing_any_more(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 2, 6])}, "gap": {"A": [gap(3, 5)]}})
    record(tmp_path, {"gap": {"A": [gap(3, 5, state=GapState.FILLED)]}})
    assert not verify(tmp_path).is_well
    record(tmp_path, {"trade": {"A": trades([3, 4, 5])}})
    assert verify(tmp_path).is_well


def test_gap_without_ids_admits_what_lies_in_its_time(tmp_path):
    silent = Gap(
        None, MIDNIGHT, Origin.LIVE, "trade", MIDNIGHT, MIDNIGHT + 9 * SECOND, None, None, None,
        GapReason.UNSEWN, GapState.OPEN,
    )  # fmt: skip
    record(tmp_path, {"trade": {"A": trades([1, 2, 6])}, "gap": {"A": [silent]}})
    assert verify(tmp_path).is_well


def test_repeats_and_disorder_in_a_file_are_found(tmp_path):
    """A date file that something else than a merge wrote; our metadata is all it takes."""
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([1])})
    rig.flusher.flush_all()
    path = tmp_path / partition("A", AFTER).path
    table = pq.read_table(path, partitioning=None)
    values = [structs.asdict(fact) for fact in trades([1, 2, 3, 3, 2, 4])]
    pq.write_table(pa.Table.from_pylist(values, schema=table.schema), path)
    (day,) = verify(tmp_path).days
    assert (day.rows, day.repeats, day.disorder, day.is_well) == (6, 2, 1, False)


def test_instruments_and_other_paths_without_ids_are_counted(tmp_path):
    definition = Instrument(
        None, MIDNIGHT, Origin.LIVE, "TRADING", "A", "B", 0.1, None, None, None, None, None, None,
        None, "{}",
    )  # fmt: skip
    record(tmp_path, {"instrument": {"A": [definition]}})
    (day,) = verify(tmp_path).days
    assert (day.rows, day.first_id, day.is_well) == (1, None, True)


def test_torn_file_is_named_and_the_rest_is_read(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1]), "B": trades([1])}})
    path = tmp_path / partition("A", AFTER).path
    path.write_bytes(path.read_bytes()[:-5])
    audit = verify(tmp_path)
    assert not audit.is_well
    assert [(d.rows, d.error is None) for d in audit.days] == [(0, False), (1, True)]
    assert str(path) in (audit.days[0].error or "")


def test_column_that_cannot_be_what_it_says_is_torn(tmp_path):
    """A flipped bit in the metadata can turn nanoseconds into milliseconds."""
    record(tmp_path, {"trade": {"A": trades([1])}})
    path = tmp_path / partition("A", AFTER).path
    table = pq.ParquetFile(path).read()
    late = pa.array([2**62]).cast(pa.timestamp("ms", "UTC"))
    pq.write_table(table.set_column(0, "ts_event", late), path)
    (day,) = verify(tmp_path).days
    assert day.verdict is Verdict.INCOMPLETE
    assert str(path) in (day.error or "")


def test_foreign_file_in_the_lake_is_named(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1])}})
    foreign = (tmp_path / partition("A", AFTER).path).with_name("other.parquet")
    foreign.write_bytes(b"?")
    audit = verify(tmp_path)
    assert audit.unread == (foreign,)
    assert not audit.is_well


def test_a_part_of_the_lake_can_be_chosen(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-1, 0]), "B": trades([0])}})
    found = verify(tmp_path, selection=Selection(source=SOURCE, symbol="A", first=AFTER))
    assert [d.partition for d in found.days] == [partition("A", AFTER)]
    assert verify(tmp_path, data_type="bbo").days == ()
    assert verify(tmp_path / "empty") == Audit((), (), ())


def test_read_only_folder_is_audited_as_it_lies(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(30, "Read-only file system")

    record(tmp_path, {"trade": {"A": trades([1, 2])}})
    record(tmp_path, {"trade": {"A": trades([3])}}, merged=False)
    monkeypatch.setattr(holding, "passing_folder", refused)
    assert verify(tmp_path).days[0].last_id == 3
    assert verify(tmp_path).is_well


def delta(first, last, bids, asks=(), previous=None):
    ts = MIDNIGHT + last * SECOND
    return BookDelta(ts, ts, Origin.LIVE, first, last, previous, Levels.of(bids), Levels.of(asks))


def bbo(number, bid, bid_size, ask, ask_size):
    ts = MIDNIGHT + number * SECOND
    return Bbo(ts, ts, Origin.LIVE, number, bid, bid_size, ask, ask_size)


SNAPSHOT = BookSnapshot(
    *(MIDNIGHT, MIDNIGHT, Origin.SNAPSHOT, 10),
    *(Levels.of([(99.0, 1.0), (98.0, 2.0)]), Levels.of([(101.0, 3.0)])),
)
DELTAS = [
    delta(5, 9, [(50.0, 1.0)]),
    delta(10, 12, [(99.0, 0.0)], [(100.5, 4.0)]),
    delta(13, 15, [(98.5, 1.5)]),
]


def test_book_that_agrees_with_its_bbo_is_well(tmp_path):
    tops = [bbo(12, 98.0, 2.0, 100.5, 4.0), bbo(14, 1.0, 1.0, 2.0, 1.0)]
    tops.append(bbo(15, 98.5, 1.5, 100.5, 4.0))
    record(
        tmp_path,
        {"book_snapshot": {"A": [SNAPSHOT]}, "book_delta": {"A": DELTAS}, "bbo": {"A": tops}},
    )
    audit = verify(tmp_path)
    assert [(b.deltas, b.compared, b.different) for b in audit.books] == [(3, 2, 0)]
    assert audit.is_well


def test_book_that_differs_from_its_bbo_is_shown(tmp_path):
    record(
        tmp_path,
        {
            "book_snapshot": {"A": [SNAPSHOT]},
            "book_delta": {"A": DELTAS},
            "bbo": {"A": [bbo(12, 98.0, 2.5, 100.5, 4.0)]},
        },
    )
    audit = verify(tmp_path)
    assert audit.books[0].differences == (
        Difference(12, Top((98.0, 2.0), (100.5, 4.0)), Top((98.0, 2.5), (100.5, 4.0))),
    )
    assert not audit.is_well


def test_holes_of_books_follow_the_venues_chain(tmp_path):
    named = [
        delta(1, 4, [], previous=0),
        delta(6, 9, [], previous=4),
        delta(12, 15, [], previous=11),
    ]
    record(tmp_path, {"book_delta": {"A": [DELTAS[0], DELTAS[2]], "B": named}})
    found = days(verify(tmp_path))
    assert [(h.first_id, h.last_id, h.missing) for h in found["book_delta", "A", AFTER].holes] == [
        (10, 12, None)
    ]
    assert [(h.first_id, h.last_id, h.missing) for h in found["book_delta", "B", AFTER].holes] == [
        (10, 11, None)
    ]


def test_audit_follows_a_path_through_many_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "GROUP_ROWS", 5)
    numbers = [n for n in range(100) if n % 17]
    record(tmp_path, {"trade": {"A": trades(numbers)}})
    (day,) = verify(tmp_path).days
    assert [h.first_id for h in day.holes] == [17, 34, 51, 68, 85]
    assert (day.repeats, day.disorder) == (0, 0)


def test_chunk_that_was_set_aside_is_told_for_its_data_type(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3))})
    rig.flusher.flush_all()
    assert verify(tmp_path).is_well
    aside = tmp_path / "temp" / "g0" / "venue_spot" / "trade" / "00000001_1_2.parquet.torn"
    aside.parent.mkdir(parents=True)
    aside.touch()
    assert verify(tmp_path, data_type="trade").unread == (aside,)
    assert verify(tmp_path, data_type="bbo").unread == ()


def test_what_is_found_of_a_day_does_not_depend_on_the_days_selected(tmp_path):
    tops = [bbo(12, 98.0, 2.0, 100.5, 4.0), bbo(15, 98.5, 1.5, 100.5, 4.0)]
    early = [replaced(SNAPSHOT, MIDNIGHT - 9), replaced(DELTAS[0], MIDNIGHT - 8)]
    record(
        tmp_path,
        {
            "trade": {"A": trades([-9, -2, 1, 2]), "B": trades([-3, 0]), "C": trades([5])},
            "book_snapshot": {"A": [early[0]]},
            "book_delta": {"A": [early[1], *DELTAS[1:]]},
            "bbo": {"A": tops},
        },
    )
    whole, part = verify(tmp_path), verify(tmp_path, selection=Selection(first=AFTER))
    assert [d for d in whole.days if d.partition.date == AFTER] == list(part.days)
    assert [(b.partition.date, b.compared) for b in part.books] == [(AFTER, 2)]
    assert part.books == whole.books
    found = days(part)["trade", "A", AFTER]
    assert (found.previous_id, found.expected, found.rows, found.missing) == (-2, 4, 2, 2)
    assert (days(part)["trade", "C", AFTER].previous_id, len(part.days)) == (None, 5)


def test_bbo_that_is_filed_under_the_next_day_is_compared_on_the_day_of_the_delta(tmp_path):
    """Spot gives no time for the bbo, so it is filed by its receipt."""
    late = [replaced(DELTAS[n], MIDNIGHT - 5 + n) for n in (1, 2)]
    tops = [bbo(12, 98.0, 2.0, 100.5, 4.0), bbo(15, 98.5, 1.5, 100.5, 4.0)]
    snapshot = replaced(SNAPSHOT, MIDNIGHT - 9)
    record(
        tmp_path,
        {"book_snapshot": {"A": [snapshot]}, "book_delta": {"A": late}, "bbo": {"A": tops}},
    )
    for selection in (Selection(), Selection(last=BEFORE), Selection(first=BEFORE, last=BEFORE)):
        books = verify(tmp_path, selection=selection).books
        assert [(b.partition.date, b.compared) for b in books] == [(BEFORE, 2)]
    assert verify(tmp_path, selection=Selection(first=AFTER)).books == ()


def replaced(fact, ts):
    return structs.replace(fact, ts_event=ts, ts_recv=ts)


@pytest.mark.parametrize("merged", [True, False])
def test_what_is_expected_is_what_is_there_and_what_is_missing(tmp_path, merged):
    record(tmp_path, {"trade": {"A": trades([-4, -3, 0, 1, 5])}}, merged=merged)
    found = [(d.rows, d.missing, d.expected) for d in verify(tmp_path).days]
    assert found == [(2, 0, 2), (3, 5, 8)]


def test_gaps_of_a_path_are_counted_open_and_filled_on_each_day_they_touch(tmp_path):
    over = gap(-2, 2)
    unsewn = structs.replace(over, reason=GapReason.UNSEWN, missing=None)
    record(
        tmp_path,
        {
            "trade": {"A": trades([-3, 3, 6]), "B": trades([-1, 6])},
            "gap": {
                "A": [gap(-9, -8), over, unsewn, gap(4, 5), gap(7, 9, of="bbo")],
                "B": [gap(0, 5)],
            },
        },
    )
    filled = structs.replace(gap(4, 5), state=GapState.FILLED, ts_recv=MIDNIGHT + 99 * SECOND)
    record(tmp_path, {"gap": {"A": [filled], "B": [gap(0, 5, state=GapState.FILLED)]}})
    found = days(verify(tmp_path))
    assert {key: day.gaps for key, day in found.items() if key[0] == "trade"} == {
        ("trade", "A", BEFORE): Gaps(3, 7, 0, 0, reaches_on=True),
        ("trade", "A", AFTER): Gaps(2, 5, 1, 2),
        ("trade", "B", BEFORE): Gaps(0, 0, 1, 6),
        ("trade", "B", AFTER): Gaps(0, 0, 1, 6),
    }
    assert [found["trade", symbol, BEFORE].verdict for symbol in "AB"] == [
        Verdict.BUT_FOR_GAPS,
        Verdict.COMPLETE,
    ]


def test_one_of_two_gaps_that_is_filled_leaves_the_other_open(tmp_path):
    """They differ in their reason only."""
    cut, unsewn = gap(3, 5), structs.replace(gap(3, 5), reason=GapReason.UNSEWN)
    filled = structs.replace(cut, state=GapState.FILLED)
    record(tmp_path, {"trade": {"A": trades([1, 2, 6])}, "gap": {"A": [cut, unsewn, filled]}})
    day = days(verify(tmp_path))["trade", "A", AFTER]
    assert (day.gaps, day.missing_unadmitted) == (Gaps(1, 3, 1, 3), 0)
    assert day.verdict is Verdict.BUT_FOR_GAPS


MINUTE = 60 * SECOND


def candle(number, *, interval="1m", length=MINUTE, closed=True, ts=None):
    """The candle of a minute, number 0 beginning at midnight, told a bit after its end."""
    begin = MIDNIGHT + number * length
    ts = begin + length + 5_000_000 if ts is None else ts
    return Kline(
        ts, ts, Origin.LIVE, interval, begin, begin + length - 1_000_000, 1.0, 2.0, 1.0, 2.0, 5.0,
        9.0, 3, 2.0, 4.0, closed,
    )  # fmt: skip


def kline_gap(ts_from, ts_until):
    return gap(None, None, ts_from=ts_from, ts_until=ts_until, of="kline")


@pytest.mark.parametrize("merged", [True, False])
def test_closed_candle_that_is_missing_is_found(tmp_path, merged):
    kept = [candle(n) for n in (-2, 1, 2)]
    begun = candle(0, closed=False, ts=MIDNIGHT + 30 * SECOND)
    record(tmp_path, {"kline": {"A": [*kept, begun]}}, merged=merged)
    found = days(verify(tmp_path))
    assert found["kline", "A", BEFORE].verdict is Verdict.UNPROVEN
    day = found["kline", "A", AFTER]
    assert day.holes == (Hole(None, None, 2, MIDNIGHT, MIDNIGHT + MINUTE, every_ns=MINUTE),)
    assert (day.missing, day.missing_unadmitted, day.verdict) == (2, 2, Verdict.INCOMPLETE)


@pytest.mark.parametrize(
    ("begin", "end", "left"), [(-5, 62, 0), (0, 60, 0), (1, 62, 2), (-5, 59, 2)]
)
def test_missing_candles_are_admitted_by_a_gap_that_has_their_ends(tmp_path, begin, end, left):
    admits = kline_gap(MIDNIGHT + begin * SECOND, MIDNIGHT + end * SECOND)
    record(tmp_path, {"kline": {"A": [candle(-2), candle(1)]}, "gap": {"A": [admits]}})
    day = days(verify(tmp_path))["kline", "A", AFTER]
    assert (day.missing, day.missing_unadmitted) == (2, left)


def test_long_candles_that_began_before_short_ones_of_the_day_before_are_no_disorder(tmp_path):
    hours = [candle(n, interval="1h", length=60 * MINUTE) for n in (-1, 0)]
    record(tmp_path, {"kline": {"A": [*hours, *(candle(n) for n in (-3, -2, -1, 0))]}})
    found = [(d.partition.date, d.rows, d.disorder) for d in verify(tmp_path).days]
    assert found == [(BEFORE, 2, 0), (AFTER, 4, 0)]


@pytest.mark.parametrize("merged", [True, False])
def test_date_file_is_told_by_its_bytes_and_its_rows_however_they_lie(tmp_path, merged):
    record(tmp_path, {"trade": {"A": trades([1, 2])}})
    record(tmp_path, {"trade": {"A": trades([3])}}, merged=merged)
    (day,) = verify(tmp_path).days
    content = (tmp_path / day.partition.path).read_bytes()
    assert day.file is not None
    assert (day.file.path, day.file.rows) == (str(day.partition.path), 3 if merged else 2)
    assert (day.file.size_bytes, day.file.schema_version) == (len(content), SCHEMA_VERSION)
    assert day.file.sha256 == sha256(content).hexdigest()
    assert (day.file.merged, day.rows_waiting) == (
        ({"gtrade0": 1, "gtrade1": 1}, 0) if merged else ({"gtrade0": 1}, 1)
    )
    at_once = tmp_path / "other"
    record(at_once, {"trade": {"A": trades([1, 2, 3])}})
    assert verify(at_once).days[0].rows_sha256 == day.rows_sha256


def test_torn_chunk_counts_for_the_days_it_may_have_held(tmp_path):
    tops = [bbo(n, 1.0, 1.0, 2.0, 1.0) for n in (-90_000, -1, 1)]
    record(tmp_path, {"bbo": {"A": tops}})
    folder = tmp_path / "temp" / "gone" / SOURCE / "bbo"
    folder.mkdir(parents=True)
    (folder / f"00000001_{MIDNIGHT - 2 * SECOND}_{MIDNIGHT}.parquet.torn").touch()
    (folder / "unnamed.torn").touch()
    assert [(d.set_aside, d.verdict) for d in verify(tmp_path).days] == [
        (0, Verdict.UNPROVEN),
        (1, Verdict.INCOMPLETE),
        (1, Verdict.INCOMPLETE),
    ]


def test_bbo_that_was_compared_with_a_book_has_its_grade(tmp_path):
    tops = {"A": [bbo(12, 98.0, 2.0, 100.5, 4.0)], "B": [bbo(12, 98.0, 2.0, 100.5, 4.0)]}
    record(
        tmp_path,
        {"book_snapshot": {"A": [SNAPSHOT]}, "book_delta": {"A": DELTAS}, "bbo": tops},
    )
    found = {key: (day.grade, day.book) for key, day in days(verify(tmp_path)).items()}
    assert found == {
        ("bbo", "A", AFTER): ("D", Book(1, 0)),
        ("bbo", "B", AFTER): ("E", None),
        ("book_delta", "A", AFTER): ("B", Book(1, 0)),
        ("book_snapshot", "A", AFTER): ("D", None),
    }
    (one, other) = verify(tmp_path, data_type="bbo").days
    assert (one.book, other.book) == (Book(1, 0), None)


def test_book_that_differs_makes_deltas_and_bbo_incomplete(tmp_path):
    record(
        tmp_path,
        {
            "book_snapshot": {"A": [SNAPSHOT]},
            "book_delta": {"A": DELTAS},
            "bbo": {"A": [bbo(12, 98.0, 2.5, 100.5, 4.0)]},
        },
    )
    found = {day.partition.data_type: day.verdict for day in verify(tmp_path).days}
    assert found == {
        "bbo": Verdict.INCOMPLETE,
        "book_delta": Verdict.INCOMPLETE,
        "book_snapshot": Verdict.UNPROVEN,
    }
