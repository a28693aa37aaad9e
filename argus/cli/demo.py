"""Shell. `argus demo`: a simulated venue and a recorder in one command, and what came of it."""

from pathlib import Path

import click
import numpy as np

from argus.cli.command import Command, Failed, data_option, json_option
from argus.cli.output import answer_json, show
from argus.cli.settings import settings
from argus.cli.stopping import run
from argus.clock import SystemClock
from argus.errors import ConfigError


@click.command(
    cls=Command,
    examples=("argus demo", "argus demo --seconds 10 --symbols 50 --rate 5000"),
    exit_codes={1: "it failed, or the lake is not well"},
)
@click.option("--seconds", type=click.FloatRange(min=1), default=30.0, show_default=True)
@click.option("--symbols", type=click.IntRange(1, 500), default=10, show_default=True)
@click.option(
    "--rate",
    type=click.FloatRange(min=1),
    default=1000.0,
    show_default=True,
    help="Trades, quotes and book updates per second of each venue, over all its symbols.",
)
@data_option
@json_option
def demo(*, seconds: float, symbols: int, rate: float, data: Path | None, as_json: bool) -> None:
    """Record a simulated Binance and look at the result.

    Connections live for a few seconds only, so that rotations are seen. It records into a folder
    of its own below the data folder, or into the one that --data names, which has to be new.
    """
    from argus.cli.demonstration import Demonstration, show_off
    from argus.cli.report import as_plain, report, summarize

    clock = SystemClock()
    folder = data_folder(data, clock.now_ns())
    if not as_json:
        click.echo(f"recording a simulated Binance into {folder} for {seconds:g} s; ^C ends it")
    asked = Demonstration(folder, seconds=seconds, symbols=symbols, rate=rate, is_quiet=as_json)
    status = run(show_off(asked, clock=clock))
    summary = summarize(folder, status)
    if as_json:
        answer_json(as_plain(summary))
    else:
        show(report(summary))
    if not summary.audit.is_well:
        raise Failed(f"the lake is not well; `argus verify --data {folder}` says where")


def data_folder(option: Path | None, now_ns: int) -> Path:
    """Return a new folder to record into: the option, else one named by the time.

    Raises:
        ConfigError: the folder has a lake already, with which simulated facts would mix.
    """
    if option is None:
        name = str(np.datetime64(now_ns, "ns").astype("datetime64[s]"))
        return Path(settings().data) / "demo" / name.replace(":", "").replace("-", "")
    if (option / "lake").exists():
        raise ConfigError(
            f"{option} has a lake already; simulated facts belong into a folder of their own; "
            "at --data"
        )
    return option
