import pytest

from argus.bars import Series, Trades
from argus.daemon.bulk.building import build
from argus.lake import pieces
from argus.lake.span import ALL, Span
from tests.daemon.bulk.rigs import PROFILES, at_once, built, market, record, recorder, sorted_bars
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE


@pytest.fixture(scope="module")
def facts():
    return market(3000)


@pytest.mark.parametrize("rows_max", [1, 7, 1000, 100_000])
def test_bars_are_those_of_a_series_fed_at_once_however_it_is_cut(tmp_path, facts, rows_max):
    few = facts[:200] if rows_max == 1 else facts
    record(tmp_path, few)
    found = built(tmp_path, rows_max=rows_max)
    assert found.num_rows > 20
    assert found.equals(at_once(few))


def test_bars_are_the_same_before_and_after_the_merge(tmp_path, facts):
    live = record(tmp_path, facts)
    before = built(tmp_path)
    live.flusher.flush_all()
    assert built(tmp_path).equals(before)


def test_symbols_are_built_apart(tmp_path, facts):
    other = market(500, seed=2)
    live = recorder(tmp_path)
    live.chunk({"A": facts, "B": other})
    found = list(build(tmp_path, SOURCE, "trade", {"B": ALL, "A": ALL, "C": ALL}, PROFILES))
    assert {part.symbol for part in found} == {"A", "B"}
    assert sum(part.trades for part in found) == 3500
    b = next(part for part in found if part.symbol == "B")
    assert sorted_bars(b.bars).equals(at_once(other))


def test_series_begins_cold_where_it_is_told_to(tmp_path, facts):
    record(tmp_path, facts)
    ts = MIDNIGHT + 1000 * SECOND
    later = [fact for fact in facts if (fact.ts_event or 0) >= ts]
    assert built(tmp_path, span=Span(ts_from=ts)).equals(at_once(later))


def test_bars_of_time_are_whole_up_to_where_building_ends(tmp_path, facts):
    record(tmp_path, facts)
    # No trade before it closes the last interval.
    until = MIDNIGHT + 1500 * SECOND
    early = [fact for fact in facts if (fact.ts_event or 0) < until]
    series = Series(PROFILES[:1])
    closed = series.feed(Trades.of(early))
    found = built(tmp_path, span=Span(ts_until=until), profiles=PROFILES[:1])
    assert found.num_rows == len(closed) + 1
    assert found["ts_open"].to_pylist()[-1].value == until - 10 * SECOND


def test_symbol_whose_files_were_replaced_goes_on_where_it_was(tmp_path, facts, monkeypatch):
    record(tmp_path, facts, parts=4)
    real, failing = pieces.Finding._opened, iter([False, True])

    def opened(self, path):
        if next(failing, False):
            raise FileNotFoundError(path)
        return real(self, path)

    monkeypatch.setattr(pieces.Finding, "_opened", opened)
    assert built(tmp_path, rows_max=50).equals(at_once(facts))


def test_merge_during_building_changes_nothing(tmp_path, facts):
    live = record(tmp_path, facts)
    parts = build(tmp_path, SOURCE, "trade", {"A": ALL}, PROFILES, rows_max=100)
    found = [next(parts)]
    live.chunk({"A": market(100, first=90_000, begin=MIDNIGHT + 9000 * SECOND)})
    live.flusher.flush_all()
    found += parts
    assert sum(part.trades for part in found) == 3000
