"""Which symbols are recorded, and what changed."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from argus.config.schema import SymbolRule
from argus.events import Instrument, Origin
from argus.network.universe import Change, change, redefined, select, unknown

ANY = Instrument(
    ts_event=None,
    ts_recv=1,
    origin=Origin.LIVE,
    status="TRADING",
    base="BTC",
    quote="USDT",
    tick_size=None,
    lot_size=None,
    min_notional=None,
    contract_type=None,
    contract_size=None,
    margin_asset=None,
    ts_onboard=None,
    ts_delivery=None,
    raw="{}",
)
LISTED = {
    "ETHUSDT": replace(ANY, base="ETH"),
    "BTCUSDT": ANY,
    "BTCEUR": replace(ANY, quote="EUR"),
    "OLDUSDT": replace(ANY, base="OLD", status="BREAK"),
    "币安人生USDT": replace(ANY, base="币安人生"),
}
symbols = st.lists(st.sampled_from("abcdefg"), unique=True)


def test_listed_symbols_are_taken_as_they_were_asked_for_whatever_their_status():
    assert select(LISTED, ["OLDUSDT", "NOUSDT", "BTCUSDT"]) == ("OLDUSDT", "BTCUSDT")


def test_rule_takes_what_agrees_in_the_order_of_the_listing():
    assert select(LISTED, SymbolRule(quote=("USDT",))) == ("ETHUSDT", "BTCUSDT", "币安人生USDT")
    assert select(LISTED, SymbolRule(quote=("EUR", "USDT"), base=("BTC",))) == (
        "BTCUSDT",
        "BTCEUR",
    )
    assert select(LISTED, SymbolRule(status=("BREAK",))) == ("OLDUSDT",)


def test_rule_may_bound_the_number_of_symbols():
    assert select(LISTED, SymbolRule(max_symbols=2)) == ("ETHUSDT", "BTCUSDT")


def test_unknown_symbols_are_told_with_what_looks_alike():
    found = unknown(LISTED, ["BTCUSDT", "btcusdt", "BTCUSD", "QQQQQQQQQ"])
    assert found == {
        "btcusdt": ["BTCUSDT", "ETHUSDT", "BTCEUR"],
        "BTCUSD": ["BTCUSDT", "BTCEUR", "ETHUSDT"],
        "QQQQQQQQQ": [],
    }


def test_rule_has_no_unknown_symbols():
    assert unknown(LISTED, SymbolRule(quote=("NOTHING",))) == {}


def test_change_keeps_the_order_of_the_listing():
    assert change("abc", "cxay") == Change(added=("x", "y"), removed=("b",))


@given(symbols, symbols)
def test_change_turns_the_old_universe_into_the_new_and_back(old, new):
    there, back = change(old, new), change(new, old)
    assert [s for s in old if s not in there.removed] == [s for s in old if s in new]
    assert list(there.added) == [s for s in new if s not in old]
    assert sorted(there.added) == sorted(back.removed)
    assert change(old, old) == Change((), ())


def test_definition_is_told_when_it_is_new_or_differs():
    new = LISTED | {"BTCUSDT": replace(ANY, raw='{"status":"HALT"}', ts_recv=9)}
    new["ETHUSDT"] = replace(new["ETHUSDT"], ts_recv=9)
    old = {s: LISTED[s] for s in ("ETHUSDT", "BTCUSDT")}
    asked = ["BTCEUR", "BTCUSDT", "ETHUSDT", "NOUSDT"]
    assert redefined(old, new, asked) == ["BTCEUR", "BTCUSDT"]
