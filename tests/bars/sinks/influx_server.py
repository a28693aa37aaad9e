"""A real InfluxDB for tests: Debian's server of version 1, behind the write API of version 2.

What stands in front passes on what it is given and translates what differs: paths, the token, the
status of a type conflict, and deletion by predicate. When the server is dead, it cuts connections.
"""

import http.client
import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from tests.waiting import until_blocking

TOKEN = "a-token-of-tests"
BUCKET = "ticks"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Front(ThreadingHTTPServer):
    """Speaks version 2."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream: int) -> None:
        super().__init__(("127.0.0.1", 0), Speaker)
        self.upstream = upstream
        self.can_delete = True
        self.requests: list[str] = []


class Speaker(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: Front
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        at = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(at.query).items()}
        self.server.requests.append(at.path)
        if self.headers.get("Authorization") != f"Token {TOKEN}":
            self.say(401, "unauthorized access")
        elif at.path == "/api/v2/write":
            self.write(body, query)
        elif at.path == "/api/v2/delete" and self.server.can_delete:
            self.delete(json.loads(body), query)
        else:
            self.say(404, "path not found")

    def write(self, body: bytes, query: dict[str, str]) -> None:
        words = urlencode({"db": query["bucket"], "precision": query["precision"]})
        headers = {}
        if self.headers.get("Content-Encoding"):
            headers["Content-Encoding"] = self.headers["Content-Encoding"]
        self.pass_on("POST", f"/write?{words}", body, headers)

    def delete(self, wanted: dict[str, str], query: dict[str, str]) -> None:
        found = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', wanted["predicate"]))
        name = found.pop("_measurement")
        where = [f"\"{key}\" = '{value}'" for key, value in found.items()]
        where += [f"time >= '{wanted['start']}'", f"time < '{wanted['stop']}'"]
        text = f'DELETE FROM "{name}" WHERE {" AND ".join(where)}'
        words = urlencode({"db": query["bucket"], "q": text})
        self.pass_on("POST", f"/query?{words}", b"", {})

    def pass_on(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        try:
            status, answer = ask(self.server.upstream, method, path, body, headers)
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # Cut, as by a server that died.
            return
        if b"field type conflict" in answer:
            status = 422
        elif path.startswith("/query") and b'"error"' in answer:
            status = 400
        self.say(status, answer.decode())

    def say(self, status: int, text: str) -> None:
        content = b"" if status == 204 else json.dumps({"message": text}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def ask(
    port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class InfluxServer:
    """A server in a folder; it may be killed and started again, and keeps what it has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.front = Front(self.port)
        self._serving = threading.Thread(target=self.front.serve_forever, args=(0.02,), daemon=True)
        self._serving.start()
        places = {name: json.dumps(str(folder / name)) for name in ("meta", "data", "wal")}
        (folder / "influxdb.conf").write_text(
            f"""
reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
dir = {places["meta"]}
[data]
dir = {places["data"]}
wal-dir = {places["wal"]}
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{self.port}"
log-enabled = false
"""
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.front.server_address[1]}"

    def start(self) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                ["influxd", "-config", str(self.folder / "influxdb.conf")], stdout=log, stderr=log
            )
        until_blocking(self._answers, timeout_s=60, every_s=0.02)

    def _answers(self) -> bool:
        try:
            return ask(self.port, "GET", "/ping")[0] == 204
        except OSError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def make_bucket(self) -> None:
        self.query(f'CREATE DATABASE "{BUCKET}" WITH DURATION INF')

    def query(self, text: str) -> Any:
        words = urlencode({"db": BUCKET, "q": text, "epoch": "ns"}, quote_via=quote)
        method = "GET" if text.startswith(("SELECT", "SHOW")) else "POST"
        status, answer = ask(self.port, method, f"/query?{words}")
        assert status == 200, answer
        (result,) = json.loads(answer)["results"]
        assert "error" not in result, result
        return result

    def rows(self, measurement: str) -> list[dict[str, Any]]:
        """Every point of a measurement, tags as fields, in the order of time."""
        result = self.query(f'SELECT * FROM "{measurement}"')
        found = []
        for series in result.get("series", []):
            found += [dict(zip(series["columns"], row, strict=True)) for row in series["values"]]
        return found

    def close(self) -> None:
        self.kill()
        self.front.shutdown()
        self.front.server_close()
        self._serving.join()


@contextmanager
def influx_server(folder: Path) -> Iterator[InfluxServer]:
    """Run a server with a bucket, and leave nothing of it behind; skip where there is none."""
    if shutil.which("influxd") is None:
        pytest.skip("influxd is not installed; tools/influxdb does that")
    folder.mkdir(parents=True, exist_ok=True)
    server = InfluxServer(folder)
    try:
        server.start()
        server.make_bucket()
        yield server
    finally:
        server.close()
