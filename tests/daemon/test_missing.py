"""The gap that tells of facts which storage could not take."""

from argus.daemon.missing import Missing
from argus.events import (
    Bbo,
    BookDelta,
    Event,
    GapReason,
    Levels,
    OpenInterest,
    Origin,
    Side,
    Trade,
)


def trade(number: int) -> Trade:
    return Trade(
        ts_event=1000 + number,
        ts_recv=2000 + number,
        origin=Origin.LIVE,
        trade_id=number,
        price=1.0,
        size=1.0,
        side=Side.BUY,
        trade_type=None,
    )


def bbo(number: int) -> Bbo:
    return Bbo(None, 2000 + number, Origin.LIVE, number, 1.0, 1.0, 2.0, 1.0)


def delta(first: int, last: int) -> BookDelta:
    empty = Levels.of([])
    return BookDelta(1000 + last, 2000 + last, Origin.LIVE, first, last, None, empty, empty)


def gap_of(before: Event | None, facts: list[Event], after: Event | None, data_type: str):
    missing = Missing(GapReason.DISK, before, facts[0], facts[0], 1)
    if facts[1:]:
        missing.add(facts[1:])
    return missing.gap(data_type, after, now_ns=9)


def test_gap_runs_from_the_last_fact_before_to_the_first_one_after():
    gap = gap_of(trade(4), [trade(5), trade(6), trade(7)], trade(8), "trade")
    assert (gap.ts_event, gap.ts_from, gap.ts_until, gap.ts_recv) == (1004, 1004, 1008, 9)
    assert (gap.first_missing_id, gap.last_missing_id, gap.missing) == (5, 7, 3)
    assert (gap.of_data_type, gap.reason, gap.state) == ("trade", "disk", "open")


def test_gap_without_neighbours_runs_over_what_is_missing():
    gap = gap_of(None, [trade(5), trade(6)], None, "trade")
    assert (gap.ts_from, gap.ts_until, gap.missing) == (1005, 1006, 2)


def test_fact_without_venue_time_is_placed_by_when_it_was_received():
    gap = gap_of(bbo(4), [bbo(6)], bbo(9), "bbo")
    assert (gap.ts_from, gap.ts_until) == (2004, 2009)
    assert (gap.first_missing_id, gap.last_missing_id) == (6, 6)


def test_deltas_are_missing_with_all_the_ids_they_cover():
    gap = gap_of(delta(1, 4), [delta(5, 7), delta(8, 11)], delta(12, 12), "book_delta")
    assert (gap.first_missing_id, gap.last_missing_id, gap.missing) == (5, 11, 2)


def test_fact_without_an_id_leaves_the_ids_out():
    fact = OpenInterest(5, 6, Origin.LIVE, 1.0, None)
    gap = gap_of(None, [fact], None, "open_interest")
    assert (gap.first_missing_id, gap.last_missing_id, gap.missing) == (None, None, 1)
