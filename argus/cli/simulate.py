"""Shell. `argus simulate`: a venue that is not there, until it is interrupted."""

from collections.abc import Callable
from typing import Any

from argus.cli.command import Command, Misused, json_option
from argus.simulator.__main__ import main as simulator
from argus.simulator.errors import SimulatorError


def _telling(simulate: Callable[..., object]) -> Callable[..., None]:
    """Return the simulator's command with its errors told as ours are."""

    def told(*, as_json: bool, **options: Any) -> None:  # noqa: ANN401, ARG001 - click's options; it is JSON anyway
        try:
            simulate(**options)
        except SimulatorError as error:
            raise Misused(str(error)) from error

    return told


_HELP = """Simulate a venue until it is interrupted.

The first line on stdout, in JSON, says where it listens.
"""

assert simulator.callback is not None

# The options are the simulator's own, so that both ways to start it stay the same.
simulate = Command(
    "simulate",
    callback=_telling(simulator.callback),
    params=list(simulator.params),
    help=_HELP,
    examples=(
        "argus simulate --symbols BTCUSDT,ETHUSDT --rate 500",
        "argus simulate --source binance_usdm --lifetime-s 10 --fault cut:every_s=5",
    ),
)
simulate = json_option(simulate)
