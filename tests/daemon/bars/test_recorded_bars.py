"""Bars of the recordings: as they come, in one go, and over restarts, bit for bit the same."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from argus.bars import Profile, Series, Trades, profile
from argus.bars.rows import ROW
from argus.daemon.bars.building import Building, Saved, beginning
from argus.daemon.bars.states import pack, unpack
from tests.daemon.bars.shelf import Shelf
from tests.daemon.bulk.test_recorded_bars import profiles, raw

BATCHES = (1, 2, 7, 40, 300, 3000)


def restarted(building: Building, shelf: Shelf) -> Building:
    """What is left of a building when its process has ended: a file, and what was published."""
    file = pack("trade", shelf.profiles, {"X": building.saved()})
    found = unpack(file, data_type="trade", profiles=shelf.profiles, where="")
    assert found is not None
    again = Building(found["X"])
    again.tell(shelf.told())
    return again


def ordered(rows, profiles: list[Profile]):
    return [rows[rows["profile"] == at].tobytes() for at in range(len(profiles))]


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_streaming_bulk_and_restarted_are_the_same(recordings: Path, source: str):
    wanted = [*profiles(), profile("5s", empty=True)]
    trades = Trades.of(raw(recordings, source))
    bulk = Series(wanted).feed(trades).rows
    random, begin = Random(3), 0
    shelf = Shelf(wanted)
    building = Building(Saved(beginning(wanted)))
    saved = building.saved()
    while begin < len(trades):
        stop = begin + random.choice(BATCHES)
        shelf.put(building.feed(trades[begin:stop]))
        begin = stop
        if random.random() < 0.05:
            saved = building.saved()
        if random.random() < 0.05:
            # It is killed, and goes on from what it saved last.
            building = restarted(Building(saved), shelf)
            at = int(np.searchsorted(trades.trade_id, building.after or 0, side="right"))
            assert building.feed(trades[at : min(stop, len(trades))]) == []
            assert building.finish(0) == []
    assert len(bulk) > 1000
    assert ordered(shelf.rows, wanted) == ordered(bulk, wanted)
    assert shelf.rows.dtype == ROW
