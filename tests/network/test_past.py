"""Asking for the past: patience where the venue asks for it, and an end where asking is no use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from argus.errors import RateLimited, Refused, Unreachable, VenueError
from argus.network.history import IDS
from argus.network.past import ATTEMPTS_MAX, Past
from argus.network.source import Request
from argus.network.sources import SOURCES
from argus.telemetry import Happening, RequestFailed
from tests.network.doubles import TestClock

HISTORY = SOURCES["binance_spot"].rest.histories[1]
assert HISTORY.data_type == "agg_trade"

LIMITED = RateLimited("url", 429, 7.0)
DOWN = Refused("url", 503, "down")
SILENT = Unreachable("url", "no route")


def row(number: int) -> dict[str, object]:
    return {
        "a": number,
        "p": "1.5",
        "q": "2",
        "f": number * 2,
        "l": number * 2 + 1,
        "T": 5,
        "m": True,
    }


def rows(*numbers: int) -> bytes:
    return json.dumps([row(number) for number in numbers]).encode()


class Answers:
    """Gives one answer after the other, and keeps what was asked."""

    def __init__(self, *answers: bytes | VenueError) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> tuple[int, bytes]:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, VenueError):
            raise answer
        return 42, answer


def talk(work: Callable[[Past], Coroutine[None, None, Any]], *answers: bytes | VenueError):
    """Return what a piece of work returns, what was asked, what was slept and what was reported."""
    get, clock, told = Answers(*answers), TestClock(), list[Happening]()
    past = Past("binance_spot", get, clock=clock, report=told.append)
    found = asyncio.run(work(past))
    assert past.requests == len(get.asked)
    assert past.weight == 4 * len(get.asked)
    return found, get.asked, clock.slept, told


def page(past: Past):
    return past.page(HISTORY, "BTCUSDT", "", IDS, (10, 12))


def test_page_is_asked_for_by_its_first_number_and_its_width():
    facts, asked, slept, told = talk(page, rows(10, 11, 12))
    assert [fact.agg_trade_id for fact in facts] == [10, 11, 12]
    assert [r.path for r in asked] == ["/api/v3/aggTrades?symbol=BTCUSDT&fromId=10&limit=3"]
    assert (slept, told) == ([], [])


@pytest.mark.parametrize("error", [LIMITED, DOWN, SILENT])
def test_what_passes_is_waited_for_longer_each_time(error):
    facts, asked, slept, told = talk(page, error, error, error, rows(10))
    assert [fact.agg_trade_id for fact in facts] == [10]
    assert slept == [0.75, 1.5, 3.0]
    assert told == [RequestFailed("binance_spot", str(error), wait) for wait in slept]
    assert len({request.path for request in asked}) == 1


@pytest.mark.parametrize("error", [LIMITED, DOWN, SILENT])
def test_what_does_not_pass_is_given_up(error):
    with pytest.raises(type(error)):
        talk(page, *[error] * ATTEMPTS_MAX)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_is_not_asked_a_second_time(status):
    with pytest.raises(Refused) as refused:
        talk(page, Refused("url", status, "no"))
    assert refused.value.status == status


@pytest.mark.parametrize("answer", [b"", b"{}", b"<html>", b'[{"a":"x"}]'])
def test_answer_that_is_not_understood_is_a_refusal(answer):
    with pytest.raises(Refused, match="not understood") as refused:
        talk(page, answer)
    assert refused.value.is_final


@pytest.mark.parametrize(
    ("ts_from", "ts_until", "answers", "span"),
    [
        (None, None, [rows(50)], (0, 50)),
        (1, None, [rows(50), rows(10)], (10, 50)),
        (1, 2, [rows(50), rows(10), rows(20)], (10, 19)),
        (1, 2, [rows(50), rows(10), rows()], (10, 50)),
        (1, 2, [rows(50), rows(10), rows(10)], None),
        (1, 2, [rows(50), rows(), rows()], None),
        (None, None, [rows()], None),
    ],
)
def test_ids_of_a_stretch_of_time_are_those_from_its_first_to_before_its_end(
    ts_from, ts_until, answers, span
):
    found, asked, _, _ = talk(
        lambda past: past.span(HISTORY, "BTCUSDT", ts_from, ts_until), *answers
    )
    assert found == span
    assert len(asked) == len(answers)
