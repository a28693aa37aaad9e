"""Shell. `argus bars follow`: candles of a running recorder as they change."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import click

from argus.bars.candles import Candle, Maker
from argus.cli.command import Command, config_option, data_option, json_option
from argus.cli.settings import settings
from argus.cli.words import instant
from argus.clock import SystemClock
from argus.control.client import ask
from argus.errors import DaemonError

LOOK_EVERY_S = 0.5
LAST_MAX = 5000
"""Candles that a recorder gives at most."""
HEADS = ("begin", "open", "high", "low", "close", "volume", "trades", "")
WIDTHS = (24, 12, 12, 12, 12, 14, 9, 0)

type_of_ask: TypeAlias = Callable[[int], dict[str, Any]]


def changes(
    ask_since: type_of_ask, wait: Callable[[], None], first: dict[str, Any]
) -> Iterator[Candle]:
    """Give the candles there are, then each that changes, without an end.

    Args:
        ask_since: number of the last change to the answer of the verb `candles`.
        wait: called between two looks.
        first: the answer to 0.

    Raises:
        DaemonError: the recorder went away, refuses, or what it answers is not understood.
    """
    answer = first
    while True:
        since = int(answer["change"])
        for found in answer["candles"]:
            yield _candle(found)
        wait()
        answer = ask_since(since)


def _candle(found: dict[str, Any]) -> Candle:
    try:
        return Candle(**{**found, "maker": Maker(found["maker"])})
    except (TypeError, ValueError, KeyError) as error:
        raise DaemonError(f"the recorder's candles are not understood: {error}") from error


def line_of(candle: Candle) -> str:
    """Return a candle as a line for people."""
    marks = [
        *([] if candle.closed else ["forming"]),
        *(["from the venue"] if candle.maker is Maker.VENUE else []),
        *(["trades missing"] if candle.gap else []),
    ]
    cells = (
        instant(candle.ts_open),
        *(f"{value:.8g}" for value in (candle.open, candle.high, candle.low, candle.close)),
        f"{candle.volume:.8g}",
        f"{candle.trades:,}",
    )
    return "  ".join([*_padded(cells), ", ".join(marks)]).rstrip()


def _padded(cells: tuple[str, ...]) -> list[str]:
    first, *others = zip(cells, WIDTHS, strict=False)
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]


@click.command(
    cls=Command,
    examples=(
        "argus bars follow BTCUSDT",
        "argus bars follow ETHUSDT --source binance_usdm --interval 5m --last 20",
    ),
)
@click.argument("symbol")
@click.option("--interval", default="1m", show_default=True, help="Length of a candle.")
@click.option("--source", default="", help="Of which source; needed if several are recorded.")
@click.option(
    "--last",
    type=click.IntRange(1, LAST_MAX),
    default=20,
    show_default=True,
    help="So many candles to begin with.",
)
@click.option("--count", type=click.IntRange(min=1), help="End after so many lines.")
@config_option
@data_option
@json_option
def follow(  # one argument per option
    symbol: str,
    *,
    interval: str,
    source: str,
    last: int,
    count: int | None,
    config: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show the last candles of any interval, then each change, until interrupted.

    Asks the running recorder. Candles are made of what it records; where that has none they are
    the venue's, which is said. With --json each change is a line of its own.
    """
    socket = Path(settings(config, data).socket)
    wanted = {"symbol": symbol, "interval": interval, "source": source, "last": last}

    def ask_since(since: int) -> dict[str, Any]:
        answer = ask(socket, "candles", {**wanted, "since": since})
        if not isinstance(answer, dict):
            raise DaemonError("the recorder's candles are not understood: no object")
        return answer

    def wait() -> None:
        asyncio.run(SystemClock().sleep(LOOK_EVERY_S))

    first = ask_since(0)  # What is wrong is said before anything is shown.
    if not first["candles"]:
        click.echo(f"no candle of {symbol} yet; waiting for its trades", err=True)
    if not as_json:
        click.echo("  ".join(_padded(HEADS[:-1])))
    is_rewritten = False
    for candle in itertools.islice(changes(ask_since, wait, first), count):
        if as_json:
            click.echo(
                json.dumps({name: getattr(candle, name) for name in candle.__struct_fields__})
            )
            continue
        # On a terminal the candle that is not over stays on one line.
        clear = "\r\033[K" if is_rewritten else ""
        is_rewritten = sys.stdout.isatty() and not candle.closed
        click.echo(clear + line_of(candle), nl=not is_rewritten)
