"""Symbols: names, digits, and amounts as text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.simulator.streams import Source
from argus.simulator.symbols import SymbolSpec, decimal_text, spec_of, split, symbol_names


@given(units=st.integers(0, 10**15), digits=st.integers(1, 8), more=st.integers(0, 4))
def test_a_text_is_the_amount_with_all_digits(units, digits, more):
    text = decimal_text(units, digits, digits + more)
    assert Decimal(text) == Decimal(units).scaleb(-digits)
    assert len(text.partition(".")[2]) == digits + more


@pytest.mark.parametrize(
    ("symbol", "parts"),
    [
        ("BTCUSDT", ("BTC", "USDT")),
        ("ETHBTC", ("ETH", "BTC")),
        ("币安人生USDT", ("币安人生", "USDT")),
        ("ABCWXYZ", ("ABC", "WXYZ")),
    ],
)
def test_a_symbol_is_split_at_its_quote(symbol, parts):
    assert split(symbol) == parts


def test_spot_writes_eight_digits_and_futures_their_own():
    spot, usdm = (spec_of(source, "BTCUSDT") for source in Source)
    assert (spot.tick_size, spot.lot_size) == ("0.01000000", "0.00001000")
    assert (usdm.tick_size, usdm.lot_size) == ("0.01", "0.00001")
    assert spec_of(Source.BINANCE_SPOT, "NEWUSDT").start_ticks == 100_000


def test_invented_symbols_begin_with_the_known_ones():
    assert symbol_names(2) == ("BTCUSDT", "ETHUSDT")
    assert len(set(symbol_names(200))) == 200
    assert symbol_names(["XUSDT"]) == ("XUSDT",)


def test_every_known_symbol_can_be_traded():
    for name in symbol_names(30):
        for source in Source:
            assert isinstance(spec_of(source, name), SymbolSpec)


@pytest.mark.parametrize("wrong", [{"price_digits": 0}, {"size_digits": 7}, {"start_ticks": 9}])
def test_what_cannot_be_written_is_refused(wrong):
    given_spec = {
        "symbol": "AB",
        "base": "A",
        "quote": "B",
        "price_digits": 2,
        "size_digits": 2,
        "start_ticks": 10_000,
        "wire_price_digits": 8,
        "wire_size_digits": 8,
    }
    with pytest.raises(AssertionError):
        SymbolSpec(**(given_spec | wrong))
