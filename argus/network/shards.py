"""Pure. Which streams travel together on one connection."""

from collections.abc import Iterable, Mapping

Shards = Mapping[int, tuple[str, ...]]
"""Shard number -> names of its streams."""


def assign(shards: Shards, wanted: Iterable[str], *, capacity: int) -> dict[int, tuple[str, ...]]:
    """Return shards that carry exactly the wanted streams, moving none that stays.

    Streams that are no longer wanted go, new ones fill the shards that have room, in the order of
    their numbers, then new shards. A shard that loses its last stream goes.
    """
    assert capacity > 0
    missing = dict.fromkeys(wanted)
    kept: dict[int, list[str]] = {}
    for number, streams in shards.items():
        stay = [s for s in streams if s in missing]
        for stream in stay:
            del missing[stream]
        if stay:
            kept[number] = stay
    fresh = iter(list(missing))
    for number in sorted(kept):
        room = capacity - len(kept[number])
        kept[number] += [s for _, s in zip(range(room), fresh, strict=False)]
    following = max(shards, default=-1) + 1
    while batch := [s for _, s in zip(range(capacity), fresh, strict=False)]:
        kept[following] = batch
        following += 1
    return {number: tuple(streams) for number, streams in kept.items()}
