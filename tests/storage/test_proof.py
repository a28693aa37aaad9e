"""What ids prove, set against what gaps say."""

from typing import Any

import pytest

from argus.events import Gap, GapState
from argus.storage.continuity import Tally
from argus.storage.findings import Verdict
from argus.storage.holes import Hole
from argus.storage.proof import Proof, Seen, judge
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE
from tests.storage.gap_rows import entry, filled, folded, gap


def s(number: float) -> int:
    """An instant, by the seconds since midnight; the trade of that number was then."""
    return MIDNIGHT + int(number * SECOND)


def hole(first: int, last: int) -> Hole:
    return Hole(first, last, last - first + 1, s(first - 1), s(last + 1))


def seen(*holes: Hole, data_type: str = "trade", **values: Any) -> Seen:
    """Trades 1 to 20 but for holes, a second each."""
    rows = 20 - sum(h.missing or 0 for h in holes)
    plain: dict[str, Any] = {
        "tally": Tally(rows=rows, first_id=1, last_id=20, holes=list(holes)),
        "ts_first": s(1),
        "ts_last": s(20),
    }
    return Seen(SOURCE, data_type, "A", **{**plain, **values})


def judged(what: Seen, *rows: Gap) -> Proof:
    return judge(what, folded(*rows))


def blind(start_s: float, end_s: float, of: str = "trade") -> Gap:
    """A gap without ids."""
    return gap(
        None, None, ts_event=s(start_s), ts_from=s(start_s), ts_until=s(end_s), of_data_type=of
    )


def test_ids_without_a_hole_prove_that_a_path_is_complete():
    proof = judged(seen())
    assert (proof.verdict, proof.expected) == (Verdict.COMPLETE, 20)
    assert proof.stretches == ((s(1), s(20)),)


def test_gap_that_was_filled_is_none():
    assert judged(seen(), gap(3, 5), filled(gap(3, 5))) == judged(seen())


def test_hole_that_a_gap_admits_leaves_the_stretches_around_it_complete():
    proof = judged(seen(hole(3, 5)), gap(3, 5))
    assert proof.verdict == Verdict.BUT_FOR_GAPS
    assert [(h.first_id, h.last_id, h.is_covered) for h in proof.holes] == [(3, 5, True)]
    assert proof.gaps == proof.admitting(proof.holes[0]) == (entry(gap(3, 5)),)
    assert proof.stretches == ((s(1), s(2)), (s(6), s(20)))


def test_hole_that_no_gap_admits_is_incomplete():
    proof = judged(seen(hole(3, 5), hole(9, 9)), gap(3, 5))
    assert proof.verdict == Verdict.INCOMPLETE
    assert [h.is_covered for h in proof.holes] == [True, False]
    assert proof.admitting(proof.holes[1]) == ()
    assert proof.stretches == ((s(1), s(2)), (s(6), s(8)), (s(10), s(20)))


def test_gap_of_fewer_ids_does_not_admit_a_hole():
    assert judged(seen(hole(3, 5)), gap(3, 4)).verdict == Verdict.INCOMPLETE
    assert judged(seen(hole(3, 5)), gap(3, 4), gap(5, 5)).verdict == Verdict.BUT_FOR_GAPS


def test_holes_too_many_to_be_told_are_incomplete():
    tally = Tally(rows=5, first_id=1, last_id=20, holes_left_out=1)
    proof = judged(seen(tally=tally), gap(3, 5))
    assert (proof.verdict, proof.disproved) == (Verdict.INCOMPLETE, ())


@pytest.mark.parametrize("row", [gap(3, 5), blind(2, 6), blind(1, 20)])
def test_open_gap_is_disproved_by_ids_that_are_all_there(row: Gap):
    """Another recorder has delivered what one of them missed."""
    proof = judged(seen(), row)
    assert (proof.verdict, proof.gaps) == (Verdict.COMPLETE, ())
    assert [e.key for e in proof.disproved] == [entry(row).key]
    assert proof.stretches == ((s(1), s(20)),)


@pytest.mark.parametrize("row", [blind(0, 3), blind(18, 21), gap(20, 22), blind(20, 30)])
def test_gap_that_reaches_beyond_the_facts_is_not_disproved(row: Gap):
    proof = judged(seen(), row)
    assert (proof.verdict, proof.disproved) == (Verdict.BUT_FOR_GAPS, ())
    assert len(proof.gaps) == 1


