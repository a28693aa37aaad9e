"""Shell. The control socket of a running recorder: requests in, answers out, one line each.

What can be asked is given as a mapping from verb to coroutine function, so the server knows
nothing of what the recorder does.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from argus.control.address import address, held
from argus.control.protocol import (
    REQUEST_BYTES_MAX,
    Answer,
    Verb,
    bound,
    decode_request,
    encode_answer,
)
from argus.errors import ArgusError, DaemonError

CONNECTIONS_MAX = 32
STOP_WAIT_S = 5.0


@asynccontextmanager
async def serve_control(path: Path, verbs: Mapping[str, Verb]) -> AsyncIterator[None]:
    """Listen on a Unix socket that only its owner may use, until the block ends.

    The socket file of a dead process is replaced. At the end, requests under way are answered.

    Raises:
        DataFolderInUse: a living process listens there.
        OSError: the socket cannot be made, for instance in a read-only folder.
    """
    with _listening(path) as listening:
        conversations = _Conversations(verbs)
        server = await asyncio.start_unix_server(
            conversations.talk, sock=listening, limit=REQUEST_BYTES_MAX
        )
        try:
            yield
        finally:
            # A connection that is just being accepted when its server closes would leak.
            await _turns()
            server.close()
            await conversations.finish()


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with held(path):
        try:
            yield _bound(path)
        finally:
            path.unlink(missing_ok=True)


def _bound(path: Path) -> socket.socket:
    """Return a bound socket; its file appears under its name with its final mode at once."""
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    with ExitStack() as undo:
        listening = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        with address(made) as place:
            listening.bind(place)
        made.chmod(0o600)
        made.replace(path)
        listening.settimeout(0)
        undo.pop_all()
    return listening


class _Conversations:
    """Every open connection, and which of them are being answered.

    Nothing here is cancelled: an idle connection ends when its transport is closed, a verb that
    does not end when its time is set to have run out.
    """

    def __init__(self, verbs: Mapping[str, Verb]) -> None:
        self._verbs = verbs
        self._open: dict[asyncio.Task[object], asyncio.StreamWriter] = {}
        self._busy: dict[asyncio.Task[object], asyncio.Timeout] = {}
        self._is_ending = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests in their order until it ends."""
        task = asyncio.current_task()
        assert task is not None
        if len(self._open) >= CONNECTIONS_MAX:
            full = f"{CONNECTIONS_MAX} connections are open; no more are allowed"
            writer.write(encode_answer(Answer(ok=False, error=full)))
            writer.close()
            return
        self._open[task] = writer
        try:
            while not self._is_ending and (line := await _line(reader)) is not None:
                writer.write(await self._answer(task, line))
                await writer.drain()
        except ConnectionError:
            # The asker went away; there is nobody left to tell.
            return
        finally:
            del self._open[task]
            writer.close()

    async def finish(self) -> None:
        """Let requests under way be answered for a moment, then end every connection."""
        self._is_ending = True
        for task, writer in self._open.items():
            if task not in self._busy:
                writer.close()
        if self._busy:
            await asyncio.wait(self._busy, timeout=STOP_WAIT_S)
        for scope in self._busy.values():
            scope.reschedule(0)
        if self._open:
            await asyncio.wait(self._open)
        await _turns()

    async def _answer(self, task: asyncio.Task[object], line: bytes) -> bytes:
        try:
            async with asyncio.timeout(None) as scope:
                self._busy[task] = scope
                return encode_answer(Answer(ok=True, result=await self._result(line)))
        except TimeoutError:
            return encode_answer(Answer(ok=False, error="the recorder stopped before it was done"))
        except ArgusError as error:
            return encode_answer(Answer(ok=False, error=str(error)))
        except (OSError, ValueError, TypeError, LookupError, RuntimeError) as error:
            # A verb that fails is told to its asker; the recorder goes on.
            return encode_answer(Answer(ok=False, error=f"{type(error).__name__}: {error}"))
        finally:
            del self._busy[task]

    async def _result(self, line: bytes) -> object:
        if len(line) > REQUEST_BYTES_MAX:
            raise DaemonError(f"the request is too long; at most {REQUEST_BYTES_MAX} bytes")
        request = decode_request(line)
        return await bound(request, self._verbs)(**request.args)


async def _turns() -> None:
    """Give the loop the turns that asyncio needs between an accept and the begin of `talk`.

    Those are accept, transport, `connection_made`, task; a transport that is closed lets go of its
    socket a turn later. Python 3.11 has no other way to wait for either.
    """
    for _ in range(8):
        await asyncio.sleep(0)


async def _line(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next line, or None at the end; of one that is too long, more than is allowed.

    The rest of a line that is too long is read and forgotten, so that the next one is understood.
    """
    is_too_long = False
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            is_too_long = True
            await reader.readexactly(error.consumed)
            continue
        except asyncio.IncompleteReadError as error:
            line = error.partial
            if not line and not is_too_long:
                return None
        return bytes(REQUEST_BYTES_MAX + 1) if is_too_long else line
