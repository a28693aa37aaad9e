"""Requests are read as the venue reads them."""

import json

import pytest

from argus.simulator.requests import BadRequest, Method, answer, read_request, refusal


def read(**request):
    return read_request(json.dumps(request).encode())


@pytest.mark.parametrize("number", [1, -5, None, "abc-1", "x" * 36])
def test_a_request_keeps_its_id(number):
    request = read(method="SUBSCRIBE", params=["a@trade", "b@trade"], id=number)
    assert (request.method, request.streams, request.id) == (
        Method.SUBSCRIBE,
        ["a@trade", "b@trade"],
        number,
    )


def test_properties_have_a_name_and_a_value():
    request = read(method="SET_PROPERTY", params=["combined", False], id=1)
    assert request.params == ("combined", False)
    assert read(method="GET_PROPERTY", params=["combined"]).id is None


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        (b"", 3, "Invalid JSON"),
        (b"\xff\xfe", 3, "Invalid JSON"),
        (b"[]", 2, "expected an object"),
        (b'{"method":"SUBSCRIBE","id":true}', 2, "request ID"),
        (b'{"method":"SUBSCRIBE","id":"%s"}' % (b"x" * 37), 2, "request ID"),
        (b'{"method":"SUBSCRIBE","params":"a","id":1}', 2, "params"),
        (b'{"method":"SUBSCRIBE","params":[null],"id":1}', 2, "must be a string"),
        (b'{"method":"LIST_SUBSCRIPTIONS","params":["a"],"id":1}', 2, "too many parameters"),
        (b'{"method":"Subscribe","id":1}', 2, "unknown variant `Subscribe`"),
        (b'{"params":[],"id":1}', 2, "missing field `method`"),
        (b'{"method":"SET_PROPERTY","params":["combined"],"id":1}', 1, "expected Boolean"),
        (b'{"method":"GET_PROPERTY","params":[],"id":1}', 0, "Unknown property"),
    ],
)
def test_a_wrong_request_gets_the_words_of_the_venue(message, code, text):
    with pytest.raises(BadRequest, match=text) as raised:
        read_request(message)
    assert json.loads(refusal(raised.value))["error"]["code"] == code


def test_an_answer_is_compact_json():
    assert answer(None, 7) == b'{"result":null,"id":7}'
    assert answer(["币@trade"], "x") == '{"result":["币@trade"],"id":"x"}'.encode()
