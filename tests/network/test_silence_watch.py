"""The watch over silent streams lives with a wall clock that is set."""

from types import SimpleNamespace
from typing import Any

from argus.agora.feed import Feed
from argus.network.silence import Deadlines
from argus.network.silence_watch import SilenceWatch

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
T0 = 1_700_000_000 * SECOND


def watched(**ts_moved: int) -> tuple[SilenceWatch, Any, dict[str, Feed]]:
    feeds = {}
    for name, ts in ts_moved.items():
        feeds[name] = Feed("1")
        feeds[name].ts_acknowledged, feeds[name].ts_moved = T0, ts
    routers: Any = {n: SimpleNamespace(feed=lambda _, f=f: f) for n, f in feeds.items()}
    worker = SimpleNamespace(streams=dict.fromkeys(feeds), path=lambda _: None)
    return SilenceWatch(routers, lambda _: Deadlines(10, 60)), worker, feeds


def test_silent_stream_is_found_while_its_sibling_flows():
    watch, worker, feeds = watched(quiet=T0, busy=T0)
    assert watch.find(worker, 0, T0) is None
    feeds["busy"].ts_moved = T0 + 61 * SECOND
    found = watch.find(worker, 61 * SECOND, T0 + 61 * SECOND)
    assert found == ("quiet", "no frame for 61.0 s while other streams flow")


def test_clock_that_is_set_forward_makes_no_stream_silent():
    watch, worker, feeds = watched(quiet=T0, busy=T0)
    assert watch.find(worker, 0, T0) is None
    feeds["busy"].ts_moved = T0 + HOUR + SECOND
    assert watch.find(worker, SECOND, T0 + HOUR + SECOND) is None
    feeds["busy"].ts_moved = T0 + HOUR + 62 * SECOND
    (name, why) = watch.find(worker, 62 * SECOND, T0 + HOUR + 62 * SECOND) or ("", "")
    assert (name, why) == ("quiet", "no frame for 61.0 s while other streams flow")


def test_clock_that_is_set_back_hides_no_silent_stream():
    watch, worker, feeds = watched(quiet=T0, busy=T0)
    assert watch.find(worker, 0, T0) is None
    assert watch.find(worker, SECOND, T0 - HOUR + SECOND) is None
    feeds["busy"].ts_moved = T0 - HOUR + 61 * SECOND
    assert watch.find(worker, 61 * SECOND, T0 - HOUR + 61 * SECOND) is not None


def test_drift_is_no_step():
    watch, worker, feeds = watched(quiet=T0, busy=T0)
    found = []
    for s in range(45):  # half a second a second: far more than any clock drifts
        feeds["busy"].ts_moved = now_ns = T0 + s * SECOND * 3 // 2
        if watch.find(worker, s * SECOND, now_ns):
            found.append(s)
    assert found == [40]
