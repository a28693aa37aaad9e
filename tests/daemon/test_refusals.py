"""An error stops what would have the same answer, and nothing else."""

import pytest

from argus.daemon.refusals import Refusals
from argus.errors import RateLimited, Refused, Unreachable

PATH = ("binance_spot", "trade", "BTCUSDT")
OTHER_SYMBOL = ("binance_spot", "trade", "ETHUSDT")
OTHER_TYPE = ("binance_spot", "kline", "BTCUSDT")
OTHER_SOURCE = ("binance_usdm", "trade", "BTCUSDT")


@pytest.mark.parametrize(
    ("error", "stopped"),
    [
        (Refused("url", 400, "no such symbol"), [PATH]),
        (Refused("url", 401, "no key"), [PATH, OTHER_SYMBOL]),
        (Refused("url", 200, "not understood"), [PATH, OTHER_SYMBOL]),
        (Refused("url", 503, "down"), [PATH, OTHER_SYMBOL, OTHER_TYPE]),
        (RateLimited("url", 429, 60.0), [PATH, OTHER_SYMBOL, OTHER_TYPE]),
        (Unreachable("url", "no route"), [PATH, OTHER_SYMBOL, OTHER_TYPE]),
    ],
)
def test_error_stops_what_would_have_the_same_answer(error, stopped):
    refusals = Refusals()
    paths = [PATH, OTHER_SYMBOL, OTHER_TYPE, OTHER_SOURCE]
    assert [refusals.of(path) for path in paths] == [None] * 4
    refusals.add(PATH, error)
    assert [refusals.of(path) for path in paths] == [
        e if p in stopped else None for p, e in zip(paths, [error] * 4, strict=True)
    ]


@pytest.mark.parametrize(
    ("error", "is_final"),
    [
        (Refused("url", 400, ""), True),
        (Refused("url", 499, ""), True),
        (Refused("url", 500, ""), False),
        (RateLimited("url", 418, 1.0), False),
        (Unreachable("url", ""), False),
    ],
)
def test_refusal_is_final_unless_it_is_the_fault_of_the_venue(error, is_final):
    assert error.is_final == is_final
