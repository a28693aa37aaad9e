"""Shell. InfluxDB v2 as a store: line protocol over HTTP.

Rows that the server will never take are found by halving the batch that it complains about; one
that takes none of a batch is taken at its word, and a person is told.
"""

import gzip
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException

from argus.bars.sinks.influx_lines import Lines, lines_of
from argus.bars.sinks.store import Forgetful, Memory
from argus.bars.sinks.superseded import Begin, Revisions
from argus.config.influx import TOKEN, InfluxConfig
from argus.config.stores import exchange_of
from argus.errors import RowsRefused, StoreRefused, StoreUnreachable
from argus.telemetry import BarsNotDeleted, Report

NOT_FINITE = "a number that is not finite, or a text that cannot be a tag"
PROBES = 3
"""Rows of a refused batch that are tried alone: if none is taken, the fault is not the rows'."""

_TAKEN = 204
_TOO_OLD = "points beyond retention policy"
_WRONG_ROWS = {400, 413, 422}
_REFUSED = {401, 402, 403, 404, 405, 410}
_NO_DELETE = {404, 405, 501}
_END = "2262-01-01T00:00:00Z"


@dataclass(slots=True)
class _Sent:
    """What became of the rows of one write."""

    taken: int = 0
    refused: list[int] = field(default_factory=list)
    why: str = ""


class _Wrong(Exception):
    """The server complains about what was sent."""


class _Unable(Exception):
    """The server knows no such verb."""


