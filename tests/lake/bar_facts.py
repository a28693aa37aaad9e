"""Bars to store and to draw: values made up, not built of trades."""

from msgspec.structs import replace

from argus.events import Bar, Origin
from tests.storage.facts import MIDNIGHT, SECOND


def bar(sequence: int, revision: int = 0, *, profile: str = "1m", **values) -> Bar:
    """One bar; each is a minute after the one before it, number 1 at midnight."""
    ts = MIDNIGHT + (sequence - 1) * 60 * SECOND
    close = 100.0 + sequence % 7
    made = Bar(
        ts_event=ts + 59 * SECOND, ts_recv=ts + 59 * SECOND + 7, origin=Origin.LIVE,
        profile=profile, rule="time", sequence=sequence, revision=revision,
        ts_open=ts, ts_first=ts + SECOND, ts_last=ts + 59 * SECOND,
        open=close + (1 if sequence % 4 == 0 else -1), high=close + 2, low=close - 2, close=close,
        volume=5.0 + sequence % 3, quote_volume=500.0, vwap=close - 0.5,
        buy_volume=3.0, sell_volume=2.0 + sequence % 3, buy_ticks=3, sell_ticks=2, total_ticks=5,
        theta=None, threshold=None, expected_ticks_before=None, expected_imbalance_before=None,
        expected_ticks_after=None, expected_imbalance_after=None, vpin=None,
        gap=False, clamped=False, first_trade_id=sequence * 5, last_trade_id=sequence * 5 + 4,
    )  # fmt: skip
    return replace(made, **values)
