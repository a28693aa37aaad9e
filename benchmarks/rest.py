"""Shell. The venue's REST side: the few calls that recorders make before or while they record."""

import json
import time
from bisect import bisect_right
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.exchange_info import depth_snapshot, exchange_info
from benchmarks.traffic import FIRST_UPDATE_ID


class Books:
    """Which update id each symbol's book has reached when the run has come to a position."""

    def __init__(self, symbols: list[str]) -> None:
        self.symbols = symbols
        self.position: Callable[[], int] = int
        self._ends: dict[str, tuple[list[int], list[int]]] = {}
        self.clear()

    def clear(self) -> None:
        """Forget the run before."""
        self._ends = {name: ([], []) for name in self.symbols}

    def add(self, symbol: str, position: int, last_update_id: int) -> None:
        """Note that the message at `position` brings the book to `last_update_id`."""
        positions, ids = self._ends[symbol]
        positions.append(position)
        ids.append(last_update_id)

    def last_update_id(self, symbol: str) -> int:
        """Return the id of the newest diff sent for `symbol`, or the one before the first."""
        positions, ids = self._ends[symbol]
        sent = bisect_right(positions, self.position() - 1)
        return ids[sent - 1] if sent else FIRST_UPDATE_ID - 1


def serve(books: Books) -> int:
    """Start answering in a thread, and return the port."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            found = body(books, url.path, parse_qs(url.query))
            text = json.dumps({"code": -1, "msg": "unknown"} if found is None else found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("X-MBX-USED-WEIGHT-1M", "1")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments: object) -> None:
            """Say nothing: stdout belongs to the commands."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def body(books: Books, path: str, query: dict[str, list[str]]) -> Any:
    """Return what the venue answers, or None for a call it does not know."""
    match path:
        case "/api/v3/exchangeInfo":
            wanted = query.get("symbol") or json.loads(query.get("symbols", ["null"])[0])
            return exchange_info(wanted or books.symbols, int(time.time() * 1_000))
        case "/api/v3/depth":
            return depth_snapshot(books.last_update_id(query["symbol"][0]))
        case "/api/v3/time":
            return {"serverTime": int(time.time() * 1_000)}
        case "/api/v3/ping":
            return {}
        case "/api/v3/aggTrades" | "/api/v3/historicalTrades" | "/api/v3/klines":
            return []
        case _:
            return None
