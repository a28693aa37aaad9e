"""The shapes of frames name the fields that the venue documents, and skip all others."""

import json

import msgspec
import pytest

from argus.network.sources import binance_frames as shapes
from tests.network.sources.golden import EACH, GOLDEN, frame_of

SHAPES = {
    "trade": shapes.TradeFrame,
    "agg_trade": shapes.AggTradeFrame,
    "bbo": shapes.BboFrame,
    "book_delta": shapes.DepthFrame,
    "kline": shapes.KlineFrame,
    "mark_price": shapes.MarkPriceFrame,
    "liquidation": shapes.ForceOrderFrame,
}


def keys(payload: dict) -> list[str]:
    """Every key of a payload, those of objects in it too."""
    found = list(payload)
    for value in payload.values():
        found += keys(value) if isinstance(value, dict) else []
    return found


def encoded(shape) -> list[str]:
    """Every key that a shape reads."""
    found = []
    for name, hint in shape.__annotations__.items():
        wire = shape.__struct_encode_fields__[shape.__struct_fields__.index(name)]
        found.append(wire)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            found += encoded(hint)
    return found


@pytest.mark.parametrize(("source", "name"), EACH)
def test_every_field_that_a_shape_reads_is_documented(source, name):
    documented = keys(json.loads(GOLDEN["binance_usdm"][name][1]))
    assert [key for key in encoded(SHAPES[name]) if key not in [*documented, "data"]] == []


@pytest.mark.parametrize(("source", "name"), EACH)
def test_shape_reads_a_whole_frame_and_skips_the_rest(source, name):
    stream, payload, _ = GOLDEN[source][name]
    whole = msgspec.json.decode(frame_of(stream, payload), type=SHAPES[name], strict=False)
    assert isinstance(whole, SHAPES[name])
