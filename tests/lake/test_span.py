from argus.lake.span import ALL, FIRST, LAST, Span


def test_all_is_from_the_first_to_the_last_id():
    assert (ALL.low, ALL.high) == (FIRST, LAST)


def test_span_is_behind_one_id_and_up_to_another():
    span = Span(after=4, until=9)
    assert (span.low, span.high) == (5, 9)


def test_what_is_left_behind_a_fact_begins_with_the_next():
    span = Span(after=4, until=9, ts_from=1, ts_until=2)
    assert span.beyond(7) == Span(after=7, until=9, ts_until=2)