def test_facts_before_and_after_disprove_gaps_up_to_them():
    tied = seen(ts_before=s(0), ts_after=s(21))
    assert judged(tied, blind(0, 3), blind(18, 21)).verdict == Verdict.COMPLETE
    assert judged(tied, blind(0, 22)).verdict == Verdict.BUT_FOR_GAPS


def test_gap_that_overlaps_a_hole_is_not_disproved():
    found = judged(seen(hole(3, 5)), gap(4, 8), gap(3, 3), gap(10, 12))
    assert [e.first_missing_id for e in found.gaps] == [3, 4]
    assert [e.first_missing_id for e in found.disproved] == [10]


def test_gap_at_the_end_cuts_the_last_stretch_off():
    assert judged(seen(), blind(15, 30)).stretches == ((s(1), s(15)),)
    assert judged(seen(), blind(20, 30)).stretches == ((s(1), s(20)),)
    assert judged(seen(), blind(25, 30)).stretches == ((s(1), s(20)),)
    assert judged(seen(), blind(-5, 4)).stretches == ((s(4), s(20)),)


def test_book_deltas_are_proven_by_their_chain_without_a_number():
    proof = judged(seen(data_type="book_delta"))
    assert (proof.verdict, proof.expected) == (Verdict.COMPLETE, None)


def test_data_type_without_a_chain_is_unproven():
    proof = judged(seen(data_type="bbo"))
    assert (proof.verdict, proof.expected) == (Verdict.UNPROVEN, None)
    assert proof.stretches == ((s(1), s(20)),)


def test_gaps_of_a_data_type_without_a_chain_are_never_disproved():
    """Overlapping ones are taken out of its time once."""
    rows = [blind(3, 5, "bbo"), blind(4, 7, "bbo"), blind(9, 9, "bbo")]
    proof = judged(seen(data_type="bbo"), *rows)
    assert (proof.verdict, proof.disproved, len(proof.gaps)) == (Verdict.UNPROVEN, (), 3)
    assert proof.stretches == ((s(1), s(3)), (s(7), s(9)), (s(9), s(20)))


def test_gap_of_a_clock_that_stepped_back_hides_no_doubt():
    proof = judged(seen(data_type="bbo"), blind(9, 5, "bbo"))
    assert proof.stretches == ((s(1), s(9)), (s(9), s(20)))


@pytest.mark.parametrize(
    "values",
    [
        {"tally": Tally(rows=20, first_id=1, last_id=20, repeats=1)},
        {"tally": Tally(rows=20, first_id=1, last_id=20, disorder=1)},
        {"errors": ("a file is torn",)},
    ],
)
def test_what_is_not_sound_proves_nothing(values: dict[str, Any]):
    proof = judged(seen(**values), gap(3, 5))
    assert (proof.verdict, proof.stretches, proof.disproved) == (Verdict.INCOMPLETE, (), ())


def test_path_without_a_fact_is_unproven():
    nothing = seen(tally=Tally(), ts_first=None, ts_last=None)
    assert (judged(nothing).verdict, judged(nothing).stretches) == (Verdict.UNPROVEN, ())
    assert judged(nothing, gap(3, 5)).gaps == (entry(gap(3, 5), state=GapState.OPEN),)
    assert judged(nothing).expected is None


def test_path_is_named_as_it_is_recorded():
    assert seen().path == f"{SOURCE}/trade/A"


def test_hole_and_gap_within_one_instant_split_a_stretch_once():
    instant = Hole(3, 3, 1, s(3), s(3))
    proof = judged(seen(instant), gap(3, 3, ts_from=s(3), ts_until=s(3)))
    assert proof.stretches == ((s(1), s(3)), (s(3), s(20)))


def test_facts_are_expected_from_the_fact_before_on():
    tally = Tally(rows=20, previous_id=-2, first_id=1, last_id=20, holes=[hole(-1, 0)])
    assert judged(seen(tally=tally)).expected == 22


def test_candles_that_are_missing_have_no_ids_and_are_admitted_by_time():
    missing = Hole(None, None, 3, s(3), s(5), every_ns=SECOND)
    candles = seen(missing, data_type="kline")
    assert judged(candles).verdict == Verdict.INCOMPLETE
    proof = judged(candles, blind(2, 6, "kline"), blind(10, 12, "kline"))
    assert proof.verdict == Verdict.UNPROVEN
    assert [e.ts_from for e in proof.admitting(proof.holes[0])] == [s(2)]
    assert proof.stretches == ((s(1), s(2)), (s(6), s(10)), (s(12), s(20)))
