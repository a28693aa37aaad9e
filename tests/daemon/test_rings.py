"""How many facts are kept in memory."""

import pytest

from argus.agora.ring import Ring
from argus.daemon.rings import capacities


@pytest.mark.parametrize("asked", [2, 3, 16, 17, 255, 256, 257, 2**20])
def test_every_ring_can_be_made_and_holds_what_is_asked_for(asked: int):
    found = capacities(asked)
    assert all(Ring(capacity).capacity == capacity for capacity in found.values())
    assert found[""] >= asked


def test_what_carries_levels_has_an_eighth_of_the_room():
    assert capacities(256) == {
        "": 256,
        "book_delta": 32,
        "book_snapshot": 4,
        "instrument": 4,
        "kline": 32,
        "bar": 1024,
    }
