"""Shell. Ask a running recorder over its control socket."""

import socket
from collections.abc import Mapping
from pathlib import Path

from argus.control.address import address
from argus.control.protocol import (
    ANSWER_BYTES_MAX,
    Request,
    decode_answer,
    encode_request,
)
from argus.errors import DaemonError

# A flush or a merge of a whole day is answered when it is done.
TIMEOUT_S = 600.0


def ask(
    path: Path,
    verb: str,
    args: Mapping[str, object] | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
) -> object:
    """Return the result of one request, in plain JSON values.

    Raises:
        DaemonError: no recorder listens there, it does not answer in time, or it refuses.
    """
    line = encode_request(Request(verb, dict(args or {})))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        _connect(connection, path)
        try:
            connection.sendall(line)
            answer = decode_answer(_line(connection))
        except TimeoutError as error:
            raise DaemonError(f"no answer to {verb} within {timeout_s:g} s; at {path}") from error
        except OSError as error:
            raise DaemonError(f"the recorder went away before its answer; at {path}") from error
    if not answer.ok:
        raise DaemonError(answer.error)
    return answer.result


def is_running(path: Path) -> bool:
    """Return whether a recorder listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5.0)
        try:
            _connect(connection, path)
        except DaemonError:
            return False
    return True


def _connect(connection: socket.socket, path: Path) -> None:
    try:
        with address(path) as place:
            connection.connect(place)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        raise DaemonError(f"no recorder is running; nothing listens at {path}") from error
    except OSError as error:
        raise DaemonError(f"the recorder cannot be reached: {error.strerror}; at {path}") from error


def _line(connection: socket.socket) -> bytes:
    """Return the answer's line.

    Raises:
        DaemonError: the connection ends before the line does, or the line is too long.
        OSError: the connection broke, or timed out.
    """
    with connection.makefile("rb") as answers:
        line = answers.readline(ANSWER_BYTES_MAX)
    if not line.endswith(b"\n"):
        raise DaemonError(f"the recorder's answer ends after {len(line)} bytes")
    return line
