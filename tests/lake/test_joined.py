from hypothesis import given
from hypothesis import strategies as st

from argus.columns import lake_schema
from argus.events import Trade
from argus.lake.joined import Piece, batches, ids_of, sorted_by
from argus.lake.span import Span
from tests.lake.tables import table_of_trades
from tests.storage.facts import MIDNIGHT, SECOND

IDS = st.lists(st.integers(0, 60), min_size=1, max_size=20)


def piece(numbers, rank=0, *, loaded=None, **values):
    """One piece; its price tells where it came from."""
    table = table_of_trades(numbers, price=float(rank), **values)

    def load():
        if loaded is not None:
            loaded.append(rank)
        return table

    return Piece(min(numbers), max(numbers), rank, load)


def ids(tables):
    return [number for table in tables for number in ids_of("trade_id", table).tolist()]


def read(pieces, span=Span(), rows_max=10):  # noqa: B008 - it never changes
    return list(batches(pieces, span, key="trade_id", rows_max=rows_max))


@given(st.lists(IDS, max_size=6), st.integers(1, 9), st.none() | st.integers(-1, 61))
def test_every_id_once_and_in_order_whatever_overlaps(lists, rows_max, after):
    pieces = [piece(numbers, rank) for rank, numbers in enumerate(lists)]
    tables = read(pieces, Span(after=after, until=50), rows_max)
    low = -1 if after is None else after
    assert ids(tables) == sorted({n for numbers in lists for n in numbers if low < n <= 50})
    assert all(0 < table.num_rows <= rows_max for table in tables)


@given(st.lists(IDS, max_size=5))
def test_of_equal_facts_that_of_the_least_rank_stays(lists):
    tables = read([piece(numbers, rank) for rank, numbers in enumerate(lists)])
    ranks = {n: rank for rank, numbers in reversed(list(enumerate(lists))) for n in numbers}
    found = {n: p for t in tables for n, p in zip(ids([t]), t["price"].to_pylist(), strict=True)}
    assert found == ranks


def test_columns_are_those_of_the_lake():
    table = read([piece([2, 1]), piece([3], 1)])[0]
    assert table.schema.equals(lake_schema(Trade))
    assert table["side"].to_pylist() == ["buy", "sell", "buy"]


def test_pieces_are_loaded_when_their_turn_comes():
    loaded: list[int] = []
    pieces = [piece(range(n * 10, n * 10 + 10), n, loaded=loaded) for n in range(5)]
    found = batches(pieces, Span(after=15), key="trade_id", rows_max=4)
    next(found)
    assert loaded == [1]


def test_span_of_times_is_one_run_of_ids():
    seconds = {1: 5, 2: 9, 3: 8, 4: 10, 5: 11, 6: 10, 7: 12}
    times = [MIDNIGHT + second * SECOND for second in seconds.values()]
    pieces = [piece(list(seconds), times=times)]
    at = [MIDNIGHT + second * SECOND for second in (9, 11)]
    # 3 is older than the begin and 6 older than the end, but they lie behind 2 and 5.
    assert ids(read(pieces, Span(ts_from=at[0], ts_until=at[1]))) == [2, 3, 4]
    assert ids(read(pieces, Span(ts_from=at[1]), rows_max=1)) == [5, 6, 7]
    assert ids(read(pieces, Span(ts_from=MIDNIGHT + 13 * SECOND))) == []


def test_pieces_that_are_too_old_are_not_loaded():
    loaded: list[int] = []
    pieces = [
        Piece(p.low, p.high, p.rank, p.load, ts_last=MIDNIGHT + p.high * SECOND)
        for p in (piece(range(n * 10, n * 10 + 10), n, loaded=loaded) for n in range(4))
    ]
    assert ids(read(pieces, Span(ts_from=MIDNIGHT + 25 * SECOND))) == list(range(25, 40))
    assert loaded == [2, 3]


def test_sorting_leaves_what_is_sorted():
    table = table_of_trades([1, 2])
    assert sorted_by("trade_id", table) is table
    assert ids([sorted_by("trade_id", table_of_trades([2, 1]))]) == [1, 2]
