"""Proofs from a data folder: days are tied to the facts around them, merged or not."""

import pytest

from argus.events import Bbo, Kline, Origin
from argus.storage.findings import Verdict
from argus.storage.proving import paths, prove
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, delta, partition, trades
from tests.storage.gap_rows import filled, gap, record

BEFORE, AFTER = "2023-11-14", "2023-11-15"
TRADES = f"{SOURCE}/trade/A"


@pytest.fixture(params=[True, False], ids=["merged", "waiting"])
def merged(request) -> bool:
    return request.param


def at(number: int) -> int:
    return MIDNIGHT + number * SECOND


def test_path_over_midnight_is_complete(tmp_path, merged):
    record(tmp_path, {"trade": {"A": trades(range(-3, 4)), "B": trades([1, 3])}}, merged=merged)
    proof = prove(tmp_path, TRADES)
    assert (proof.verdict, proof.expected, proof.seen.tally.rows) == (Verdict.COMPLETE, 7, 7)
    assert (proof.seen.ts_first, proof.seen.ts_last) == (at(-3), at(3))
    assert (proof.seen.ts_before, proof.seen.ts_after) == (None, None)
    assert prove(tmp_path, f"{SOURCE}/trade/B").verdict == Verdict.INCOMPLETE


def test_day_is_tied_to_the_facts_around_it(tmp_path, merged):
    far = [n + 5 * 86_400 for n in range(3)]
    record(tmp_path, {"trade": {"A": trades([-3, -2, -1, 0, 1, 2, *far])}}, merged=merged)
    proof = prove(tmp_path, TRADES, first=AFTER, last=AFTER)
    assert (proof.seen.tally.first_id, proof.seen.tally.last_id) == (0, 2)
    assert (proof.seen.ts_before, proof.seen.ts_after) == (at(-1), at(far[0]))
    assert (proof.seen.ts_first, proof.seen.ts_last, proof.seen.tally.rows) == (at(0), at(2), 3)
    assert [(h.first_id, h.last_id) for h in proof.holes] == [(3, far[0] - 1)]
    until = prove(tmp_path, TRADES, last=AFTER)
    assert (until.seen.ts_before, until.seen.tally.rows) == (None, 6)
    first = prove(tmp_path, TRADES, last=BEFORE)
    assert (first.verdict, first.seen.ts_after) == (Verdict.COMPLETE, at(0))


def test_hole_at_midnight_is_found_from_either_day(tmp_path, merged):
    record(tmp_path, {"trade": {"A": trades([-3, -2, 1, 2])}}, merged=merged)
    for date in (BEFORE, AFTER):
        proof = prove(tmp_path, TRADES, first=date, last=date)
        assert [(h.first_id, h.last_id) for h in proof.holes] == [(-1, 0)]
        assert proof.verdict == Verdict.INCOMPLETE


def test_gap_over_midnight_admits_it_on_both_days_until_it_is_filled(tmp_path, merged):
    record(tmp_path, {"trade": {"A": trades([-3, -2, 1, 2])}}, merged=merged)
    record(tmp_path, {"gap": {"A": [gap(-1, 0)], "B": [gap(-1, 0)]}}, merged=merged)
    days = [prove(tmp_path, TRADES, first=date, last=date) for date in (BEFORE, AFTER)]
    assert [p.verdict for p in days] == [Verdict.BUT_FOR_GAPS, Verdict.BUT_FOR_GAPS]
    assert [p.gaps[0].first_missing_id for p in days] == [-1, -1]
    record(tmp_path, {"gap": {"A": [filled(gap(-1, 0))]}}, merged=merged)
    assert prove(tmp_path, TRADES).verdict == Verdict.INCOMPLETE
    record(tmp_path, {"trade": {"A": trades([-1, 0])}}, merged=merged)
    assert prove(tmp_path, TRADES).verdict == Verdict.COMPLETE


def test_gap_that_another_recorder_filled_is_disproved(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 2, 6])}, "gap": {"A": [gap(3, 5)]}})
    assert prove(tmp_path, TRADES).verdict == Verdict.BUT_FOR_GAPS
    record(tmp_path, {"trade": {"A": trades(range(1, 7))}}, merged=False)
    proof = prove(tmp_path, TRADES)
    assert (proof.verdict, len(proof.disproved)) == (Verdict.COMPLETE, 1)


def test_gap_of_another_day_does_not_count(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-9, -8, -5, 1, 2])}})
    record(tmp_path, {"gap": {"A": [gap(-7, -6), gap(-4, 0)]}})
    proof = prove(tmp_path, TRADES, first=AFTER, last=AFTER)
    assert [e.first_missing_id for e in proof.gaps] == [-4]


def test_book_deltas_are_proven_by_their_chain(tmp_path, merged):
    path = f"{SOURCE}/book_delta/A"
    record(tmp_path, {"book_delta": {"A": [delta(n) for n in range(-2, 3)]}}, merged=merged)
    assert prove(tmp_path, path, first=AFTER).verdict == Verdict.COMPLETE
    record(tmp_path, {"book_delta": {"A": [delta(5)]}}, merged=merged)
    proof = prove(tmp_path, path)
    assert [(h.first_id, h.last_id, h.missing) for h in proof.holes] == [(3, 4, None)]


