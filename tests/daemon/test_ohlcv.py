"""Candles for whoever asks: history, then what comes, without a hole or a repeat in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from random import Random
from typing import Any

import pytest

from argus.bars.candles import Candle, Maker
from argus.config.schema import Config, SourceConfig
from argus.daemon.access import Access
from argus.daemon.ohlcv import LAST_MAX, LINGER_NS, Ohlcv
from argus.daemon.pot import ASK_AGAIN_NS, Pot
from argus.daemon.verbs import verbs
from argus.daemon.written import Written
from argus.errors import DaemonError, Unreachable
from argus.events import Kline, Origin
from argus.network.past import Past
from argus.network.source import Request
from argus.storage.generation import alive
from argus.telemetry import CandlesUnanswered
from tests.daemon.checker import expected
from tests.daemon.lives import SPOT, TS, Inline, Life, merge, trade, ts
from tests.daemon.recorder import recording, run, venue_options
from tests.storage.power import Platter
from tests.waiting import until

SECOND = 1_000_000_000
FIVE_S = 5 * SECOND
SOURCE = "binance_spot"


class HandClock:
    """Time passes only by hand; a sleep lets others go on."""

    def __init__(self) -> None:
        self.ts = TS

    def now_ns(self) -> int:
        return self.ts

    def monotonic_ns(self) -> int:
        return self.ts

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Rig:
    """A recorder without its network, a venue that knows every candle, and those who ask."""

    def __init__(self, folder, *, intervals: str = "5s") -> None:
        self.platter = Platter(folder)
        self.life = Life(self.platter, "g1")
        self.clock = HandClock()
        self.asked: list[str] = []
        self.is_venue_there = True
        self.venue: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []
        config = Config(sources={SOURCE: SourceConfig(name=SOURCE, data_types=("trade",))})
        written = Written(
            folder, SOURCE, "trade", settle=self.life.recording.settle, thread=Inline()
        )
        past = Past(SOURCE, self._get, clock=self.clock, report=self.life.notes)
        access = Access(SPOT, past, (intervals,))
        self.ohlcv = Ohlcv(
            config,
            agora=self.life.agora,
            written=lambda *_: written,
            access=lambda _: access,
            clock=self.clock,
            keep_running=self._keep_running,
            report=self.life.notes,
        )

    def _keep_running(self, name: str, pot: Pot) -> Callable[[], None]:
        task = asyncio.create_task(pot.run(), name=name)
        self.tasks.append(task)
        return lambda: _cancel(task)

    async def _get(self, request: Request) -> tuple[int, bytes]:
        self.asked.append(request.path)
        if not self.is_venue_there:
            raise Unreachable(request.path, "gone")
        query = dict(part.split("=") for part in request.path.split("?")[1].split("&"))
        begin, end = int(query["startTime"]) * 10**6, int(query["endTime"]) * 10**6
        step = {"5s": FIVE_S, "1m": 60 * SECOND}[query["interval"]]
        rows = [self._kline(at, step) for at in range(begin, end + 1, step)]
        return self.clock.ts, ("[" + ",".join(rows) + "]").encode()

    def _kline(self, at: int, step: int) -> str:
        inside = [n for n in self.venue if at <= ts(n) < at + step]
        volume, quote = 2.0 * len(inside), 3.0 * len(inside)
        buys = 2.0 * len([n for n in inside if not n % 2])
        return (
            f'[{at // 10**6},"1.5","1.5","1.5","1.5","{volume}",{(at + step) // 10**6 - 1},'
            f'"{quote}",{len(inside)},"{buys}","{buys * 1.5}","0"]'
        )

    def come(self, *numbers: int) -> None:
        """Let trades happen, and be recorded."""
        self.venue += numbers
        for number in numbers:
            self.life.take(trade(number))
        self.clock.ts = max(self.clock.ts, ts(numbers[-1]))

    async def merge(self) -> None:
        await self.life.flush()
        await merge(self.platter, "other")

    async def ask(self, last: int = 100, since: int = 0, **keys) -> list[Candle]:
        wish = {"source": SOURCE, "symbol": "BTCUSDT", "interval": "5s", **keys}
        answer = await self.ohlcv.ask(**wish, last=last, since=since)
        self.change = answer.change
        return answer.candles

    def expected(self) -> dict[int, tuple[int, float]]:
        """Begin of each candle with trades -> how many there were, and their volume."""
        found: dict[int, int] = {}
        for number in self.venue:
            at = ts(number) // FIVE_S * FIVE_S
            found[at] = found.get(at, 0) + 1
        return {at: (count, 2.0 * count) for at, count in found.items()}


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()


@asynccontextmanager
async def rig(folder, **keys) -> AsyncIterator[Rig]:
    found = Rig(folder, **keys)
    try:
        with alive(folder, "g1"):
            yield found
    finally:
        found.ohlcv.stop()
        await asyncio.gather(*found.tasks, return_exceptions=True)


def told(candles: list[Candle]) -> dict[int, tuple[int, float]]:
    return {c.ts_open: (c.trades, c.volume) for c in candles if c.trades}


async def settled(found: Rig) -> None:
    """Wait until what was published is in the candles."""
    await until_async(found.ask, lambda candles: told(candles) == found.expected())


async def until_async(ask, is_so) -> None:
    """Ask until the answer is so."""
    answers: list[Any] = []

    async def main() -> None:
        while not answers or not is_so(answers[-1]):
            answers.append(await ask())
            await asyncio.sleep(0)

    await asyncio.wait_for(main(), 30)


def test_history_and_what_comes_are_one(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.come(*range(10, 40))
            await found.merge()
            found.come(*range(40, 55))  # in no chunk yet
            await found.ask()
            found.come(*range(55, 60))
            await settled(found)
            found.come(*range(60, 90))
            await settled(found)
            candles = await found.ask()
            assert [c.ts_open for c in candles] == sorted({c.ts_open for c in candles})
            assert [c.closed for c in candles[:-1]] == [True] * (len(candles) - 1)
            assert not candles[-1].closed

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(8))
def test_who_follows_sees_each_change_once_and_ends_with_all(tmp_path, seed):
    random = Random(seed)

    async def main() -> None:
        async with rig(tmp_path) as found:
            seen: dict[int, Candle] = {}

            async def listen() -> None:
                candles = found.ohlcv.follow(SOURCE, "BTCUSDT", "5s", 100, every_s=0.0)
                async with aclosing(candles):
                    async for candle in candles:
                        before = seen.get(candle.ts_open)
                        assert before is None or before.change < candle.change
                        seen[candle.ts_open] = candle

            number, listener = 1, None
            for _ in range(12):
                if listener is None and random.random() < 0.3:
                    listener = asyncio.create_task(listen())
                count = random.randrange(1, 15)
                found.come(*range(number, number + count))
                number += count
                match random.randrange(4):
                    case 0:
                        await found.life.flush()
                    case 1:
                        await found.merge()
                    case _:
                        await asyncio.sleep(0)
            listener = listener or asyncio.create_task(listen())
            await until(lambda: told(list(seen.values())) == found.expected())
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            newest = sorted(seen.values(), key=lambda c: c.ts_open)[-100:]
            assert newest == await found.ask()

    asyncio.run(main())


def test_overrun_of_the_ring_is_made_up_from_the_lake(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.come(*range(1, 5))
            await found.ask()
            found.come(*range(5, 1900))  # more than the ring holds, at once
            await until_async(
                lambda: found.ask(1000), lambda candles: told(candles) == found.expected()
            )

    asyncio.run(main())


def test_venue_stands_in_for_what_was_not_recorded_and_is_marked(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.venue += range(1, 34)  # before the recorder began
            found.come(*range(34, 60))
            candles = await found.ask(10)
            assert told(candles).items() <= found.expected().items()
            makers = {c.ts_open: c.maker for c in candles}
            first_whole = (ts(34) // FIVE_S + 1) * FIVE_S
            assert {m for at, m in makers.items() if at < first_whole} == {Maker.VENUE}
            assert {m for at, m in makers.items() if at >= first_whole} == {Maker.TRADES}
            assert len(candles) == 10
            assert not [c for c in candles if c.gap]

    asyncio.run(main())


def test_candle_with_trades_missing_is_the_venues_until_they_are_found(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.come(*range(1, 30))
            found.venue += (30, 31)  # nobody heard them
            found.come(*range(32, 60))
            await settled(found)
            (mended,) = [c for c in await found.ask() if c.ts_open == ts(31) // FIVE_S * FIVE_S]
            assert mended.maker is Maker.VENUE

    asyncio.run(main())


def test_venue_that_does_not_answer_is_told_and_asked_again_later(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.is_venue_there = False
            found.venue += range(1, 34)
            found.come(*range(34, 60))
            candles = await found.ask(10)
            assert candles[0].gap
            asked = len(found.asked)
            assert [h.interval for h in found.life.notes.of(CandlesUnanswered)] == ["5s"]
            await found.ask(10)
            assert len(found.asked) == asked
            found.is_venue_there = True
            found.clock.ts += ASK_AGAIN_NS
            candles = await found.ask(100)
            assert candles[0].maker is Maker.VENUE

    asyncio.run(main())


def test_symbol_that_is_not_recorded_has_the_venues_candles(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.clock.ts += 60 * SECOND
            candles = await found.ask(5, symbol="ETHUSDT")
            assert {c.maker for c in candles} == {Maker.VENUE}
            assert len(candles) == 5

    asyncio.run(main())


def test_silence_closes_a_candle_and_a_late_trade_opens_it_again(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.come(*range(1, 13))
            await settled(found)
            assert not (await found.ask())[-1].closed
            found.clock.ts = ts(12) + 2 * FIVE_S + 3 * SECOND
            candles = await found.ask()
            assert [(c.trades, c.closed) for c in candles[-2:]] == [(3, True), (0, True)]
            seen = found.change
            found.venue.append(13)
            found.life.take(trade(13))
            await settled(found)
            changed = await found.ask(since=seen)
            assert [(c.ts_open, c.trades) for c in changed if c.trades] == [
                (ts(13) // FIVE_S * FIVE_S, 4)
            ]

    asyncio.run(main())


def test_set_is_kept_while_someone_listens_and_let_go_later(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.come(1, 2)
            candles = found.ohlcv.follow(SOURCE, "BTCUSDT", "5s", 10, every_s=0.0)
            async with aclosing(candles):
                await anext(candles)
                found.clock.ts += 2 * LINGER_NS
                found.ohlcv.tidy()
                assert len(found.ohlcv.warm) == 1
            found.ohlcv.tidy()
            assert len(found.ohlcv.warm) <= 1
            found.clock.ts += 2 * LINGER_NS
            found.ohlcv.tidy()
            assert found.ohlcv.warm == []

    asyncio.run(main())


def test_those_who_want_about_as_many_share_one_set(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.come(1, 2)
            for last in (1, 100, 128, 129, 200):
                await found.ask(last)
            assert [keep for *_, keep in found.ohlcv.warm] == [128, 256]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"source": "kraken"}, '"kraken" is no source'),
        ({"interval": "soon"}, "soon"),
        ({"last": 0}, "expected 1 to"),
        ({"last": LAST_MAX + 1}, "expected 1 to"),
    ],
)
def test_what_cannot_be_asked_is_said(tmp_path, keys, words):
    async def main() -> None:
        async with rig(tmp_path) as found:
            with pytest.raises(DaemonError, match=words):
                await found.ask(**keys)
            assert found.ohlcv.warm == []

    asyncio.run(main())


def test_kline_of_the_double_is_read_as_the_venues(tmp_path):
    async def main() -> None:
        async with rig(tmp_path) as found:
            found.venue += (1, 2, 3)
            history = SPOT.rest.history("kline")
            assert history is not None
            request = history.request("BTCUSDT", "5s", TS, TS)
            found.clock.ts += 60 * SECOND
            at, answer = await found._get(request)
            (kline,) = history.decode(answer, at, "5s")
            assert isinstance(kline, Kline)
            assert (kline.trades, kline.origin, kline.closed) == (3, Origin.BACKFILL, True)

    asyncio.run(main())


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_recorder_gives_the_candles_of_its_venue(tmp_path, source):
    """Over its control socket: history, then changes; in the end they are the venue's own."""

    async def main() -> None:
        options = venue_options(source, symbols=("BTCUSDT", "ETHUSDT"), rate=400)
        async with recording(tmp_path, options) as recorder:
            await recorder.all_sewn()
            listed = verbs(recorder.service, recorder.stop)["candles"]
            await until(lambda: recorder.service.past.is_known, timeout_s=30)
            found: dict[int, dict[str, Any]] = {}
            changes: list[int] = []

            async def look() -> None:
                since = max(changes, default=0)
                answer: Any = await listed(
                    symbol="BTCUSDT", source=source, interval="1s", last=200, since=since
                )
                for candle in answer["candles"]:
                    assert candle["change"] > since
                    found[candle["ts_open"]] = candle
                changes.append(answer["change"])

            def whole() -> list[dict[str, Any]]:
                own = [c for c in found.values() if c["maker"] == "trades"]
                return [c for c in own if c["closed"] and not c["gap"]]

            while len(whole()) < 4:
                await look()
                await recorder.goes_on()
            recorder.venue.pause()
            trades = expected(recorder.venue.truth, "trade", "BTCUSDT")

            def is_right(candle: dict[str, Any]) -> bool:
                inside = [t for t in trades if t[1] // SECOND * SECOND == candle["ts_open"]]
                prices = [t[2] for t in inside]
                if candle["trades"] != len(inside) or not inside:
                    return candle["trades"] == len(inside)
                ends = [prices[0], max(prices), min(prices), prices[-1]]
                is_same = [candle[name] for name in ("open", "high", "low", "close")] == ends
                return is_same and candle["volume"] == pytest.approx(sum(t[3] for t in inside))

            # One that seemed to be over before all of its trades had come is told again.
            await until_async(look, lambda _: all(map(is_right, whole())))
            assert len([c for c in whole() if c["trades"]]) >= 3
            recorder.service.past.is_known = False
            with pytest.raises(DaemonError, match="only just begun"):
                await recorder.service.candles.get()
            recorder.service.past.is_known = True

    run(main)
