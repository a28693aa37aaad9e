"""Shell. Ask a running recorder over its control socket.

While one recorder takes over from another, there is a moment in which nobody listens. Then whoever
asks waits until the next one does; what only reads is asked once more if its answer was lost.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from argus.control.address import address, wait_for_heir
from argus.control.protocol import (
    ANSWER_BYTES_MAX,
    Answer,
    Request,
    decode_answer,
    encode_request,
)
from argus.errors import DaemonError, RecorderAbsent

# A flush or a merge of a whole day is answered when it is done.
TIMEOUT_S = 600.0

READING = frozenset({"status", "stale", "candles"})
"""Verbs that change nothing, so that they may be asked again."""


def ask(
    path: Path,
    verb: str,
    args: Mapping[str, object] | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
    is_patient: bool = True,
) -> object:
    """Return the result of one request, in plain JSON values.

    Args:
        path: the socket.
        verb: what is asked for.
        args: its arguments by name.
        timeout_s: how long an answer may take.
        is_patient: whether to wait for a recorder that is taking over.

    Raises:
        RecorderAbsent: no recorder listens there, it went away, or it does not answer in time.
        DaemonError: it refuses.
    """
    line = encode_request(Request(verb, dict(args or {})))
    try:
        with _connected(path, timeout_s, is_patient=is_patient) as connection:
            answer = _answer(connection, path, verb, line)
    except RecorderAbsent:
        if verb not in READING or not is_patient:
            raise
        with _connected(path, timeout_s, is_patient=True) as connection:
            answer = _answer(connection, path, verb, line)
    if not answer.ok:
        raise DaemonError(answer.error)
    return answer.result


async def consult(path: Path, verb: str, args: Mapping[str, object]) -> object:
    """Ask without waiting for one that takes over, since we do; see `ask`."""
    return await asyncio.to_thread(ask, path, verb, args, timeout_s=10.0, is_patient=False)


def _answer(connection: socket.socket, path: Path, verb: str, line: bytes) -> Answer:
    try:
        connection.sendall(line)
        return decode_answer(_line(connection))
    except TimeoutError as error:
        raise RecorderAbsent(
            f"no answer to {verb} within {connection.gettimeout():g} s; at {path}"
        ) from error
    except OSError as error:
        raise RecorderAbsent(f"the recorder went away before its answer; at {path}") from error


def _connected(path: Path, timeout_s: float, *, is_patient: bool) -> socket.socket:
    """Return a connection to the recorder, or to the one that is taking over from it."""
    try:
        return _connect(path, timeout_s)
    except RecorderAbsent:
        if not is_patient or not wait_for_heir(path):
            raise
        return _connect(path, timeout_s)


def is_running(path: Path) -> bool:
    """Return whether a recorder listens there, or will in a moment."""
    try:
        with _connected(path, 5.0, is_patient=True):
            return True
    except DaemonError:
        return False


def _connect(path: Path, timeout_s: float) -> socket.socket:
    with ExitStack() as undo:
        connection = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        connection.settimeout(timeout_s)
        try:
            with address(path) as place:
                connection.connect(place)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
            raise RecorderAbsent(f"no recorder is running; nothing listens at {path}") from error
        except OSError as error:
            raise DaemonError(
                f"the recorder cannot be reached: {error.strerror}; at {path}"
            ) from error
        undo.pop_all()
    return connection


def _line(connection: socket.socket) -> bytes:
    """Return the answer's line.

    Raises:
        RecorderAbsent: the connection ends before the line does, or the line is too long.
        OSError: the connection broke, or timed out.
    """
    with connection.makefile("rb") as answers:
        line = answers.readline(ANSWER_BYTES_MAX)
    if not line.endswith(b"\n"):
        raise RecorderAbsent(f"the recorder's answer ends after {len(line)} bytes")
    return line
