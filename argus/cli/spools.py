"""Shell. What waits for a store on this machine, and whether InfluxDB takes rows."""

from pathlib import Path

import click
from rich.text import Text

from argus.cli.words import many, size
from argus.clock import SystemClock
from argus.config import Config
from argus.errors import ConfigError, StoreError
from argus.telemetry import Telemetry

INFLUX = "influx"

store_option = click.option(
    "--store",
    type=click.Choice(["timescale", INFLUX]),
    default="timescale",
    show_default=True,
    help="Which store.",
)


def spooled(data: Path, store: str) -> dict[str, int]:
    """Return what waits on this machine to be written, and what was set aside for good."""
    from argus.storage.spool import SPOOL

    folder = data / SPOOL / store
    waiting = [path.stat().st_size for path in folder.glob("*.parquet")]
    return {
        "chunks": len(waiting),
        "size_bytes": sum(waiting),
        "days_to_read": len(list(folder.glob("again~*.json"))),
        "refused_files": len(list((folder / "refused").glob("*.parquet"))),
    }


def shown_spool(spool: dict[str, int]) -> Text:
    """Return what waits as people read it."""
    waiting = f"{many(spool['chunks'], 'chunk')} of {size(spool['size_bytes'])}"
    days = f"{many(spool['days_to_read'], 'day')} to be read from the lake"
    aside = f"{many(spool['refused_files'], 'file')} of rows set aside"
    return Text(f"In the spool: {waiting}, {days}, {aside}")


def check_influx(config: Config) -> dict[str, str]:
    """Return whether InfluxDB takes rows: its address, and a problem or nothing.

    Raises:
        ConfigError: none is configured.
    """
    from argus.daemon.sinks.stores import stores

    found = [w.store for w in stores(config, report=Telemetry(SystemClock()))]
    for store in found:
        if store.name == INFLUX:
            problem = ""
            try:
                store.open()
            except StoreError as error:
                problem = str(error)
            finally:
                store.close()
            return {
                "address": config.influx.url,
                "bucket": config.influx.bucket,
                "problem": problem,
            }
    raise ConfigError("no InfluxDB is configured; expected its address in influx.url")
