"""A recorder with bars beside an InfluxDB that is killed and started again at random moments.

`python -m tests.soak.stores`; exit code 1 if the store ends with anything but what the lake has.
"""

import asyncio
import os
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

from argus.clock import SystemClock
from argus.config.bars import BarsConfig
from argus.config.influx import DATA_TYPES, TOKEN, InfluxConfig
from tests.bars.sinks import influx_server as servers
from tests.daemon.recorder import recording, run, venue_options
from tests.daemon.sinks.compared import KINDS, bars_in_lake, bars_in_store, fed, in_lake, in_store

STORAGE = {"flush_every_s": 1.0, "merge_age_s": 5.0, "day_close_grace_s": 5.0}
UP_S, DOWN_S = 20.0, 10.0


def soak(folder: Path, *, source: str, minutes: float, spool_bytes_max: int) -> list[str]:
    """Record through all of it; return what differs, and how often the server was killed."""
    random, clock, wrong = Random(3), SystemClock(), list[str]()
    os.environ[TOKEN] = servers.TOKEN

    async def main(server: servers.InfluxServer) -> None:
        influx = InfluxConfig(
            url=server.url,
            bucket=servers.BUCKET,
            data_types=DATA_TYPES,
            spool_bytes_max=spool_bytes_max,
        )
        sections = {"influx": influx, "bars": BarsConfig(profiles=("1s", "tib_small", "vpin"))}
        options = venue_options(source, symbols=20, rate=500)
        deadline = clock.monotonic_ns() + int(minutes * 60e9)
        async with recording(folder / "data", options, storage=STORAGE, sections=sections) as rec:
            while clock.monotonic_ns() < deadline:
                await clock.sleep(random.uniform(0, UP_S))
                await asyncio.to_thread(server.kill)
                await clock.sleep(random.uniform(0, DOWN_S))
                await asyncio.to_thread(server.start)
            await fed(rec)
        wrong.extend(rec.verdict().wrong)
        wrong.extend(_differing(rec.data, server))

    with servers.influx_server(folder / "server") as server:
        run(lambda: main(server))
    return wrong


def _differing(data: Path, server: servers.InfluxServer) -> list[str]:
    found = [name for name in KINDS if in_lake(data, name) != in_store(server, name)]
    return found + (["bar"] if bars_in_lake(data) != bars_in_store(server) else [])


@click.command()
@click.option("--source", default="binance_spot")
@click.option("--minutes", default=10.0)
@click.option("--spool-bytes-max", default=10**9)
def main(source: str, minutes: float, spool_bytes_max: int) -> None:
    """Run it in a scratch folder."""
    with TemporaryDirectory() as folder:
        wrong = soak(Path(folder), source=source, minutes=minutes, spool_bytes_max=spool_bytes_max)
    click.echo("the store has what the lake has" if not wrong else f"differ: {wrong}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
