import json
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from benchmarks.traffic import FIRST_TRADE_ID, FIRST_UPDATE_ID, Kind, agg_trades, messages, mix

TS_MS = 1_795_132_800_000


def bodies(profile, **options):
    found = defaultdict(list)
    for message in messages(profile, ts_start_ms=TS_MS, **options):
        wrapped = json.loads(message.payload)
        assert wrapped["stream"] == message.stream
        found[message.kind, message.symbol].append(wrapped["data"])
    return found


def test_same_seed_gives_the_same_messages():
    assert list(messages(mix(500), ts_start_ms=TS_MS)) == list(
        messages(mix(500), ts_start_ms=TS_MS)
    )


def test_aggregated_trades_count_up_by_one_and_their_trades_chain():
    for (kind, _), said in bodies(mix(20_000)).items():
        if kind is Kind.AGG_TRADE:
            assert [each["a"] for each in said] == [FIRST_TRADE_ID + n for n in range(len(said))]
            assert all(one["l"] + 1 == two["f"] for one, two in pairwise(said))


def test_depth_diffs_begin_where_the_one_before_ended():
    for (kind, _), said in bodies(mix(20_000)).items():
        if kind is Kind.DEPTH:
            ends = [FIRST_UPDATE_ID - 1, *(each["u"] for each in said)]
            assert [each["U"] for each in said] == [end + 1 for end in ends[:-1]]


def test_book_tickers_rise():
    for (kind, _), said in bodies(mix(20_000)).items():
        if kind is Kind.BOOK_TICKER:
            ids = [each["u"] for each in said]
            assert all(one < two for one, two in pairwise(ids))


def test_identity_is_the_id_that_is_recorded():
    field = {Kind.AGG_TRADE: "a", Kind.BOOK_TICKER: "u", Kind.DEPTH: "u"}
    for message in messages(mix(2_000), ts_start_ms=TS_MS):
        assert json.loads(message.payload)["data"][field[message.kind]] == message.identity


def test_mix_has_its_shares_and_about_forty_levels():
    said = bodies(mix(20_000))
    counts: Counter[Kind] = Counter()
    for (kind, _), each in said.items():
        counts[kind] += len(each)
    assert counts[Kind.AGG_TRADE] / 20_000 == pytest.approx(0.45, abs=0.02)
    assert counts[Kind.BOOK_TICKER] / 20_000 == pytest.approx(0.47, abs=0.02)
    assert counts[Kind.DEPTH] / 20_000 == pytest.approx(0.08, abs=0.01)
    diffs = [each for (kind, _), some in said.items() if kind is Kind.DEPTH for each in some]
    levels = [len(each["b"]) + len(each["a"]) for each in diffs]
    assert sum(levels) / len(levels) == pytest.approx(40, abs=2)


def test_unit_of_time_changes_nothing_else():
    fine = bodies(agg_trades(300), microseconds=True)
    for key, said in bodies(agg_trades(300)).items():
        for coarse, precise in zip(said, fine[key], strict=True):
            assert precise["T"] // 1_000 == coarse["T"]
            assert (precise["a"], precise["p"], precise["q"]) == (
                coarse["a"],
                coarse["p"],
                coarse["q"],
            )


def test_streams_are_those_of_the_messages():
    names = set(mix(1).streams())
    assert len(names) == 600
    assert {message.stream for message in messages(mix(20_000), ts_start_ms=TS_MS)} <= names
