"""How fast rows become line protocol, and points of a server.

    python -m benchmarks.influx [--rows 200000] [--server]

Three ways to make lines of the same trades: a table at a time (`argus.bars.sinks`), a Python loop
over rows, and the points of influxdb-client. Then the store writes them to a server that takes
everything and, with --server, to a real InfluxDB 1.6 behind the shim of the tests.
"""

import argparse
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
from influxdb_client.client.write.point import Point

from argus.bars.sinks.influx import InfluxStore
from argus.bars.sinks.influx_lines import lines_of
from argus.columns import chunk_schema
from argus.config.influx import InfluxConfig
from argus.events import Trade
from tests.bars.sinks.influx_server import BUCKET, TOKEN, influx_server

ROUNDS = 3


def trades(rows: int) -> pa.Table:
    """Trades of 50 symbols as a chunk has them."""
    draw = np.random.default_rng(1)
    ids = np.arange(rows)
    ts = 1_700_000_000_000_000_000 + np.sort(draw.integers(0, 60_000, rows)) * 1_000_000
    names = [f"SYM{n}USDT" for n in range(50)]

    def words(codes, texts):
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts))

    columns = {
        "symbol": words(np.sort(draw.integers(0, 50, rows)), names),
        "ts_event": pa.array(ts).view(pa.timestamp("ns", "UTC")),
        "ts_recv": pa.array(ts + 7).view(pa.timestamp("ns", "UTC")),
        "origin": words(np.zeros(rows), ["live"]),
        "trade_id": pa.array(ids),
        "price": pa.array(np.round(draw.uniform(1, 70_000, rows), 2)),
        "size": pa.array(np.round(draw.exponential(1, rows) + 0.001, 3)),
        "side": words(draw.integers(0, 2, rows), ["buy", "sell"]),
        "trade_type": words(np.zeros(rows), ["MARKET"]),
    }
    schema = chunk_schema(Trade)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def by_table(table: pa.Table) -> bytes:
    return str(lines_of("trade", "BINANCE_SPOT", table).lines.str.join("\n")[0]).encode()


def by_loop(table: pa.Table) -> bytes:
    ints = {n: table[n].cast(pa.int64()).to_pylist() for n in ("ts_event", "ts_recv", "trade_id")}
    names = ("symbol", "side", "price", "size", "trade_type")
    texts = zip(*(table[n].to_pylist() for n in names), *ints.values(), strict=True)
    return "\n".join(
        f"trades,exchange=BINANCE_SPOT,side={side},symbol={symbol} price={price!r},"
        f'quantity={size!r},trade_id={number}i,trade_type="{kind}",ts_event={event}i,'
        f"ts_recv={recv}i {event // 1_000_000 * 1_000_000 + number % 1_000_000}"
        for symbol, side, price, size, kind, event, recv, number in texts
    ).encode()


def by_points(table: pa.Table) -> bytes:
    lines = []
    for row in table.select(["symbol", "side", "price", "size", "trade_id"]).to_pylist():
        point = Point("trades").tag("symbol", row["symbol"]).tag("side", row["side"])
        point.tag("exchange", "BINANCE_SPOT").field("price", row["price"])
        point.field("quantity", row["size"]).field("trade_id", row["trade_id"])
        point.field("trade_type", "MARKET").time(row["trade_id"])
        lines.append(point.to_line_protocol())
    return "\n".join(lines).encode()


@contextmanager
def taking_all():
    """A server that reads and says yes."""

    class Yes(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Yes) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def per_second(work, rows: int) -> float:
    seconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return rows / median(seconds)


def written(url: str, table: pa.Table, *, gzip: bool) -> float:
    config = InfluxConfig(url=url, bucket=BUCKET, gzip=gzip)
    store = InfluxStore(config, token=TOKEN, report=lambda _: None)
    store.open()
    try:
        return per_second(lambda: store.write("binance_spot", "trade", table), table.num_rows)
    finally:
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--server", action="store_true")
    words = parser.parse_args()
    table = trades(words.rows)
    assert by_table(table) == by_loop(table), "the two ways differ"
    for name, make in (("a table at a time", by_table), ("a loop", by_loop)):
        print(f"lines, {name:<30} {per_second(lambda m=make: m(table), words.rows):>12,.0f} rows/s")
    few = table.slice(0, words.rows // 10)
    points = per_second(lambda: by_points(few), few.num_rows)
    print(f"lines, {'points of influxdb-client':<30} {points:>12,.0f} rows/s")
    with taking_all() as url:
        for gzip in (False, True):
            name = f"a server that takes all{', gzip' if gzip else ''}"
            print(f"to {name:<34} {written(url, table, gzip=gzip):>12,.0f} rows/s")
    if words.server:
        with tempfile.TemporaryDirectory() as folder, influx_server(Path(folder)) as server:
            for gzip in (False, True):
                name = f"InfluxDB 1.6{', gzip' if gzip else ''}"
                print(f"to {name:<34} {written(server.url, table, gzip=gzip):>12,.0f} rows/s")


if __name__ == "__main__":
    main()
