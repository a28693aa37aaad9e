r"""Pure. What is said over the control socket: one JSON object per line, request and answer.

```
-> {"verb": "flush", "args": {"source": "binance_spot"}}
<- {"ok": true, "result": {"chunks": 3}}
<- {"ok": false, "error": "\"flash\" is not a verb …"}
```

A line is bounded: requests by `REQUEST_BYTES_MAX`, answers by `ANSWER_BYTES_MAX`. A connection may
ask any number of times, one after the other.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import msgspec

from argus.errors import DaemonError

REQUEST_BYTES_MAX = 64 * 1024
ANSWER_BYTES_MAX = 16 * 1024 * 1024

Verb = Callable[..., Awaitable[object]]
"""What a recorder can be asked for; arguments by name, the answer in plain JSON values."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question: a verb and its arguments by name."""

    verb: str
    args: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: a result, or an error in words."""

    ok: bool
    result: object = None
    error: str = ""


def encode_request(request: Request) -> bytes:
    """Return a request as one line.

    Raises:
        DaemonError: the request is longer than a line may be.
    """
    line = msgspec.json.encode(request) + b"\n"
    if len(line) > REQUEST_BYTES_MAX:
        raise DaemonError(
            f"a request of {len(line)} bytes is too long; at most {REQUEST_BYTES_MAX}"
        )
    return line


def decode_request(line: bytes) -> Request:
    """Return the request in a line.

    Raises:
        DaemonError: the line is no JSON object with a verb.
    """
    try:
        return msgspec.json.decode(line, type=Request)
    except msgspec.DecodeError as error:
        raise DaemonError(
            f'{error}; expected one line like {{"verb": "status", "args": {{}}}}'
        ) from error


def encode_answer(answer: Answer) -> bytes:
    """Return an answer as one line; one that is too long becomes an error that says so."""
    if answer.ok:
        line = msgspec.json.encode({"ok": True, "result": answer.result})
    else:
        line = msgspec.json.encode({"ok": False, "error": answer.error})
    if len(line) >= ANSWER_BYTES_MAX:
        found = f"an answer of {len(line)} bytes is too long; at most {ANSWER_BYTES_MAX}"
        line = msgspec.json.encode({"ok": False, "error": found})
    return line + b"\n"


def decode_answer(line: bytes) -> Answer:
    """Return the answer in a line.

    Raises:
        DaemonError: the line is no answer.
    """
    try:
        return msgspec.json.decode(line, type=Answer)
    except msgspec.DecodeError as error:
        raise DaemonError(f"the recorder's answer is not understood: {error}") from error


def bound(request: Request, verbs: Mapping[str, Verb]) -> Verb:
    """Return the verb that a request names, after checking that its arguments fit.

    Raises:
        DaemonError: there is no such verb, or it takes other arguments.
    """
    verb = verbs.get(request.verb)
    if verb is None:
        raise DaemonError(_refusal("a verb", request.verb, sorted(verbs)))
    parameters = inspect.signature(verb).parameters
    for name in request.args:
        if name not in parameters:
            raise DaemonError(_refusal(f"an argument of {request.verb}", name, parameters))
    for name, parameter in parameters.items():
        if name not in request.args and parameter.default is inspect.Parameter.empty:
            raise DaemonError(f"{request.verb} needs the argument {name}")
    return verb


def _refusal(what: str, word: str, allowed: Iterable[str]) -> str:
    words = list(allowed)
    close = get_close_matches(word, words, n=1)
    hint = f' (did you mean "{close[0]}"?)' if close else ""
    return f'"{word}" is not {what}{hint}; allowed: {", ".join(words) or "none"}'
