"""Defaults and rules as values."""

import pytest

from argus.config import Config, ControlConfig, StorageConfig, SymbolRule


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (SymbolRule(), True),
        (SymbolRule(quote=("USDT", "USDC")), True),
        (SymbolRule(quote=("USDC",)), False),
        (SymbolRule(base=("ETH",)), False),
        (SymbolRule(status=("BREAK",)), False),
        (SymbolRule(status=()), True),
        (SymbolRule(contract_type=("PERPETUAL",)), False),
    ],
)
def test_rule_matches_what_agrees_with_every_key(rule: SymbolRule, matches: bool):
    found = rule.matches(base="BTC", quote="USDT", status="TRADING", contract_type=None)
    assert found is matches


def test_socket_follows_the_data_folder_unless_it_is_set():
    elsewhere = Config(storage=StorageConfig(data="/lake"))
    assert elsewhere.socket.as_posix() == "/lake/argus.sock"
    set_apart = Config(control=ControlConfig(socket="/run/a.sock"))
    assert set_apart.socket.as_posix() == "/run/a.sock"
