"""Shell. `argus bars` and its verbs."""

import click

from argus.cli.bars.building import build
from argus.cli.bars.following import follow
from argus.cli.bars.listing import list_
from argus.cli.bars.showing import show_


@click.group()
def bars() -> None:
    """List, build, show and follow bars: candles by time, volume, imbalance, runs and VPIN."""


for verb in (list_, build, show_, follow):
    bars.add_command(verb)
