"""What a dispatcher does with what the venue says its universe is."""

import asyncio
import itertools
from collections.abc import Coroutine

from argus.agora.agora import Agora
from argus.clock import SystemClock
from argus.config.schema import SourceConfig
from argus.network.connection import Link
from argus.network.dispatcher import Dispatcher
from argus.network.source import Request
from argus.network.sources import SOURCES
from argus.telemetry import Happening, RequestFailed, UniverseChanged
from tests.network.doubles import ListJournal

LISTED = (
    b'{"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT"}]}'
)


async def never_open(url: str) -> Link:
    raise AssertionError(url)


def test_universe_without_any_symbol_is_a_failed_answer_and_stops_nothing():
    answers = iter([LISTED, b'{"symbols":[]}', LISTED])
    told: list[Happening] = []

    async def get(request: Request) -> tuple[int, bytes]:
        return 1, next(answers)

    def spawn(name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work)

    async def main() -> None:
        dispatcher = Dispatcher(
            SOURCES["binance_spot"],
            SourceConfig(name="binance_spot", symbols=("BTCUSDT",), data_types=("trade", "bbo")),
            Agora({"": 16}),
            open_link=never_open,
            get=get,
            clock=SystemClock(),
            spawn=spawn,
            numbers=itertools.count(),
            random=lambda: 0.5,
            books_every_s=0.25,
            journal=ListJournal(),
            letters=lambda *_: "",
            report=told.append,
        )
        await dispatcher.refresh()
        streams = sorted(dispatcher.routers())
        assert await dispatcher.refresh() is None
        assert dispatcher.symbols == ("BTCUSDT",)
        assert sorted(dispatcher.routers()) == streams == ["btcusdt@bookTicker", "btcusdt@trade"]
        change = await dispatcher.refresh()
        assert change is not None
        assert (change.added, change.removed) == ((), ())

    asyncio.run(main())
    assert [type(happening) for happening in told] == [UniverseChanged, RequestFailed]
    failed = told[1]
    assert isinstance(failed, RequestFailed)
    assert "lists no symbols at all" in failed.error
