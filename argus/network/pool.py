"""Shell. The shards of one route: streams come and go, and none that stays is moved."""

from collections.abc import Callable, Mapping

from argus.network.shard import Shard
from argus.network.shards import assign
from argus.network.source import Stream
from argus.network.spawn import Spawn


class Pool:
    """Shards by number, each with the streams it was assigned.

    Args:
        make_shard: returns a new shard for a number.
        capacity: streams that one connection may carry.
        spawn: starts the task that ends a shard.
    """

    def __init__(self, make_shard: Callable[[int], Shard], *, capacity: int, spawn: Spawn) -> None:
        self._make_shard = make_shard
        self._capacity = capacity
        self._spawn = spawn
        self._assigned: dict[int, tuple[str, ...]] = {}
        self._shards: dict[int, Shard] = {}
        self.rotations_before = 0

    @property
    def shards(self) -> list[Shard]:
        """Return the shards there are."""
        return list(self._shards.values())

    def carry(self, streams: Mapping[str, Stream]) -> None:
        """Carry exactly these streams from now on; new ones fill shards that have room."""
        self._assigned = assign(self._assigned, streams, capacity=self._capacity)
        for number in [n for n in self._shards if n not in self._assigned]:
            shard = self._shards.pop(number)
            shard.change({})
            self.rotations_before += shard.rotations
            self._spawn(f"stop {shard.name}", shard.stop())
        for number, names in self._assigned.items():
            if number not in self._shards:
                self._shards[number] = self._make_shard(number)
            self._shards[number].change({name: streams[name] for name in names})
