"""What a day of recording writes: chunks and merges together, in real bytes on the disk."""

import random

import pytest

from argus.events import Origin, Side, Trade
from argus.storage.tiers import Tiers
from tests.storage.facts import MIDNIGHT, SECOND, Happenings, Rig, files, lake

MINUTE = 60 * SECOND
MINUTES = 1440
SYMBOLS = [f"S{number:02d}USDT" for number in range(50)]
FACTOR_MAX = 6.0


class Market:
    """Fifty symbols of very different activity, seeded; prices walk on a grid of ticks."""

    def __init__(self) -> None:
        self.random = random.Random(20)
        self.next_id = dict.fromkeys(SYMBOLS, 0)
        self.price = {symbol: self.random.randint(1_000, 90_000) for symbol in SYMBOLS}

    def minute(self, ts: int) -> dict[str, list[Trade]]:
        found = {}
        for rank, symbol in enumerate(SYMBOLS):
            # A few symbols make most of the trades; the last ones trade every few minutes.
            count = self.random.randint(0, max(1, 60 // (rank + 1)))
            times = sorted(self.random.randrange(MINUTE) for _ in range(count))
            found[symbol] = [self.trade(symbol, ts + offset) for offset in times]
        return {symbol: batch for symbol, batch in found.items() if batch}

    def trade(self, symbol: str, ts: int) -> Trade:
        self.price[symbol] += self.random.randint(-3, 3)
        self.next_id[symbol] += 1
        size = self.random.choice((0.001, 0.01, 0.1)) * self.random.randint(1, 400)
        side = self.random.choice((Side.BUY, Side.SELL))
        received = ts + self.random.randint(1_000_000, 90_000_000)
        return Trade(
            ts // 1000 * 1000, received, Origin.LIVE, self.next_id[symbol],
            self.price[symbol] / 100, round(size, 3), side, None,
        )  # fmt: skip


@pytest.mark.slow
def test_a_day_of_minutes_writes_at_most_six_times_its_final_size(tmp_path, record_property):
    # Scaled down as the traffic is: a real day has a hundred times the rows.
    tiers = Tiers(size_bytes_min=16 << 10)
    rig = Rig(tmp_path, "g1", tiers=tiers)
    rig.flusher.bump_all("g1")
    market, written, pending_max = Market(), 0, 0
    chunk_bytes = merge_bytes = partitions = 0
    for minute in range(MINUTES):
        begin = MIDNIGHT + minute * MINUTE
        flushed = rig.chunk(market.minute(begin))
        chunk_bytes += flushed.size_bytes
        merged = rig.flusher.merge(begin + MINUTE)
        merge_bytes += merged.size_bytes
        partitions += merged.partitions
        if minute % 60 == 0:
            pending_max = max(pending_max, len(list(tmp_path.glob("temp/g1/*/*/*.parquet"))))
    closing = rig.flusher.merge(MIDNIGHT + MINUTES * MINUTE + 3600 * SECOND)
    merge_bytes += closing.size_bytes
    partitions += closing.partitions
    assert [name for name in files(tmp_path) if name.startswith("temp/")] == []
    assert lake(tmp_path) == {
        (symbol, "2023-11-15"): list(range(1, last + 1)) for symbol, last in market.next_id.items()
    }
    final = sum(path.stat().st_size for path in tmp_path.glob("lake/**/*.parquet"))
    rows = sum(market.next_id.values())
    written = chunk_bytes + merge_bytes
    figures = {
        "rows": rows,
        "final bytes": final,
        "final bytes per row": round(final / rows, 2),
        "chunk factor": round(chunk_bytes / final, 2),
        "merge factor": round(merge_bytes / final, 2),
        "factor": round(written / final, 2),
        "merges per date file": round(partitions / len(SYMBOLS), 1),
        "chunks waiting at most": pending_max,
    }
    for name, value in figures.items():
        record_property(name, value)
    print("\n" + ", ".join(f"{name} {value}" for name, value in figures.items()))  # noqa: T201
    assert written <= FACTOR_MAX * final
    assert not [h for h in rig.happenings if h.level > 20]
    assert isinstance(rig.happenings, Happenings)
