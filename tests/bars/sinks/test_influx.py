"""InfluxDB as a store, with a real server: what is written is there, and once."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from argus.bars.sinks.influx import InfluxStore
from argus.config.influx import DATA_TYPES, InfluxConfig
from argus.errors import RowsRefused, StoreRefused, StoreUnreachable
from argus.events import Side
from argus.telemetry import BarsNotDeleted
from tests.bars.sinks import rows
from tests.bars.sinks.influx_server import BUCKET, TOKEN, InfluxServer, free_port, influx_server
from tests.storage.facts import Happenings

DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as server:
        yield server


@pytest.fixture
def server(running) -> InfluxServer:
    running.query(f'DROP DATABASE "{BUCKET}"')
    running.make_bucket()
    running.front.can_delete = True
    return running


@contextmanager
def opened(
    url: str, *, token: str = TOKEN, bucket: str = BUCKET, told=None, memory=None, **keys
) -> Iterator:
    config = InfluxConfig(url=url, bucket=bucket, data_types=DATA_TYPES, **keys)
    store = InfluxStore(
        config,
        token=token,
        report=Happenings() if told is None else told,
        memory=memory,
    )
    try:
        store.open()
        yield store
    finally:
        store.close()


@pytest.mark.server
def test_trades_are_there_by_value_and_once(server):
    trades = [rows.trade(n, price=0.1 * n, side=s) for n in range(50) for s in Side]
    trades = [t for n, t in enumerate(trades) if t.trade_id % 3 == n % 3]
    table = rows.table(*trades, symbol="我踏马来了USDT")
    with opened(server.url, batch_rows=7) as store:
        assert [store.write(rows.SOURCE, "trade", table) for _ in range(2)] == [50, 50]
    found = server.rows("trades")
    assert [
        (r["trade_id"], r["price"], r["quantity"], r["side"], r["ts_event"], r["ts_recv"])
        for r in found
    ] == [(t.trade_id, t.price, t.size, str(t.side), t.ts_event, t.ts_recv) for t in trades]
    assert {(r["symbol"], r["exchange"]) for r in found} == {("我踏马来了USDT", "BINANCE_SPOT")}
    assert [r["time"] for r in found] == [rows.T0 + n for n in range(50)]


@pytest.mark.server
def test_every_data_type_has_its_measurement(server):
    facts = {
        "agg_trade": (rows.agg_trade(1), "agg_trades"),
        "bbo": (rows.bbo(1), "orderbook"),
        "mark_price": (rows.mark_price(), "funding_rate"),
        "liquidation": (rows.liquidation(), "liquidation"),
        "open_interest": (rows.open_interest(), "open_interest"),
        "bar": (rows.bar(1), "bars"),
    }
    with opened(server.url, gzip=False) as store:
        for data_type, (fact, measurement) in facts.items():
            assert store.write("binance_usdm", data_type, rows.table(fact)) == 1
            (row,) = server.rows(measurement)
            assert (row["symbol"], row["exchange"]) == ("BTCUSDT", "BINANCE_FUTURES")
    (bar,) = server.rows("bars")
    fields = ("open", "high", "low", "close", "volume", "theta", "sequence", "gap", "clamped")
    assert [bar[name] for name in fields] == [getattr(rows.BAR, name) for name in fields]
    assert (bar["profile"], bar["rule"], bar["revision"]) == ("tib_small", "tick_imbalance", "0")


@pytest.mark.server
def test_numbers_that_are_none_are_refused_and_the_others_are_there(server):
    table = rows.table(rows.trade(1), rows.trade(2, price=float("nan")), rows.trade(3))
    with opened(server.url) as store, pytest.raises(RowsRefused, match="not finite") as raised:
        store.write(rows.SOURCE, "trade", table)
    assert (raised.value.taken, raised.value.rows["trade_id"].to_pylist()) == (2, [2])
    assert [row["trade_id"] for row in server.rows("trades")] == [1, 3]


@pytest.mark.server
def test_rows_that_the_server_will_not_take_are_found_among_the_others(server):
    """Somebody has written prices as texts, on one day; the server keeps types by the week."""
    other = rows.T0 + 30 * DAY_NS
    server.front.requests.clear()
    with opened(server.url) as store:
        store._post("write", f'trades,symbol=X price="dear" {other}'.encode())
        trades = [rows.trade(n, ts=other if n in {5, 17} else rows.T0) for n in range(30)]
        with pytest.raises(RowsRefused, match="field type conflict") as raised:
            store.write(rows.SOURCE, "trade", rows.table(*trades))
        assert (raised.value.taken, raised.value.rows["trade_id"].to_pylist()) == (28, [5, 17])
    taken = [row["trade_id"] for row in server.rows("trades") if row["trade_id"] is not None]
    assert taken == [n for n in range(30) if n not in {5, 17}]
    assert len(server.front.requests) < 40


@pytest.mark.server
def test_column_of_another_type_is_refused_with_the_servers_words(server):
    with opened(server.url) as store:
        store._post("write", f'trades,symbol=X price="dear" {rows.T0}'.encode())
        with pytest.raises(StoreRefused, match=r"422.*field type conflict.*price"):
            store.write(rows.SOURCE, "trade", rows.table(*(rows.trade(n) for n in range(100))))


@pytest.mark.server
def test_wrong_token_and_missing_bucket_are_told(server):
    with pytest.raises(StoreRefused, match=r"401.*unauthorized"), opened(server.url, token="no"):
        pass
    with (
        pytest.raises(StoreRefused, match=r"404.*database not found"),
        opened(server.url, bucket="nowhere") as store,
    ):
        store.write(rows.SOURCE, "trade", rows.table(rows.trade(1)))


@pytest.mark.server
def test_rows_that_the_bucket_does_not_keep_any_more_hold_up_nothing(server):
    server.query(f'ALTER RETENTION POLICY "autogen" ON "{BUCKET}" DURATION 2w SHARD DURATION 1d')
    now = time.time_ns()
    old = [rows.trade(n) for n in range(1, 5)]
    with opened(server.url) as store:
        assert store.write(rows.SOURCE, "trade", rows.table(*old)) == 4
        table = rows.table(*old, rows.trade(5, ts=now), rows.trade(6, price=float("nan"), ts=now))
        with pytest.raises(RowsRefused) as refused:
            store.write(rows.SOURCE, "trade", table)
    assert (refused.value.rows.num_rows, refused.value.taken) == (1, 5)
    assert [row["trade_id"] for row in server.rows("trades")] == [5]


def bars(server) -> list[tuple[int, str]]:
    return sorted((row["sequence"], row["revision"]) for row in server.rows("bars"))


@pytest.mark.server
def test_superseded_bars_vanish_however_they_come(server):
    first = rows.table(*(rows.bar(n, ts=rows.T0 + n * 10**9) for n in range(1, 6)))
    # Built anew from the third on, and there are fewer of them now.
    anew = rows.table(*(rows.bar(n, 1, ts=rows.T0 + n * 10**9 - 5) for n in (3, 4)))
    other = rows.table(rows.bar(3, ts=rows.T0, profile="tib_large"))
    counting = [(1, "0"), (2, "0"), (3, "0"), (3, "1"), (4, "1")]
    with opened(server.url) as store:
        for table in (first, other, anew):
            store.write(rows.SOURCE, "bar", table)
        assert bars(server) == counting
        for table in (anew, first, first):
            store.write(rows.SOURCE, "bar", table)
        assert bars(server) == counting
    with opened(server.url) as after:  # A new process, which is given everything again.
        for table in (first, anew):
            after.write(rows.SOURCE, "bar", table)
    assert bars(server) == counting


class Kept:
    """A memory that outlives stores."""

    content = b""

    def load(self) -> bytes:
        return self.content

    def save(self, content: bytes) -> None:
        self.content = content


@pytest.mark.server
def test_superseded_bar_that_comes_alone_after_a_restart_is_known(server):
    """Its chunk may wait for another symbol's sake when that of its replacement is merged."""
    kept = Kept()
    with opened(server.url, memory=kept) as store:
        store.write(rows.SOURCE, "bar", rows.table(rows.bar(1), rows.bar(2)))
        store.write(rows.SOURCE, "bar", rows.table(rows.bar(2, 1)))
    with opened(server.url, memory=kept) as after:
        after.write(rows.SOURCE, "bar", rows.table(rows.bar(1), rows.bar(2)))
    assert bars(server) == [(1, "0"), (2, "1")]


