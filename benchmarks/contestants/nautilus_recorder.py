"""Shell. nautilus_trader's Binance spot client, its live data engine and its feather writer.

Joined as its kernel joins them: the client by its own factory, the engine on the message bus, and
the writer subscribed to every topic. `testnet` only spares the instrument provider a call for
trading fees; all addresses are those of the venue of the benchmark.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import uvloop
from nautilus_trader.adapters.binance.common.constants import BINANCE_VENUE
from nautilus_trader.adapters.binance.config import BinanceDataClientConfig
from nautilus_trader.adapters.binance.factories import BinanceLiveDataClientFactory
from nautilus_trader.adapters.binance.spot.data import BinanceSpotDataClient
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus, init_logging
from nautilus_trader.common.enums import LogLevel
from nautilus_trader.config import InstrumentProviderConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.data.messages import (
    DataCommand,
    SubscribeOrderBook,
    SubscribeQuoteTicks,
    SubscribeTradeTicks,
)
from nautilus_trader.live.data_engine import LiveDataEngine
from nautilus_trader.model.data import OrderBookDelta
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.identifiers import ClientId, InstrumentId, TraderId
from nautilus_trader.persistence.writer import StreamingFeatherWriter

from benchmarks.contestants.script import Job, Result, bytes_in, flushed, job, ready, result

LOOK_EVERY_S = 0.02


class Recorder:
    """The parts of a nautilus node that record market data."""

    def __init__(self, task: Job, loop: asyncio.AbstractEventLoop) -> None:
        self.task = task
        self.clock = LiveClock()
        bus = MessageBus(TraderId("BENCH-001"), self.clock)
        self.cache = Cache()
        self.engine = LiveDataEngine(loop=loop, msgbus=bus, cache=self.cache, clock=self.clock)
        config = BinanceDataClientConfig(
            api_key="none",
            api_secret="none",
            base_url_http=task.rest_url,
            base_url_ws=task.websocket_url,
            testnet=True,
            use_agg_trade_ticks=True,
            instrument_provider=InstrumentProviderConfig(load_all=True),
        )
        self.client: BinanceSpotDataClient = BinanceLiveDataClientFactory.create(
            loop=loop, name="BINANCE", config=config, msgbus=bus, cache=self.cache, clock=self.clock
        )
        self.engine.register_client(self.client)
        self.writer = StreamingFeatherWriter(path=task.folder, cache=self.cache, clock=self.clock)
        bus.subscribe(topic="*", handler=self.writer.write)

    async def connect(self) -> None:
        """Start the engine, load the instruments and subscribe every symbol."""
        self.engine.start()
        self.client.connect()
        await until(lambda: self.client.is_connected and bool(self.cache.instrument_ids()))
        for instrument_id in sorted(self.cache.instrument_ids(), key=str):
            for command in self._commands(instrument_id):
                self.engine.execute(command)

    def _commands(self, instrument_id: InstrumentId) -> list[DataCommand]:
        venue = BINANCE_VENUE
        about = {
            "instrument_id": instrument_id,
            "client_id": ClientId("BINANCE"),
            "venue": venue,
            "command_id": UUID4(),
            "ts_init": self.clock.timestamp_ns(),
        }
        trades = SubscribeTradeTicks(**about)
        if self.task.profile == "agg_trade":
            return [trades]
        book = SubscribeOrderBook(
            book_data_type=OrderBookDelta, book_type=BookType.L2_MBP, managed=False, **about
        )
        return [trades, SubscribeQuoteTicks(**about), book]

    def facts(self) -> int:
        """Return how many facts the engine has been given, instruments and snapshots included."""
        return self.engine.data_count


async def record(task: Job) -> None:
    """Record until every fact has come or the deadline has passed, then close the files."""
    guard = init_logging(level_stdout=LogLevel.ERROR)
    recorder = Recorder(task, asyncio.get_running_loop())
    await recorder.connect()
    ready()
    before = await settled(recorder)
    fault = ""
    try:
        async with asyncio.timeout(task.deadline_s):
            await until(lambda: recorder.facts() - before >= task.messages)
    except TimeoutError:
        fault = f"{task.messages - recorder.facts() + before} facts had not come by the deadline"
    recorder.writer.close()
    flushed()
    counts = rows_by_table(Path(task.folder))
    result(
        Result(
            facts=sum(facts for facts, _ in counts.values()),
            messages_received=recorder.facts() - before,
            rows=sum(rows for _, rows in counts.values()),
            bytes_written=bytes_in(Path(task.folder), "*.feather"),
            fault=fault,
        )
    )
    del guard


async def settled(recorder: Recorder) -> int:
    """Return the engine's count once instruments and book snapshots are in it."""
    books = 0 if recorder.task.profile == "agg_trade" else len(recorder.cache.instrument_ids())
    wanted = len(recorder.cache.instrument_ids()) + books
    await until(lambda: recorder.facts() >= wanted)
    return wanted


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; nautilus has no event to wait for."""
    while not is_so():  # noqa: ASYNC110 - for that reason
        await asyncio.sleep(LOOK_EVERY_S)


def rows_by_table(folder: Path) -> dict[str, tuple[int, int]]:
    """Return facts and rows per table; a book update is one fact, but one row per level."""
    counts = {}
    for name in ("trade_tick", "quote_tick", "order_book_deltas", "order_book_delta"):
        facts = rows = 0
        for path in (folder / name).rglob("*.feather"):
            with pa.OSFile(str(path)) as file:
                table = pa.ipc.open_stream(file).read_all()
            rows += table.num_rows
            if "sequence" in table.column_names:
                # The snapshot at the start is no fact of the run.
                facts += len(set(table["sequence"].to_pylist())) - 1
            else:
                facts += table.num_rows
        counts[name] = facts, rows
    return counts


if __name__ == "__main__":
    uvloop.run(record(job()))  # as its kernel does
