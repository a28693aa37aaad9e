"""What gaps add up to: nothing twice, nothing left out."""

from argus.events import GapReason
from argus.storage.ledger import GapEntry, fold
from argus.storage.partition import DAY_NS
from argus.storage.totals import Total, by_day, by_path, by_reason, total
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE
from tests.storage.gap_rows import at, filled, gap, table


def entries(**rows) -> tuple[GapEntry, ...]:
    """The ledger of gaps by symbol."""
    return fold((at(symbol), table(*gaps)) for symbol, gaps in rows.items())


def blind(start_s: int, end_s: int, **values):
    """A gap without ids."""
    times = {"ts_from": MIDNIGHT + start_s * SECOND, "ts_until": MIDNIGHT + end_s * SECOND}
    return gap(None, None, ts_event=times["ts_from"], of_data_type="bbo", **times, **values)


def test_nothing_adds_up_to_nothing():
    assert total([]) == Total("", 0, 0, 0, 0, 0)
    assert (by_path([]), by_reason([]), by_day([])) == ([], [], [])


def test_gaps_of_several_paths_add_up():
    found = entries(A=[gap(3, 5), gap(10, 10), filled(gap(10, 10))], B=[gap(3, 5), blind(0, 9)])
    assert total(found) == Total("", 4, 3, 7, 1, (4 + 2 + 4 + 9) * SECOND)
    assert by_path(found) == [
        Total(f"{SOURCE}/bbo/B", 1, 1, 0, 1, 9 * SECOND),
        Total(f"{SOURCE}/trade/A", 2, 1, 4, 0, 6 * SECOND),
        Total(f"{SOURCE}/trade/B", 1, 1, 3, 0, 4 * SECOND),
    ]


def test_ids_and_time_of_overlapping_gaps_count_once():
    """The gap of one recorder within that of another; and the part that could not be filled."""
    found = entries(A=[gap(3, 9), filled(gap(3, 9)), gap(6, 7), gap(9, 12)])
    assert total(found) == Total("", 3, 2, 10, 0, 11 * SECOND)


def test_gaps_that_touch_count_in_full():
    assert total(entries(A=[gap(3, 5), gap(6, 8)])).missing == 6


def test_negative_ids_and_the_id_zero_count():
    assert total(entries(A=[gap(-2, 0), gap(1, 1)])).missing == 4


def test_numbers_without_a_chain_of_ids_add_up_as_they_are_told():
    overrun = blind(0, 9, missing=4, reason=GapReason.OVERRUN)
    disk = gap(100, 900, missing=5, of_data_type="bbo", reason=GapReason.DISK)
    found = entries(A=[overrun, disk])
    assert (total(found).missing, total(found).uncounted) == (9, 0)


def test_delta_gap_with_ids_does_not_tell_how_many_facts_are_missing():
    found = total(entries(A=[gap(100, 900, missing=None, of_data_type="book_delta")]))
    assert (found.missing, found.uncounted) == (0, 1)


def test_reasons_are_in_alphabetical_order():
    found = entries(
        A=[gap(3, 5, reason=GapReason.UNSEWN), gap(8, 8)], B=[gap(3, 5, reason=GapReason.UNSEWN)]
    )
    assert by_reason(found) == [
        Total("cut", 1, 1, 1, 0, 2 * SECOND),
        Total("unsewn", 2, 2, 6, 0, 8 * SECOND),
    ]


def test_time_of_a_gap_over_midnight_counts_for_both_days():
    assert by_day(entries(A=[gap(-5, 5)])) == [
        Total("2023-11-14", 1, 1, 11, 0, 6 * SECOND),
        Total("2023-11-15", 0, 0, 0, 0, 6 * SECOND),
    ]


def test_day_that_lies_in_a_gap_is_covered_as_a_whole():
    days = DAY_NS // SECOND
    assert by_day(entries(A=[blind(-1, days + 1)])) == [
        Total("2023-11-14", 1, 1, 0, 1, SECOND),
        Total("2023-11-15", 0, 0, 0, 0, DAY_NS),
        Total("2023-11-16", 0, 0, 0, 0, SECOND),
    ]


def test_gap_up_to_midnight_is_none_of_the_next_day():
    assert by_day(entries(A=[blind(-3, 0), blind(0, 0)])) == [
        Total("2023-11-14", 1, 1, 0, 1, 3 * SECOND),
        Total("2023-11-15", 1, 1, 0, 1, 0),
    ]


def test_gap_of_a_clock_that_stepped_back_takes_no_time():
    found = entries(A=[blind(9, 5)])
    assert total(found).duration_ns == 0
    assert by_day(found) == [Total("2023-11-15", 1, 1, 0, 1, 0)]