@pytest.mark.server
def test_server_that_cannot_delete_is_told_of(server):
    server.front.can_delete = False
    told = Happenings()
    with opened(server.url, told=told) as store:
        store.write(rows.SOURCE, "bar", rows.table(rows.bar(1), rows.bar(2)))
        store.write(rows.SOURCE, "bar", rows.table(rows.bar(2, 1)))
    assert bars(server) == [(1, "0"), (2, "0"), (2, "1")]
    assert list(told) == [BarsNotDeleted("influx", "BTCUSDT", "tib_small", 0, 2)]


@contextmanager
def answering(status: int, headers: dict[str, str] | None = None) -> Iterator[str]:
    """A server that says the same to everybody."""

    class Same(BaseHTTPRequestHandler):
        def log_message(self, format, *args):  # noqa: A002 - as it is called
            pass

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"busy")

    with HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [(429, {"Retry-After": "7"}, 7), (503, {"Retry-After": "3"}, 3), (503, {}, 0), (500, {}, 0)],
)
def test_busy_server_is_left_alone_for_as_long_as_it_asks(status, headers, wait_s):
    with (
        answering(status, headers) as url,
        pytest.raises(StoreUnreachable, match=f"status {status}.*busy") as raised,
        opened(url),
    ):
        pass
    assert raised.value.retry_after_s == wait_s


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_server_that_says_no_refuses(status):
    with (
        answering(status) as url,
        pytest.raises(StoreRefused, match=f"status {status}"),
        opened(url),
    ):
        pass


@pytest.mark.parametrize("token", ["hu\nsh", "hu\x00sh", "hush\u2013"])
def test_token_that_cannot_be_sent_is_refused_without_repeating_it(token):
    with pytest.raises(StoreRefused, match="ARGUS_INFLUX_TOKEN") as refused:
        InfluxStore(InfluxConfig(url="http://x"), token=token, report=Happenings()).open()
    assert "sh" not in str(refused.value).replace("shown", "")


def test_page_of_something_else_is_no_database():
    with (
        answering(200) as url,
        pytest.raises(StoreRefused, match="status 200 and a page"),
        opened(url, token=f"{TOKEN}\n"),
    ):
        pass


def test_nobody_there_is_unreachable():
    with (
        pytest.raises(StoreUnreachable, match="no answer"),
        opened(f"http://127.0.0.1:{free_port()}"),
    ):
        pass


def test_server_that_never_answers_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StoreUnreachable, match="timed out"), opened(url, timeout_s=0.1):
            pass
