"""The lines of a journal."""

import json

from hypothesis import given
from hypothesis import strategies as st

from argus.events import BookSnapshot, Gap, GapReason, GapState, Levels, Origin
from argus.storage.lines import generated, joined, lost

GAP = Gap(1, 2, Origin.LIVE, "trade", 1, 2, 5, 7, 3, GapReason.CUT, GapState.OPEN)


@given(st.lists(st.tuples(st.integers(0, 2**62), st.binary(min_size=1).map(bytes))))
def test_a_line_is_a_stamp_and_a_frame_without_line_breaks(lines):
    found = joined([x for line in lines for x in line]).split(b"\n")
    assert found.pop() == b""
    wanted = [b"%d %b" % (ts, frame.replace(b"\n", b" ")) for ts, frame in lines]
    assert found == wanted


def test_fact_that_came_over_no_stream_is_written_as_its_fields():
    frame = json.loads(generated("btcusdt", "gap", GAP))
    assert (frame["stream"], frame["generated"]) == ("btcusdt@gap", True)
    assert frame["data"]["first_missing_id"] == 5
    assert frame["data"]["reason"] == "cut"


def test_book_snapshot_is_written_as_the_venue_answered():
    book = BookSnapshot(None, 2, Origin.SNAPSHOT, 9, Levels(b"[]"), Levels(b"[]"))
    answer = b'{"lastUpdateId":9,"bids":[],"asks":[]}'
    assert generated("btcusdt", "book_snapshot", book, answer) == (
        b'{"stream":"btcusdt@depthSnapshot","generated":true,"data":' + answer + b"}"
    )


def test_missing_lines_are_told_in_their_place():
    assert json.loads(lost(17)) == {"stream": "@lost", "generated": True, "data": 17}
