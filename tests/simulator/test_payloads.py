"""Texts are written once and forgotten when there are too many."""

from argus.simulator import payloads_spot, payloads_usdm
from argus.simulator.payloads import Texts, dialect_of, levels_text
from argus.simulator.streams import Source


def test_each_source_has_its_dialect():
    assert dialect_of(Source.BINANCE_SPOT) is payloads_spot
    assert dialect_of(Source.BINANCE_USDM) is payloads_usdm


def test_texts_are_kept_within_a_bound():
    texts = Texts(2, 3)
    assert texts[1234] is texts[1234]
    assert texts[1234] == "12.340"
    for units in range(40_000):
        assert float(texts[units]) == units / 100
    assert len(texts) <= 16_384


def test_levels_are_pairs_of_texts():
    prices, sizes = Texts(1, 1), Texts(1, 2)
    assert levels_text([(15, 20), (14, 0)], prices, sizes) == '["1.5","2.00"],["1.4","0.00"]'
    assert levels_text([], prices, sizes) == ""
