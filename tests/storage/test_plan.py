from hypothesis import given
from hypothesis import strategies as st

from argus.storage.backlog import Backlog
from argus.storage.chunk import Chunk
from argus.storage.plan import Piece, Stored, Waiting, in_order, is_merged, rounds, waiting
from tests.storage.facts import SOURCE, partition

DATE = "2023-11-15"


def stored(generation, sequence, *pieces, ts_first=0):
    """One chunk with `(symbol, rows)` pieces."""
    found, start = [], 0
    for symbol, rows in pieces:
        found.append(Piece(partition(symbol, DATE), start, start + rows, rows))
        start += rows
    chunk = Chunk(SOURCE, "trade", generation, sequence, ts_first, ts_first + 1)
    return Stored(chunk, tuple(found), 10 * start, start)


def summary(waits):
    return [
        (w.partition.symbol, [(s.chunk.generation, s.chunk.sequence) for s, _ in w.parts])
        for w in waits
    ]


def everything(chunk, symbol):
    return True


def test_what_is_merged_does_not_wait():
    chunks = [
        stored("g", 1, ("A", 2), ("B", 3)),
        stored("g", 2, ("A", 1)),
        stored("g", 3, ("B", 1)),
    ]
    merged = {partition("A", DATE): {"g": 1}, partition("B", DATE): {"other": 9}}
    waits = waiting(chunks, merged=lambda p: merged.get(p, {}), is_wanted=everything)
    assert summary(waits) == [("A", [("g", 2)]), ("B", [("g", 1), ("g", 3)])]
    assert [(w.rows, w.merged()) for w in waits] == [(1, {"g": 2}), (4, {"g": 3})]


def test_what_is_not_wanted_does_not_wait():
    chunks = [stored("g", 1, ("A", 2), ("B", 3)), stored("h", 1, ("A", 1))]
    waits = waiting(
        chunks, merged=lambda p: {}, is_wanted=lambda c, s: c.generation == "g" and s == "A"
    )
    assert summary(waits) == [("A", [("g", 1)])]


def test_generation_that_began_first_goes_first():
    chunks = [
        stored("a", 2, ts_first=9),
        stored("z", 2, ts_first=7),
        stored("a", 1, ts_first=5),
        stored("z", 1, ts_first=3),
    ]
    assert [(s.chunk.generation, s.chunk.sequence) for s in in_order(chunks)] == [
        ("z", 1), ("z", 2), ("a", 1), ("a", 2),
    ]  # fmt: skip


def test_chunk_can_be_left_out():
    first, second = stored("g", 1, ("A", 2)), stored("g", 2, ("A", 1))
    wait = Waiting(partition("A", DATE), ((first, first.pieces[0]), (second, second.pieces[0])))
    assert summary([wait.without(first.chunk)]) == [("A", [("g", 2)])]


@given(
    st.lists(st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 9), min_size=1), max_size=9),
    st.integers(1, 30),
)
def test_rounds_hold_everything_once_in_rising_order_and_within_the_limit(counts, rows_max):
    chunks = [stored("g", n, *c.items()) for n, c in enumerate(counts, 1)]
    waits = waiting(chunks, merged=lambda p: {}, is_wanted=everything)
    found = list(rounds(waits, rows_max=rows_max))
    for together in found:
        pieces = [piece for wait in together for _, piece in wait.parts]
        assert sum(p.rows for p in pieces) <= rows_max or len(pieces) == 1
        assert len({w.partition for w in together}) == len(together)
    flat: dict = {}
    for together in found:
        for wait in together:
            flat.setdefault(wait.partition, []).extend(wait.parts)
    assert flat == {w.partition: list(w.parts) for w in waits}


steps = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from("ABC"), st.integers(1, 5), min_size=1),
        st.sampled_from("ABC"),
    ),
    max_size=12,
)


@given(steps)
def test_backlog_kept_up_is_the_backlog_made_anew(script):
    merged: dict = {}
    chunks: list[Stored] = []
    backlog = Backlog()

    def is_held(s, p):
        return is_merged(s, p, lambda at: merged.get(at, {}))

    for step in script:
        if isinstance(step, dict):
            chunks.append(stored("g", len(chunks) + 1, *step.items()))
            backlog.add(chunks[-1:], is_wanted=everything, is_merged=is_held)
        else:
            for wait in backlog.waiting(step):
                merged.setdefault(wait.partition, {}).update(wait.merged())
                backlog.merged(wait)
        anew = waiting(chunks, merged=lambda p: merged.get(p, {}), is_wanted=everything)
        assert summary(backlog.waiting()) == summary(anew)
        for wait in anew:
            gathered = backlog.gathered[wait.partition]
            assert gathered.rows == wait.rows
            assert gathered.size_bytes == 10 * wait.rows
        done = [s.chunk for s in chunks if all(is_held(s, p) for p in s.pieces)]
        assert backlog.finished() == done


def test_backlog_is_asked_by_symbol_and_generation_and_forgets():
    backlog = Backlog()
    chunks = [stored("g", 1, ("A", 2), ("B", 3)), stored("h", 1, ("A", 1))]
    backlog.add(
        chunks, is_wanted=lambda c, s: s == "A", is_merged=lambda s, p: p.partition.symbol == "B"
    )
    assert summary(backlog.waiting("A", "h")) == [("A", [("h", 1)])]
    assert summary(backlog.waiting("B")) == []
    assert backlog.has(chunks[0].chunk)
    backlog.merged(backlog.waiting("A", "g")[0])
    assert backlog.finished() == [chunks[0].chunk]
    backlog.forget(chunks[0].chunk)
    assert backlog.chunks == {chunks[1].chunk}
    assert summary(backlog.waiting()) == [("A", [("h", 1)])]
