"""What a process has missed before it began, found whichever of the two ends is known first."""

import pytest

from argus.agora.path import Path
from argus.agora.router import Seam
from argus.agora.splice import Identity
from argus.daemon.downtime import Downtime
from argus.events import Event, Gap
from tests.agora.facts import trade

BTC = Path("venue", "trade", "BTCUSDT")
ETH = Path("venue", "trade", "ETHUSDT")
DEFINITION = Path("venue", "instrument", "BTCUSDT")


def seam_of(path: Path) -> Seam | None:
    return Seam(Identity.CHAIN, "trade_id") if path.data_type == "trade" else None


def judged(last: dict[Path, Event], first: dict[Path, Event], *, is_lake_slow: bool):
    told: list[tuple[Path, Gap]] = []
    downtime = Downtime(seam_of, lambda path, gap: told.append((path, gap)))
    if not is_lake_slow:
        downtime.learn(last)
    for path, fact in first.items():
        downtime.begin(path, fact)
    if is_lake_slow:
        downtime.learn(last)
    return [(p, g.first_missing_id, g.last_missing_id, g.missing, g.reason) for p, g in told]


@pytest.mark.parametrize("is_lake_slow", [True, False])
def test_a_gap_runs_from_the_last_fact_recorded_to_the_first_one_of_this_run(is_lake_slow: bool):
    found = judged(
        {BTC: trade(5), ETH: trade(7)},
        {BTC: trade(9), ETH: trade(8)},
        is_lake_slow=is_lake_slow,
    )
    assert found == [(BTC, 6, 8, 3, "process_down")]


@pytest.mark.parametrize("is_lake_slow", [True, False])
def test_new_paths_and_paths_without_a_stream_have_no_downtime(is_lake_slow: bool):
    facts: dict[Path, Event] = {DEFINITION: trade(1), ETH: trade(3)}
    later: dict[Path, Event] = {DEFINITION: trade(9), BTC: trade(9)}
    assert judged(facts, later, is_lake_slow=is_lake_slow) == []


@pytest.mark.parametrize("recorded", [5, 6, 9])
def test_a_path_that_another_process_vouches_for_has_no_downtime(recorded: int):
    """It was quiet when that one left: whatever comes next follows what it had recorded."""
    told: list[object] = []
    downtime = Downtime(seam_of, lambda *gap: told.append(gap))
    downtime.vouch({BTC: 6})
    downtime.begin(BTC, trade(9))
    downtime.learn({BTC: trade(recorded)})
    # If it did not get round to recording what it had published, that is missing.
    assert len(told) == (recorded == 5)


@pytest.mark.parametrize("first", [None, 9])
def test_a_path_may_begin_anew(first: int | None):
    told: list[object] = []
    downtime = Downtime(seam_of, lambda *gap: told.append(gap))
    downtime.begin(BTC, trade(3))
    downtime.begin_anew(BTC, None if first is None else trade(first))
    downtime.learn({BTC: trade(5)})
    assert len(told) == (first is not None)
    downtime.begin(BTC, trade(9))
    assert len(told) == 1
