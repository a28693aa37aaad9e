"""Shell. cryptofeed 2.4.1, writing Parquet from its callbacks, as a user of it would.

Only its documented extension points are used: endpoints as class attributes,
`WebsocketEndpoint.options` for the TLS context, the authentication hook (which may change the
address) for plain `ws://`, and callbacks. Its order books start empty instead of asking REST in the
middle of the run, which is in its favour.
"""

import asyncio
import ssl
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from cryptofeed import FeedHandler
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import L2_BOOK, TICKER, TRADES
from cryptofeed.exchanges import Binance
from cryptofeed.types import OrderBook, Ticker, Trade

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
        """Note one fact."""
        self.left -= 1
        if not self.left:
            self.is_complete.set()


class ParquetRows:
    """A callback that keeps the rows of one channel; a file is written for every 50,000."""

    def __init__(self, folder: Path, channel: str, tally: Tally) -> None:
        self.folder, self.channel, self.tally = folder, channel, tally
        self.rows: list[dict[str, Any]] = []
        self.files = 0

    async def __call__(self, fact: Trade | Ticker | OrderBook, receipt_timestamp: float) -> None:
        """Keep a fact."""
        # Floats, as cryptofeed's own backends have it: Decimals would cost 2 us a row more.
        if isinstance(fact, OrderBook):
            row = fact.to_dict(delta=True, numeric_type=float)  # the changes, not the whole book
        else:
            row = fact.to_dict(numeric_type=float)
        row["receipt_timestamp"] = receipt_timestamp
        self.rows.append(row)
        self.tally.count()
        if len(self.rows) >= ROWS_PER_FILE:
            self.flush()

    def flush(self) -> None:
        """Write what has come since the last file."""
        if self.rows:
            path = self.folder / f"{self.channel}-{self.files:04d}.parquet"
            pq.write_table(
                pa.Table.from_pylist(self.rows), path, compression="zstd", compression_level=1
            )
            self.files += 1
            self.rows = []


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


async def record(task: Job, handler: FeedHandler) -> None:
    """Record until every fact has come or the deadline has passed, then flush and report."""
    tally = Tally(task.messages)
    folder = Path(task.folder)
    channels = CHANNELS[task.profile]
    writers = {name: ParquetRows(folder, name, tally) for name in channels}
    binance = local_binance(task)
    handler.add_feed(binance(symbols=binance.symbols(), channels=channels, callbacks=writers))
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
    result(counted(folder, task.messages - tally.left, fault))


def counted(folder: Path, messages: int, fault: str) -> Result:
    """Return what the files hold."""
    rows = sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))
    return Result(
        facts=rows,
        messages_received=messages,
        rows=rows,
        bytes_written=bytes_in(folder, "*.parquet"),
        fault=fault,
    )


def main() -> None:
    """Record on the loop that cryptofeed chooses, which is uvloop's unless told otherwise."""
    task = job()
    choice = {"uvloop": bool(task.options.get("uvloop", 1)), "log": {"disabled": True}}
    handler = FeedHandler(config=choice)
    asyncio.run(record(task, handler))


if __name__ == "__main__":
    main()
