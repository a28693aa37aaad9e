"""Shell. cryptofeed 2.4.1, writing Parquet from its callbacks, as a user of it would.

Only its documented extension points are used: endpoints as class attributes, `WebsocketEndpoint.options` for the TLS
context, the authentication hook (which may change the address) for plain `ws://`, and callbacks in the form of its
own backends. Its order books start empty instead of asking REST in the middle of the run, which is in its favour.
"""

import asyncio
import ssl
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from cryptofeed import FeedHandler
from cryptofeed.backends.backend import BackendBookCallback, BackendCallback
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import L2_BOOK, TICKER, TRADES
from cryptofeed.exchanges import Binance
from cryptofeed.types import OrderBook

from benchmarks.contestants.script import Job, Result, bytes_in, flushed, job, ready, result
from benchmarks.traffic import FIRST_UPDATE_ID

ROWS_PER_FILE = 50_000
CHANNELS = {"mix": [TRADES, TICKER, L2_BOOK], "agg_trade": [TRADES]}


class Tally:
    """How many facts have come, and the event that says they are all there."""

    def __init__(self, wanted: int) -> None:
        self.left = wanted
        self.is_complete = asyncio.Event()

    def count(self) -> None:
        self.left -= 1
        if not self.left:
            self.is_complete.set()


class ParquetRows:
    """The rows of one channel; a file is written for every 50,000."""

    numeric_type = float
    none_to = None

    def __init__(self, folder: Path, channel: str, tally: Tally) -> None:
        self.folder, self.channel, self.tally = folder, channel, tally
        self.rows: list[dict[str, Any]] = []
        self.files = 0

    async def write(self, data: dict[str, Any]) -> None:
        self.rows.append(data)
        self.tally.count()
        if len(self.rows) >= ROWS_PER_FILE:
            self.flush()

    def flush(self) -> None:
        if self.rows:
            path = self.folder / f"{self.channel}-{self.files:04d}.parquet"
            pq.write_table(
                pa.Table.from_pylist(self.rows), path, compression="zstd", compression_level=1
            )
            self.files += 1
            self.rows = []


class Facts(ParquetRows, BackendCallback):
    """Trades or tickers."""


class Diffs(ParquetRows, BackendBookCallback):
    """Book deltas: the changes, not the whole book after each of them."""

    snapshots_only = False
    snapshot_interval = 1 << 60

    def __init__(self, folder: Path, channel: str, tally: Tally) -> None:
        super().__init__(folder, channel, tally)
        self.snapshot_count: dict[str, int] = defaultdict(int)


def local_binance(task: Job) -> type[Binance]:
    """Return cryptofeed's Binance feed, pointed at the venue of the benchmark."""
    routes = Routes("/api/v3/exchangeInfo", l2book="/api/v3/depth?symbol={}&limit={}")
    secure = "wss://" + task.websocket_url.split("://")[1]
    tls = ssl.create_default_context(cafile=task.certificates) if task.is_tls else None
    endpoint = WebsocketEndpoint(
        secure, options={"ssl": tls} if tls else None, authentication=not task.is_tls
    )

    class LocalBinance(Binance):
        websocket_endpoints = [endpoint]  # noqa: RUF012 - as cryptofeed declares it
        rest_endpoints = [RestEndpoint(task.rest_url, routes=routes)]  # noqa: RUF012

        async def _ws_authentication(
            self, address: str, options: dict[str, Any]
        ) -> tuple[str, dict[str, Any]]:
            return address.replace("wss://", "ws://"), options

        async def _snapshot(self, pair: str) -> None:
            symbol = self.exchange_symbol_to_std_symbol(pair)
            self.last_update_id[symbol] = FIRST_UPDATE_ID - 1
            empty: dict[Decimal, Decimal] = {}
            self._l2_book[symbol] = OrderBook(self.id, symbol, max_depth=0, bids=empty, asks=empty)

    return LocalBinance


async def record(task: Job) -> None:
    """Record until every fact has come or the deadline has passed, then flush."""
    tally = Tally(task.messages)
    folder = Path(task.folder)
    channels = CHANNELS[task.profile]
    writers = {
        name: (Diffs if name == L2_BOOK else Facts)(folder, name, tally) for name in channels
    }
    binance = local_binance(task)
    handler = FeedHandler(config={"uvloop": bool(task.options.get("uvloop")), "log": {"disabled": True}})
    handler.add_feed(
        binance(symbols=binance.symbols(), channels=channels, callbacks=writers, max_depth=0)
    )
    handler.run(start_loop=False, install_signal_handlers=False)
    ready()
    fault = ""
    try:
        async with asyncio.timeout(task.deadline_s):
            await tally.is_complete.wait()
    except TimeoutError:
        fault = f"{tally.left} facts had not come by the deadline"
    for writer in writers.values():
        writer.flush()
    flushed()
    rows = sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))
    result(
        Result(
            facts=rows,
            messages_received=task.messages - tally.left,
            rows=rows,
            bytes_written=bytes_in(folder, "*.parquet"),
            fault=fault,
        )
    )


if __name__ == "__main__":
    asyncio.run(record(job()))
