"""Fields that no event carries are told once, and never cost a fact."""

import pytest

from argus.network.sample import UnknownFields
from argus.network.sources import SOURCES
from argus.telemetry import FieldUnknown, Happening

CHANNEL = SOURCES["binance_spot"].channels[0]


def looked(*frames: bytes) -> list[Happening]:
    told: list[Happening] = []
    look = UnknownFields("venue", told.append).first(CHANNEL)
    for frame in frames:
        look(frame)
    return told


def test_unknown_field_is_told_once_a_channel():
    frame = b'{"stream":"x","data":{"e":"trade","zz":1,"t":5}}'
    assert looked(frame, frame) == [FieldUnknown("venue", "trade", "zz")]


def test_each_unknown_field_is_told_in_the_order_of_the_frame():
    frame = b'{"stream":"x","data":{"zz":1,"t":5,"yy":{"t":1}}}'
    assert looked(frame) == [
        FieldUnknown("venue", "trade", "zz"),
        FieldUnknown("venue", "trade", "yy"),
    ]


def test_known_fields_are_passed_over():
    assert looked(b'{"stream":"x","data":{"e":"trade","E":1,"s":"BTC","t":1,"M":true}}') == []


@pytest.mark.parametrize(
    "frame", [b'{"stream":"x"}', b'{"stream":"x","data":[{"zz":1}]}', b'{"data":null}', b"[1]"]
)
def test_frame_of_another_shape_tells_nothing(frame):
    assert looked(frame) == []


@pytest.mark.parametrize("frame", [b"", b"{", b'{"data":{"zz":"\\ud800"}}', b"[" * 5000])
def test_frame_that_only_the_typed_decoder_understands_tells_nothing(frame):
    assert looked(frame) == []


def test_unknown_field_whose_value_is_no_text_is_told_all_the_same():
    frame = b'{"stream":"x","data":{"t":5,"zz":"\xff"}}'
    assert looked(frame) == [FieldUnknown("venue", "trade", "zz")]
