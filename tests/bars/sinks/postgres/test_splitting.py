"""Which coin and quote a symbol stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.bars.sinks.postgres.splitting import choices, pair, split


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("BTCUSDT", ("BTC", "USDT")),
        ("ETHBTC", ("ETH", "BTC")),
        ("BTCFDUSD", ("BTC", "FDUSD")),
        ("BTCUSD", ("BTC", "USD")),
        ("BTC/EUR", ("BTC", "EUR")),
        ("BTC_EUR", ("BTC", "EUR")),
        ("BTCUSDT_260925", ("BTCUSDT", "260925")),
        ("USDT", ("USDT", "")),
        ("BTCTRY", ("BTCTRY", "")),
        ("1000PEPEUSDC", ("1000PEPE", "USDC")),
        ("/USDT", ("/", "USDT")),
    ],
)
def test_without_facts_the_longest_known_quote_is_cut_off(symbol, expected):
    assert split(symbol) == pair(symbol, None) == expected


@pytest.mark.parametrize(
    ("symbol", "facts", "expected"),
    [
        ("BTCTRY", ("BTC", "TRY"), ("BTC", "TRY")),
        ("BTCUSDT_260925", ("BTC", "USDT"), ("BTC_260925", "USDT")),
        ("BTCUSD_PERP", ("BTC", "USD"), ("BTC_PERP", "USD")),
        ("BTC-PERPETUAL", ("BTC", "USD"), ("BTC-PERPETUAL", "USD")),
        ("BTC_USDC", ("BTC", "USDC"), ("BTC", "USDC")),
        ("XBT", ("", "USD"), ("XBT", "")),
    ],
)
def test_facts_win_and_contracts_are_told_apart(symbol, facts, expected):
    assert pair(symbol, facts) == expected


@given(st.text(min_size=1), st.one_of(st.none(), st.tuples(st.text(), st.text())))
def test_there_is_always_a_choice_that_only_this_symbol_can_have(symbol, facts):
    found = choices(symbol, facts)
    assert found[0] == pair(symbol, facts)
    assert (symbol, "") in found
    assert len(set(found)) == len(found)
