"""Requests and answers as lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.control.protocol import (
    ANSWER_BYTES_MAX,
    Answer,
    Request,
    Verb,
    bound,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from argus.errors import DaemonError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


async def flush(source: str, symbol: str | None = None) -> object:
    return source, symbol


async def status() -> object:
    return {}


VERBS: dict[str, Verb] = {"flush": flush, "status": status}


@given(st.text(max_size=9), st.dictionaries(st.text(max_size=9), PLAIN, max_size=3))
def test_request_is_one_line_and_reads_back(verb: str, args: dict[str, object]):
    line = encode_request(Request(verb, args))
    assert line.index(b"\n") == len(line) - 1
    assert decode_request(line) == Request(verb, args)


@given(PLAIN)
def test_answer_is_one_line_and_reads_back(result: object):
    line = encode_answer(Answer(ok=True, result=result))
    assert line.index(b"\n") == len(line) - 1
    assert decode_answer(line) == Answer(ok=True, result=result)
    error = Answer(ok=False, error=str(result))
    assert decode_answer(encode_answer(error)) == error


def test_request_without_arguments_has_none():
    assert decode_request(b'{"verb":"status"}\n') == Request("status", {})


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"{", b"[]", b"{}", b'{"verb": 1}', b'{"verb":"a","args":[]}', b"\xff"]
)
def test_line_that_is_no_request_is_refused_with_an_example(line: bytes):
    with pytest.raises(DaemonError, match=r'expected one line like \{"verb": "status"'):
        decode_request(line)


@pytest.mark.parametrize("line", [b"", b"{}", b"no"])
def test_line_that_is_no_answer_is_refused(line: bytes):
    with pytest.raises(DaemonError, match="is not understood"):
        decode_answer(line)


def test_request_too_long_is_refused_before_it_is_sent():
    with pytest.raises(DaemonError, match="too long; at most 65536"):
        encode_request(Request("flush", {"symbol": "x" * 70_000}))


def test_answer_too_long_becomes_an_error():
    answer = decode_answer(encode_answer(Answer(ok=True, result="x" * ANSWER_BYTES_MAX)))
    assert (answer.ok, answer.error) == (
        False,
        "an answer of 16777239 bytes is too long; at most 16777216",
    )


def test_verb_is_found_with_all_or_some_of_its_arguments():
    assert bound(Request("flush", {"source": "a"}), VERBS) is flush
    assert bound(Request("flush", {"source": "a", "symbol": "b"}), VERBS) is flush


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (
            Request("flash"),
            '"flash" is not a verb (did you mean "flush"?); allowed: flush, status',
        ),
        (
            Request("flush", {"soruce": 1}),
            (
                '"soruce" is not an argument of flush (did you mean "source"?); '
                "allowed: source, symbol"
            ),
        ),
        (Request("status", {"x": 1}), '"x" is not an argument of status; allowed: none'),
        (Request("flush"), "flush needs the argument source"),
    ],
)
def test_request_that_fits_no_verb_is_refused(request_: Request, error: str):
    with pytest.raises(DaemonError) as raised:
        bound(request_, VERBS)
    assert str(raised.value) == error