def test_best_bid_and_ask_are_unproven_but_have_stretches_without_doubt(tmp_path, merged):
    tops = [Bbo(at(n), at(n), Origin.LIVE, n * 7, 1.0, 1.0, 2.0, 1.0) for n in range(10)]
    doubt = gap(None, None, of_data_type="bbo", ts_event=at(3), ts_from=at(3), ts_until=at(5))
    record(tmp_path, {"bbo": {"A": tops}}, merged=merged)
    assert prove(tmp_path, f"{SOURCE}/bbo/A").verdict == Verdict.UNPROVEN
    record(tmp_path, {"gap": {"A": [doubt]}}, merged=merged)
    proof = prove(tmp_path, f"{SOURCE}/bbo/A")
    assert proof.verdict == Verdict.UNPROVEN
    assert proof.stretches == ((at(0), at(3)), (at(5), at(9)))


def test_torn_day_proves_nothing_and_one_beside_it_ties_nothing(tmp_path):
    record(tmp_path, {"trade": {"A": trades(range(-3, 4))}})
    path = tmp_path / partition("A", AFTER).path
    path.write_bytes(path.read_bytes()[:-5])
    torn = prove(tmp_path, TRADES)
    assert torn.verdict == Verdict.INCOMPLETE
    assert str(path) in torn.seen.errors[0]
    beside = prove(tmp_path, TRADES, last=BEFORE)
    assert (beside.verdict, beside.seen.ts_after) == (Verdict.COMPLETE, None)


def test_torn_gaps_prove_nothing(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 2])}, "gap": {"A": [gap(3, 5)]}})
    path = tmp_path / partition("A", AFTER, "gap").path
    path.write_bytes(path.read_bytes()[:-5])
    assert prove(tmp_path, TRADES).seen.errors == (f"{path} cannot be read",)


def test_path_that_was_never_recorded_is_unproven(tmp_path):
    assert prove(tmp_path, TRADES).verdict == Verdict.UNPROVEN


def test_recorded_paths_are_found_by_pattern(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1]), "BB": trades([1])}, "gap": {"A": [gap(3, 5)]}})
    record(tmp_path, {"book_delta": {"A": [delta(1)]}}, merged=False)
    everything = [f"{SOURCE}/book_delta/A", f"{SOURCE}/trade/A", f"{SOURCE}/trade/BB"]
    assert paths(tmp_path, "*/*/*") == everything
    assert paths(tmp_path, f"{SOURCE}/*/A") == everything[:2]
    assert paths(tmp_path, f"{SOURCE}/trade/?") == [f"{SOURCE}/trade/A"]
    assert paths(tmp_path, f"{SOURCE}/trade/BB") == [f"{SOURCE}/trade/BB"]
    assert paths(tmp_path, "other/*/*") == paths(tmp_path, SOURCE) == []


def test_torn_chunk_proves_nothing(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 2])}})
    record(tmp_path, {"trade": {"A": trades([3])}}, merged=False)
    (path,) = tmp_path.glob("temp/*/*/trade/*.parquet")
    path.write_bytes(path.read_bytes()[:-5])
    proof = prove(tmp_path, TRADES)
    assert (proof.verdict, proof.seen.errors) == (Verdict.INCOMPLETE, (f"{path} cannot be read",))


def test_torn_day_before_ties_nothing(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-3, -2, 1, 2])}})
    path = tmp_path / partition("A", BEFORE).path
    path.write_bytes(path.read_bytes()[:-5])
    proof = prove(tmp_path, TRADES, first=AFTER)
    assert (proof.verdict, proof.seen.ts_before) == (Verdict.COMPLETE, None)


def test_error_names_the_file_and_no_link_to_it(tmp_path):
    record(tmp_path, {"trade": {"A": trades([1, 2])}})
    path = tmp_path / partition("A", AFTER).path
    path.write_bytes(path.read_bytes()[:-5])
    record(tmp_path, {"trade": {"A": trades([3])}}, merged=False)
    errors = prove(tmp_path, TRADES).seen.errors
    assert str(path) in errors[0]
    assert [error for error in errors if "/.prove-" in error] == []


def candle(number):
    begin = MIDNIGHT + number * 60 * SECOND
    end = begin + 60 * SECOND
    return Kline(
        end, end + 7, Origin.LIVE, "1m", begin, end - 1_000_000, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0,
        number + 100, 1.0, 1.0, True,
    )  # fmt: skip


def test_closed_candle_that_is_missing_shows_also_at_midnight(tmp_path, merged):
    record(tmp_path, {"kline": {"A": [candle(n) for n in (-3, -2, 1, 2, 4)]}}, merged=merged)
    proof = prove(tmp_path, f"{SOURCE}/kline/A", first=AFTER)
    assert [(h.missing, h.ts_from, h.ts_until) for h in proof.holes] == [
        (2, at(0), at(60)),
        (1, at(240), at(240)),
    ]
    assert proof.verdict == Verdict.INCOMPLETE
