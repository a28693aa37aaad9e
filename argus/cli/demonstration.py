"""Shell. The demo while it runs: simulated venues, a recorder, and a screen that shows both."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.live import Live

from argus.cli.logs import silence
from argus.cli.output import console
from argus.cli.screen import line, screen
from argus.cli.settings import known
from argus.cli.stopping import stopping
from argus.clock import Clock
from argus.config import Config, parse
from argus.control.status import Status
from argus.daemon.service import Service, serve
from argus.daemon.verbs import status_of
from argus.daemon.world import this_machine
from argus.simulator import Source, Venue, VenueOptions, limits_of
from argus.telemetry import Telemetry

# Connections are replaced so often; the venue would cut them at twice that age.
LIFETIME_S = 6.0
SCREEN_EVERY_S = 0.5
LINE_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What is to be shown: for how long, of how many symbols, at how many events per second."""

    data: Path
    seconds: float
    symbols: int
    rate: float
    is_quiet: bool = False


async def show_off(asked: Demonstration, *, clock: Clock) -> Status:
    """Record simulated venues for a while, showing what happens; return the last status.

    A signal ends it early; everything is flushed and merged either way.
    """
    silence()
    stop, begun = asyncio.Event(), asyncio.Event()
    services: list[Service] = []

    def ready(service: Service) -> None:
        services.append(service)
        begun.set()

    async def watch() -> None:
        await begun.wait()
        await _watch(services[0], asked, stop=stop, clock=clock)
        stop.set()

    async with AsyncExitStack() as stack:
        stack.enter_context(stopping(stop))
        venues = [await stack.enter_async_context(v) for v in _venues(asked)]
        config = demo_config(asked.data, venues)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(watch())
            world = replace(this_machine(), clock=clock)
            await serve(config, world=world, telemetry=Telemetry(clock), stop=stop, ready=ready)
            watching.cancel()
    return await asyncio.to_thread(status_of, services[0])


def _venues(asked: Demonstration) -> list[Venue]:
    return [
        Venue(
            VenueOptions(
                source=source,
                symbols=asked.symbols,
                rate=asked.rate,
                limits=replace(limits_of(source), lifetime_s=2 * LIFETIME_S),
            )
        )
        for source in Source
    ]


def demo_config(data: Path, venues: list[Venue]) -> Config:
    """Return a configuration that records all that simulated venues have, in quick motion."""
    tables: dict[str, object] = {
        # A demo takes little room, and nothing of it would be seen if merging waited.
        "storage": {"data": str(data), "flush_every_s": 2, "disk_low_bytes": 0},
        "sources": {str(v.options.source): _source(v) for v in venues},
    }
    return parse(tables, known=known(), file="the demo")


def _source(venue: Venue) -> Mapping[str, object]:
    urls = venue.websocket_urls
    address = {"websocket_urls": urls} if urls else {"websocket_url": venue.websocket_url}
    return {
        **address,
        "rest_url": venue.rest_url,
        "symbols": {"status": "TRADING"},
        "connection_lifetime_s": LIFETIME_S,
        "universe_every_s": 10,
        "open_interest_every_s": 5,
        "snapshot_levels": 100,
    }


async def _watch(
    service: Service, asked: Demonstration, *, stop: asyncio.Event, clock: Clock
) -> None:
    """Show the recorder's status until the time is over or `stop` is set."""
    writing = console()
    is_screen = writing.is_terminal and not asked.is_quiet
    every_s = SCREEN_EVERY_S if is_screen else LINE_EVERY_S
    end = clock.monotonic_ns() + int(asked.seconds * 1e9)
    live = Live(console=writing, auto_refresh=False, screen=False) if is_screen else nullcontext()
    with live as shown:
        while not stop.is_set() and clock.monotonic_ns() < end:
            left_s = (end - clock.monotonic_ns()) / 1e9
            await _pause(stop, min(every_s, left_s))
            status = await asyncio.to_thread(status_of, service)
            if shown is not None:
                shown.update(screen(status), refresh=True)
            elif not asked.is_quiet:
                click.echo(line(status))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Let a time pass, or less if the demo is to end."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