class InfluxStore:
    """An InfluxDB v2, or what takes its write API.

    Args:
        config: where it is, and what it gets.
        token: its token; no header is sent without one.
        report: told when superseded bars cannot be deleted.
        memory: keeps which bars were superseded.
    """

    name = "influx"

    def __init__(
        self, config: InfluxConfig, *, token: str, report: Report, memory: Memory | None = None
    ) -> None:
        self.data_types = frozenset(config.data_types)
        self._config = config
        # A file that a secret is read from often ends in a line break.
        self._token = token.strip()
        self._report = report
        self._client: InfluxDBClient | None = None
        self._memory = memory or Forgetful()
        self._revisions = Revisions.from_bytes(self._memory.load())
        self._can_delete = True

    def open(self) -> None:
        """Connect, and see whether the token may write to the bucket.

        Raises:
            StoreUnreachable: there is no answer.
            StoreRefused: the token, the organization or the bucket is not right.
        """
        if not (self._token.isascii() and self._token.isprintable()):
            # Whoever sends it would repeat it in an error.
            raise StoreRefused(
                f"{TOKEN} holds a character that no token has (it is not shown); expected the "
                "token alone, in printable ASCII"
            )
        timeout_ms = int(self._config.timeout_s * 1000)
        self._client = InfluxDBClient(
            url=self._config.url, token=self._token, org=self._config.org, timeout=timeout_ms
        )
        self._can_delete = True
        # Some mind that there is nothing to write; then they would have taken something.
        with suppress(_Wrong):
            self._post("write", b"")

    def close(self) -> None:
        """Let the connections go."""
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]
            self._client = None

    def write(self, source: str, data_type: str, table: pa.Table) -> int:
        """Write rows; see `Store`."""
        lines = lines_of(data_type, exchange_of(source), table)
        begins: list[Begin] = []
        is_wanted = ~lines.is_wrong
        if data_type == "bar":
            begins = self._revisions.begun(source, table, lines.times)
            is_wanted &= self._revisions.counting(source, table, begins)
        sent = self._send(lines, np.flatnonzero(is_wanted))
        for begin in begins:
            self._delete_superseded(begin)
        if begins:
            self._revisions.learn(begins)
            self._memory.save(self._revisions.to_bytes())
        wrong = np.flatnonzero(lines.is_wrong).tolist()
        if wrong or sent.refused:
            rows = table.take(pa.array(sorted([*wrong, *sent.refused]), pa.int64()))
            raise RowsRefused(rows, sent.why or NOT_FINITE, taken=sent.taken)
        return sent.taken

    def _send(self, lines: Lines, rows: np.ndarray[Any, np.dtype[np.int64]]) -> _Sent:
        sent = _Sent()
        for start in range(0, len(rows), self._config.batch_rows):
            batch = rows[start : start + self._config.batch_rows]
            try:
                self._put(lines.lines, batch)
                sent.taken += len(batch)
            except _Wrong as error:
                self._probe(lines.lines, batch, str(error))
                self._halve(lines.lines, batch, str(error), sent)
        return sent

    def _put(self, lines: pl.Series, rows: np.ndarray[Any, Any]) -> None:
        try:
            self._post("write", _body(lines, rows))
        except _Wrong as error:
            # It has taken the others; these it would drop by itself now.
            if _TOO_OLD not in str(error):
                raise

    def _probe(self, lines: pl.Series, rows: np.ndarray[Any, Any], why: str) -> None:
        """Try some rows alone.

        Raises:
            StoreRefused: none of them is taken, so what is wrong is not these rows.
        """
        if len(rows) < PROBES:
            return
        for row in (rows[0], rows[len(rows) // 2], rows[-1]):
            try:
                self._put(lines, np.array([row]))
            except _Wrong:
                continue
            return
        raise StoreRefused(f"{why}; found no row of {len(rows)} that it takes, expected most")

    def _halve(self, lines: pl.Series, rows: np.ndarray[Any, Any], why: str, sent: _Sent) -> None:
        """Write what can be written of rows that were refused together."""
        if len(rows) == 1:
            sent.refused.append(int(rows[0]))
            sent.why = why
            return
        for half in np.array_split(rows, 2):
            try:
                self._put(lines, half)
                sent.taken += len(half)
            except _Wrong as error:
                self._halve(lines, half, str(error), sent)

    def _delete_superseded(self, begin: Begin) -> None:
        """Delete the bars that a revision has replaced, or tell that the server cannot."""
        source, symbol, profile = begin.series
        for revision in range(begin.revision):
            where = {
                "_measurement": "bars",
                "exchange": exchange_of(source),
                "symbol": symbol,
                "profile": profile,
                "revision": str(revision),
            }
            predicate = " AND ".join(f'{key}="{_in_predicate(v)}"' for key, v in where.items())
            body = {"start": _rfc3339(begin.ts), "stop": _END, "predicate": predicate}
            if not (self._can_delete and self._post_delete(body)):
                self._report(BarsNotDeleted(self.name, symbol, profile, revision, begin.sequence))

    def _post_delete(self, body: Mapping[str, str]) -> bool:
        """Delete points; say whether the server can do that."""
        try:
            self._post("delete", dict(body))
        except _Wrong:
            return False
        except _Unable:
            self._can_delete = False
            return False
        return True

    def _post(self, verb: str, body: bytes | dict[str, str]) -> None:
        assert self._client is not None, "the store is not open"
        config = self._config
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Token {self._token}"
        if isinstance(body, bytes):
            headers["Content-Type"] = "text/plain; charset=utf-8"
            if config.gzip and body:
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, 1)
        query = {"org": config.org, "bucket": config.bucket}
        if verb == "write":
            query["precision"] = "ns"
        url = f"{config.url.rstrip('/')}/api/v2/{verb}"
        self._asked(
            verb,
            lambda: self._client.api_client.rest_client.POST(  # type: ignore[union-attr]
                url, headers=headers, query_params=query, body=body
            ),
        )

    def _asked(self, verb: str, ask: Callable[[], Any]) -> None:
        """Ask the server; turn what it says into what to do."""
        url = self._config.url
        try:
            answer = ask()
            if verb == "write" and answer.status != _TAKEN and answer.data:
                # Something else than InfluxDB, for instance a page to log in: it has kept nothing.
                raise StoreRefused(f"status {answer.status} and a page from {url}, expected 204")
        except ApiException as error:
            raise _verdict(verb, url, error) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreUnreachable(f"no answer from {url}: {error}") from error


def _verdict(verb: str, url: str, error: ApiException) -> Exception:
    """Return what a status means."""
    status = error.status or 0
    said = f"status {status} from {url}: {_words(error)}"
    if verb == "delete" and status in _NO_DELETE:
        return _Unable(said)
    if status in _WRONG_ROWS:
        return _Wrong(said)
    if status in _REFUSED:
        return StoreRefused(said)
    headers: Mapping[str, str] = error.headers or {}
    after = headers.get("Retry-After", "")
    return StoreUnreachable(said, retry_after_s=float(after) if after.isdigit() else 0.0)


def _words(error: ApiException) -> str:
    body = error.body
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body or "")
    return " ".join((text or str(error.reason)).split())[:300]


def _body(lines: pl.Series, rows: np.ndarray[Any, Any]) -> bytes:
    if not len(rows):
        return b""
    is_run = int(rows[-1]) - int(rows[0]) + 1 == len(rows)
    chosen = lines.slice(int(rows[0]), len(rows)) if is_run else lines.gather(rows)
    text: str = chosen.str.join("\n")[0]
    return text.encode()


def _in_predicate(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _rfc3339(ts: int) -> str:
    """Return an instant with its nanoseconds."""
    whole, rest = divmod(ts, 10**9)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
