"""Options refuse what cannot be simulated, saying what can."""

import pytest

from argus.simulator.errors import OptionError
from argus.simulator.limits import Limits
from argus.simulator.options import VenueOptions
from argus.simulator.streams import Source


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("rate", 0.0),
        ("speed", -1.0),
        ("tick_ms", 0.0),
        ("truth_keep", 0),
        ("symbols", ()),
        ("symbols", 0),
        ("book_levels", 5),
        ("write_buffer_max_bytes", 10),
        ("intervals", ("1x",)),
    ],
)
def test_an_impossible_value_is_refused_by_name(option, value):
    with pytest.raises(OptionError, match=f"{option}|interval"):
        VenueOptions(source=Source.BINANCE_SPOT, **{option: value})


def test_limits_are_those_of_the_venue_unless_given():
    assert VenueOptions(source=Source.BINANCE_USDM).effective_limits.messages_per_s == 10
    own = Limits(messages_per_s=3)
    assert VenueOptions(source=Source.BINANCE_USDM, limits=own).effective_limits is own


def test_symbols_are_names_or_a_number():
    assert VenueOptions(source=Source.BINANCE_SPOT, symbols=1).names == ("BTCUSDT",)
    assert VenueOptions(source=Source.BINANCE_SPOT, symbols=("X",)).names == ("X",)
