"""What holds for any trades: nothing is lost, no cut and no restart changes a bar (I9)."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.bars import NAMES, Profile, Series, Trades, profile
from argus.bars.series import ROWS
from argus.events import Bar
from tests.bars.tape import tape

SMALL: dict[str, Any] = {"expected_ticks_initial": 4.0, "imbalance_span": 20.0}
CURED = SMALL | {"warm_up": True, "ticks_min": 2.0, "ticks_max": 9.0, "length_max": 12}
RULES = [f"{unit}_{kind}" for kind in ("imbalance", "run") for unit in ("tick", "volume", "dollar")]
PROFILES = [
    *map(profile, NAMES),
    profile("1s"),
    profile("1m", empty=True),
    Profile.of("ticks", "tick", size=3),
    Profile.of("volume", "volume", size=5),
    Profile.of("dollars", "dollar", size=500),
    Profile.of("raven_dollars", "dollar_imbalance", "raven", expected_ticks_initial=4.0),
    Profile.of("raven_runs", "tick_run", "raven", expected_ticks_initial=2.0),
    *(Profile.of(rule, rule, **SMALL) for rule in RULES),
    *(Profile.of(f"{rule}_cured", rule, sign="exchange", **CURED) for rule in RULES),
    Profile.of("raven_vpin", "vpin", "raven", bucket_size=300, buckets=2, sigma_window=2),
    *(
        Profile.of(f"vpin_{unit}_{how}", "vpin", bucket_size=size, buckets=3, sigma_window=2,
                   unit=unit, classification=how)
        for unit, size in (("quote", 300.0), ("base", 3.0))
        for how in ("bulk", "exchange")
    ),
]  # fmt: skip

# Prices and sizes that a venue may send, and what no venue should.
PRICES = st.sampled_from([99.5, 100.0, 100.0, 100.5, 101.0])
SIZES = st.sampled_from([0.001, 0.5, 1.0, 2.5, 40.0])
ODD = st.sampled_from([0.0, -0.0, -1.0, float("nan"), float("inf"), -float("inf"), 1e300, 5e-324])
SIDES = st.sampled_from([1, -1, 0])
STEPS = st.sampled_from([0, 1, 10**6, 10**9, 3 * 10**10, -(10**9), -(10**11)])
HOPS = st.sampled_from([1, 1, 1, 1, 1, 2, 50])


@st.composite
def tapes(draw, prices=PRICES, sizes=SIZES, hops=HOPS) -> Trades:
    """Trades whose ids rise, at times by more than one, and whose times may stand or step back."""
    drawn = draw(st.lists(st.tuples(prices, sizes, SIDES, STEPS, hops), max_size=60))
    ts, number, rows = 1_700_000_000_000_000_000, draw(st.sampled_from([-3, 0, 7, 2**62])), []
    for price, size, side, step, hop in drawn:
        ts, number = ts + step, number + hop
        rows.append((price, size, side, ts, number))
    return Trades.of(rows)


def by_profile(bars: list[Bar]) -> dict[str, list[Bar]]:
    return {one.name: [bar for bar in bars if bar.profile == one.name] for one in PROFILES}


def is_tick(trades: Trades) -> Any:
    return (
        (trades.price > 0) & (trades.price < 1e100) & (trades.size > 0) & (trades.size < 1e100)
    )  # fmt: skip


def is_ravens_vpin(one: Profile) -> bool:
    return one.rule == "vpin" and one.mode == "raven"


def cuts(data: st.DataObject, trades: Trades) -> list[Trades]:
    places = sorted(data.draw(st.sets(st.integers(0, len(trades)), max_size=8)))
    return [
        trades[a:b] for a, b in zip([0, *places], [*places, len(trades)], strict=True)
    ]  # fmt: skip


@given(tapes(prices=PRICES | ODD, sizes=SIZES | ODD))
def test_bars_conserve(trades: Trades):
    """I9: what the bars hold and what is open is what was traded, whatever was traded."""
    series = Series(PROFILES)
    held = by_profile([*series.feed(trades), *series.open_bars()])
    ticks = is_tick(trades)
    for one in PROFILES:
        bars = held[one.name]
        kept = ticks
        if is_ravens_vpin(one):
            # Raven skips the first trade, and shows no bucket before there is a value.
            first = bars[0].first_trade_id if bars else None
            kept = ticks & (trades.trade_id >= (2**63 - 1 if first is None else first))
        assert sum(bar.total_ticks for bar in bars) == kept.sum()
        turnover = (trades.price[kept] * trades.size[kept]).sum()
        assert sum(bar.quote_volume for bar in bars) == pytest.approx(float(turnover))
        volume = trades.size[kept].sum()
        if one.rule != "vpin":
            assert sum(bar.volume for bar in bars) == pytest.approx(float(volume))
        for bar in bars:
            assert bar.buy_ticks + bar.sell_ticks <= bar.total_ticks
            assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high


@given(st.data(), tapes(prices=PRICES | ODD, sizes=SIZES | ODD))
def test_no_cut_changes_a_bar(data: st.DataObject, trades: Trades):
    whole = Series(PROFILES).feed(trades)
    series = Series(PROFILES)
    parts = [bar for batch in cuts(data, trades) for bar in series.feed(batch)]
    assert by_profile(parts) == by_profile(list(whole))


@given(tapes(prices=PRICES | ODD, sizes=SIZES | ODD))
def test_no_restart_changes_a_bar(trades: Trades):
    """The state is kept and taken up again after every single trade."""
    whole = Series(PROFILES).feed(trades)
    series, parts = Series(PROFILES), []
    for at in range(len(trades)):
        parts += list(series.feed(trades[at : at + 1]))
        series = Series.from_bytes(PROFILES, series.to_bytes())
    assert by_profile(parts) == by_profile(list(whole))


@given(st.data(), tapes())
def test_what_comes_again_is_ignored(data: st.DataObject, trades: Trades):
    whole = Series(PROFILES).feed(trades)
    series, parts = Series(PROFILES), []
    for at in range(len(trades)):
        back = data.draw(st.integers(0, at))
        parts += list(series.feed(trades[back : at + 1]))
    assert by_profile(parts) == by_profile(list(whole))


@given(st.data(), tapes())
def test_looking_changes_nothing(data: st.DataObject, trades: Trades):
    series, parts = Series(PROFILES), []
    for batch in cuts(data, trades):
        parts += list(series.feed(batch))
        series.open_bars()
        series.pending(data.draw(st.integers(1_699_999_000, 1_700_001_000)) * 10**9)
        series.copy().feed(trades)
    assert by_profile(parts) == by_profile(list(Series(PROFILES).feed(trades)))


@given(tapes(prices=PRICES | ODD))
def test_bar_after_a_hole_says_so(trades: Trades):
    """Of any rule the bar of the first tick after a hole; of time also what it may have ended."""
    series = Series(PROFILES)
    built = by_profile([*series.feed(trades), *series.open_bars()])
    numbers, ticks = trades.trade_id, is_tick(trades)
    holes = [
        int(next((n for n in numbers[at:][ticks[at:]]), 2**63 - 1))
        for at in range(1, len(numbers))
        if numbers[at] != numbers[at - 1] + 1
    ]
    for one in PROFILES:
        for bar in built[one.name]:
            if bar.first_trade_id is None or bar.last_trade_id is None:
                continue
            inside = any(bar.first_trade_id <= hole <= bar.last_trade_id for hole in holes)
            assert bar.gap >= inside
            if one.rule != "time" and not is_ravens_vpin(one):
                assert bar.gap == inside


@given(tapes())
def test_sequences_have_no_hole_and_bars_no_overlap(trades: Trades):
    for bars in by_profile(list(Series(PROFILES).feed(trades))).values():
        assert [bar.sequence for bar in bars] == list(range(1, len(bars) + 1))
        held = [bar for bar in bars if bar.first_trade_id is not None]
        for bar, after in pairwise(held):
            assert bar.last_trade_id < after.first_trade_id  # type: ignore[operator]


@given(tapes())
def test_time_bars_stand_on_the_grid(trades: Trades):
    built = by_profile(list(Series(PROFILES).feed(trades)))
    for name, length in (("1s", 10**9), ("1m", 60 * 10**9)):
        opened = [bar.ts_open for bar in built[name]]
        assert [ts % length for ts in opened] == [0] * len(opened)
        assert opened == sorted(set(opened))
    minutes = [bar.ts_open for bar in built["1m"]]
    assert minutes == [minutes[0] + n * 60 * 10**9 for n in range(len(minutes))]


def test_rows_that_are_full_at_any_place_change_nothing(monkeypatch):
    """Whatever the kernel stops at for want of rows, it goes on from there."""
    trades = Trades.of(tape(0.5, 3 * ROWS))
    whole = list(Series(PROFILES).feed(trades))
    for rows in (1, 2, 7):
        monkeypatch.setattr("argus.bars.series.ROWS", rows)
        assert by_profile(list(Series(PROFILES).feed(trades))) == by_profile(whole)
