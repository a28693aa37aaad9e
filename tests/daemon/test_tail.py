"""Following the trades of a path: what is on disk, then what comes, each once, without a hole."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from random import Random

import pyarrow as pa
import pytest

from argus.agora.path import Path
from argus.daemon.tail import Tail, attach, follow
from argus.daemon.written import Written
from argus.events import Event, Trade
from tests.daemon.lives import Inline, Life, trade
from tests.network.doubles import TestClock
from tests.storage.power import Platter
from tests.waiting import until

BTC, ETH = (Path("binance_spot", "trade", symbol) for symbol in ("BTCUSDT", "ETHUSDT"))


class Rig:
    """A recorder without its network, and readers of what it has written."""

    def __init__(self, folder) -> None:
        self.life = Life(Platter(folder), "g1")
        self.settled = 0
        self.is_writable = True
        self.written = Written(
            folder, "binance_spot", "trade", settle=self._settle, thread=Inline()
        )

    async def _settle(self, source: str, data_type: str) -> bool:
        self.settled += 1
        await asyncio.sleep(0)
        return self.is_writable and await self.life.recording.settle(source, data_type)

    def come(self, *numbers: int, symbol: str = "BTCUSDT") -> None:
        for number in numbers:
            self.life.take(trade(number, symbol))

    def tail(self, path: Path = BTC, **keys) -> Tail:
        return Tail(self.life.agora, path, **keys)

    async def attach(self, *tails: Tail) -> list[tuple[str, list[int]]]:
        async with aclosing(attach(tails, self.written, lambda _, table: table)) as parts:
            return [(tail.path.symbol, ids(part)) async for tail, part in parts]


def ids(part: pa.Table | list[Event]) -> list[int]:
    if isinstance(part, list):
        return [fact.trade_id for fact in part if isinstance(fact, Trade)]
    found: list[int] = part["trade_id"].to_pylist()
    return found


def on_rig(main: Callable[[Rig], Awaitable[None]]):
    async def test(folder) -> None:
        await main(Rig(folder))

    return lambda tmp_path: asyncio.run(test(tmp_path))


@on_rig
async def test_begins_with_what_is_on_disk_or_in_memory(rig):
    rig.come(1, 2)
    await rig.life.flush()
    rig.come(3)
    tail = rig.tail()
    rig.come(4)
    assert tail.take() == []
    assert await rig.attach(tail) == [("BTCUSDT", [1, 2, 3, 4])]
    rig.come(5, 6)
    assert tail.held == 2
    assert (tail.is_attached, ids(tail.take()), tail.take()) == (True, [5, 6], [])
    tail.close()
    rig.come(7)
    assert tail.take() == []


@on_rig
async def test_begins_behind_an_id(rig):
    rig.come(1, 2, 3)
    tail = rig.tail(after=2)
    assert await rig.attach(tail) == [("BTCUSDT", [3])]
    tail.rewind(1)
    assert not tail.is_attached
    rig.come(4)
    assert await rig.attach(tail) == [("BTCUSDT", [2, 3, 4])]
    rig.come(4, 3, 5, 9, 8)
    assert ids(tail.take()) == [5, 9]


@on_rig
async def test_what_comes_while_the_disk_is_read_is_given_after_it(rig):
    rig.come(1, 2)
    tail, found = rig.tail(), []
    async with aclosing(attach([tail], rig.written, lambda _, table: table)) as parts:
        async for _, part in parts:
            rig.come(3, 4)
            found += ids(part)
            assert tail.take() == []
    assert found + ids(tail.take()) == [1, 2, 3, 4]


@on_rig
async def test_what_comes_too_fast_is_read_from_the_disk(rig):
    tail = rig.tail(held_max=3)
    assert await rig.attach(tail) == []
    rig.come(1, 2, 3)
    assert ids(tail.take()) == [1, 2, 3]
    rig.come(4, 5, 6, 7, 8)
    assert (tail.take(), tail.is_attached) == ([], False)
    assert await rig.attach(tail) == [("BTCUSDT", [4, 5, 6, 7, 8])]
    rig.come(9)
    assert ids(tail.take()) == [9]


@on_rig
async def test_overrun_while_the_disk_is_read_is_read_again(rig):
    rig.come(1)
    tail = rig.tail(held_max=2)
    async with aclosing(attach([tail], rig.written, lambda _, table: table)) as parts:
        async for _ in parts:
            rig.come(2, 3, 4)
            tail.take()
    assert not tail.is_attached
    assert await rig.attach(tail) == [("BTCUSDT", [2, 3, 4])]
    assert tail.is_attached


@on_rig
async def test_nothing_is_attached_while_nothing_can_be_written(rig):
    tail = rig.tail()
    rig.come(1)
    rig.is_writable = False
    assert (await rig.attach(tail), tail.is_attached) == ([], False)
    rig.is_writable = True
    assert await rig.attach(tail) == [("BTCUSDT", [1])]


@on_rig
async def test_paths_are_attached_together_by_one_flush(rig):
    rig.come(1, 2)
    rig.come(5, symbol="ETHUSDT")
    tails = rig.tail(), rig.tail(ETH), rig.tail(Path("binance_spot", "trade", "XRPUSDT"))
    assert sorted(await rig.attach(*tails)) == [("BTCUSDT", [1, 2]), ("ETHUSDT", [5])]
    assert all(tail.is_attached for tail in tails)
    assert rig.settled == 1
    await asyncio.gather(*(rig.written.settled() for _ in range(5)))
    # The first one cannot wait for the others, which then share one.
    assert rig.settled in {2, 3}


@on_rig
async def test_reading_that_is_left_early_leaves_nothing(rig):
    rig.come(1)
    async with aclosing(attach([rig.tail()], rig.written, lambda _, table: table)) as parts:
        async for _ in parts:
            break
    assert not [*(rig.life.data / "temp").glob(".trades-*")]


@asynccontextmanager
async def followed(rig: Rig, tail: Tail) -> AsyncIterator[list[int]]:
    found: list[int] = []

    async def listen() -> None:
        parts = follow(tail, rig.written, clock=TestClock(), every_s=0.1)
        async with aclosing(parts):
            async for part in parts:
                found.extend(ids(part))

    task = asyncio.create_task(listen())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("seed", range(4))
def test_each_trade_is_given_once_whatever_happens(tmp_path, seed):
    random = Random(seed)

    async def main() -> None:
        rig = Rig(tmp_path)
        number = 0
        async with followed(rig, rig.tail(held_max=20)) as found:
            for _ in range(60):
                burst = random.choice([0, 1, 3, 30])
                rig.come(*range(number, number + burst))
                number += burst
                rig.is_writable = random.random() < 0.8
                if random.random() < 0.2:
                    await rig.life.flush()
                for _ in range(random.randrange(20)):
                    await asyncio.sleep(0)
            rig.is_writable = True
            await until(lambda: len(found) >= number)
            assert found == list(range(number))

    asyncio.run(main())
