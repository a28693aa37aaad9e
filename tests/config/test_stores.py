"""What all sections of stores have in common."""

import pytest

from argus.config.stores import check_data_types, exchange_of
from argus.config.values import Where
from argus.errors import ConfigError


def test_sources_are_called_as_raven_calls_them():
    assert exchange_of("binance_spot") == "BINANCE_SPOT"
    assert exchange_of("binance_usdm") == "BINANCE_FUTURES"


def test_any_other_source_is_called_by_its_own_name():
    assert exchange_of("kraken_spot") == "KRAKEN_SPOT"


def test_data_type_that_the_store_cannot_take_is_named_with_those_it_can():
    check_data_types(("trade",), ("trade", "bar"), Where("argus.toml"))
    with pytest.raises(ConfigError, match=r'"gap" is not a data type of this store.*trade, bar'):
        check_data_types(("trade", "gap"), ("trade", "bar"), Where("argus.toml"))
