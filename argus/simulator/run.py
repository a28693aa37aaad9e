"""Shell. A venue that runs until it is told to stop."""

import asyncio
import json

import click

from argus.simulator.options import VenueOptions
from argus.simulator.venue import Venue


async def run(options: VenueOptions, stop: asyncio.Event) -> Venue:
    """Simulate a venue until `stop` is set; return it, closed, with its truth and counts.

    When it is ready, one line of JSON on standard output says where it listens, and its seed.
    """
    async with Venue(options) as venue:
        ready = {
            "source": options.source,
            "websocket_url": venue.websocket_url,
            "websocket_urls": venue.websocket_urls,
            "rest_url": venue.rest_url,
            "seed": options.seed,
        }
        click.echo(json.dumps(ready))
        await stop.wait()
    return venue
