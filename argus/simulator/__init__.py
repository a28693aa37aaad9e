"""Shell. A Binance that is not there: for the demo, the tests and the benchmarks."""

from argus.simulator.faults import Fault, FaultKind
from argus.simulator.limits import Limits, limits_of
from argus.simulator.market import Mix
from argus.simulator.options import VenueOptions
from argus.simulator.run import run
from argus.simulator.streams import Source
from argus.simulator.truth import Truth, read_truth
from argus.simulator.venue import Venue

__all__ = [
    "Fault",
    "FaultKind",
    "Limits",
    "Mix",
    "Source",
    "Truth",
    "Venue",
    "VenueOptions",
    "limits_of",
    "read_truth",
    "run",
]
