"""Pure. What a client asks over its socket, and the words of the venue's answers.

The error codes and texts are those of the section "Live Subscribing/Unsubscribing to streams" of
web-socket-streams.md; on the wire they come as `{"error":{"code":…,"msg":…},"id":…}`.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

RequestId: TypeAlias = int | str | None

_ID_LENGTH_MAX = 36  # of a string, CHANGELOG of the spot documentation, 2024


class Method(StrEnum):
    """What can be asked."""

    SUBSCRIBE = "SUBSCRIBE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    LIST_SUBSCRIPTIONS = "LIST_SUBSCRIPTIONS"
    SET_PROPERTY = "SET_PROPERTY"
    GET_PROPERTY = "GET_PROPERTY"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be answered; `params` are streams, or a property and its value."""

    method: Method
    params: tuple[str | bool, ...]
    id: RequestId

    @property
    def streams(self) -> list[str]:
        """Return the names of streams that were given."""
        return [name for name in self.params if isinstance(name, str)]


class BadRequest(Exception):
    """A request the venue answers with an error."""

    def __init__(self, code: int, text: str, request_id: RequestId = None) -> None:
        """Keep the venue's code and text."""
        self.code, self.text, self.request_id = code, text, request_id
        super().__init__(text)


def read_request(message: bytes) -> Request:
    """Return what a text message asks.

    Raises:
        BadRequest: with what the venue says of such a message.
    """
    try:
        asked = json.loads(message)
    except ValueError as error:
        at = error.colno if isinstance(error, json.JSONDecodeError) else 1
        raise BadRequest(3, f"Invalid JSON: expected value at line 1 column {at}") from error
    if not isinstance(asked, dict):
        raise BadRequest(2, "Invalid request: expected an object at line 1 column 1")
    request_id = _id_of(asked)
    method = _method_of(asked, len(message), request_id)
    return Request(method=method, params=_params_of(asked, method, request_id), id=request_id)


def _id_of(asked: dict[str, object]) -> RequestId:
    given = asked.get("id")
    match given:
        case bool():
            pass
        case None | int():
            return given
        case str() if len(given) <= _ID_LENGTH_MAX:
            return given
    raise BadRequest(2, "Invalid request: request ID must be an unsigned integer")


def _method_of(asked: dict[str, object], length: int, request_id: RequestId) -> Method:
    if "method" not in asked:
        text = f"Invalid request: missing field `method` at line 1 column {length}"
        raise BadRequest(2, text, request_id)
    try:
        return Method(str(asked["method"]))
    except ValueError as error:
        allowed = ", ".join(f"`{method}`" for method in Method)
        text = (
            f"Invalid request: unknown variant `{asked['method']}`, expected one of {allowed}"
            " at line 1 column 28"
        )
        raise BadRequest(2, text, request_id) from error


def _params_of(
    asked: dict[str, object], method: Method, request_id: RequestId
) -> tuple[str | bool, ...]:
    given = asked.get("params", [])
    if not isinstance(given, list):
        raise BadRequest(2, "Invalid request: params must be an array", request_id)
    if method is Method.LIST_SUBSCRIPTIONS and given:
        raise BadRequest(2, "Invalid request: too many parameters", request_id)
    names = given[:1] if method in {Method.SET_PROPERTY, Method.GET_PROPERTY} else given
    if not all(isinstance(name, str) for name in names):
        raise BadRequest(2, "Invalid request: property name must be a string", request_id)
    if method in {Method.SET_PROPERTY, Method.GET_PROPERTY} and names != ["combined"]:
        raise BadRequest(0, "Unknown property", request_id)
    if method is Method.SET_PROPERTY and not (len(given) == 2 and isinstance(given[1], bool)):  # noqa: PLR2004 - name and value
        raise BadRequest(1, "Invalid value type: expected Boolean", request_id)
    return tuple(given)


def answer(result: object, request_id: RequestId) -> bytes:
    """Return the message that acknowledges a request."""
    return json.dumps(
        {"result": result, "id": request_id}, separators=(",", ":"), ensure_ascii=False
    ).encode()


def refusal(error: BadRequest) -> bytes:
    """Return the message that refuses a request."""
    body = {"error": {"code": error.code, "msg": error.text}, "id": error.request_id}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
