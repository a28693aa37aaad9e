"""Shell. `python -m argus.simulator`: a venue from the command line."""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path

import click

from argus.simulator.faults import Fault, FaultKind
from argus.simulator.limits import limits_of
from argus.simulator.options import VenueOptions
from argus.simulator.run import run
from argus.simulator.streams import Source

TRUTH_KEEP = 5_000
"""Facts of each stream in memory, for REST: a simulator may run for hours. A file has them all."""


def fault_of(text: str) -> Fault:
    """Return the fault that `KIND[:name=value,…]` stands for, as in `cut:every_s=5,spread_s=2`.

    Raises:
        click.BadParameter: saying which kinds and names there are.
    """
    kind, _, rest = text.partition(":")
    if kind not in set(FaultKind):
        allowed = ", ".join(FaultKind)
        msg = f"{kind!r} where one of {allowed} was expected"
        raise click.BadParameter(msg)
    given: dict[str, object] = {}
    for pair in filter(None, rest.split(",")):
        name, _, value = pair.partition("=")
        if name not in Fault.__dataclass_fields__ or name == "kind":
            allowed = ", ".join(sorted(Fault.__dataclass_fields__.keys() - {"kind"}))
            msg = f"{name!r} where one of {allowed} was expected"
            raise click.BadParameter(msg)
        given[name] = _value_of(name, value)
    return Fault(kind=FaultKind(kind), **given)  # type: ignore[arg-type] # names were checked


def _value_of(name: str, value: str) -> object:
    try:
        if name.endswith("_s"):
            return float(value)
        return int(value) if name == "count" or value.isdigit() else value
    except ValueError as error:
        msg = f"{value!r} as {name}, where a number was expected"
        raise click.BadParameter(msg) from error


@click.command()
@click.option(
    "--source",
    type=click.Choice([one.value for one in Source]),
    default="binance_spot",
    show_default=True,
)
@click.option("--symbols", default="20", show_default=True, help="A number, or names with commas.")
@click.option("--rate", default=1000.0, show_default=True, help="Events per second, all symbols.")
@click.option("--seed", default=1, show_default=True, help="Of the market, faults and jitter.")
@click.option("--websocket-port", default=0, show_default=True, help="0: any that is free.")
@click.option("--rest-port", default=0, show_default=True, help="0: any that is free.")
@click.option("--truth", type=click.Path(path_type=Path), help="Write what is produced to a file.")
@click.option("--lifetime-s", type=float, help="How long a connection may live.")
@click.option(
    "--replay",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Play recordings in place of a market; may be given more than once.",
)
@click.option("--speed", default=1.0, show_default=True, help="0: as fast as it is read.")
@click.option("--fault", "faults", multiple=True, help="Such as cut:every_s=5,spread_s=2.")
def main(  # noqa: PLR0913 - one argument for each option
    *,
    source: str,
    symbols: str,
    rate: float,
    seed: int,
    websocket_port: int,
    rest_port: int,
    truth: Path | None,
    lifetime_s: float | None,
    replay: tuple[Path, ...],
    speed: float,
    faults: tuple[str, ...],
) -> None:
    """Simulate a venue until it is interrupted; the first line says where it listens."""
    limits = limits_of(Source(source))
    options = VenueOptions(
        source=Source(source),
        symbols=int(symbols) if symbols.isdigit() else tuple(symbols.split(",")),
        rate=rate,
        seed=seed,
        websocket_port=websocket_port,
        rest_port=rest_port,
        truth_path=truth,
        truth_keep=TRUTH_KEEP,
        limits=limits if lifetime_s is None else replace(limits, lifetime_s=lifetime_s),
        replay=replay,
        speed=speed,
        faults=tuple(fault_of(text) for text in faults),
    )
    asyncio.run(_run_until_signal(options))


async def _run_until_signal(options: VenueOptions) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run(options, stop)


if __name__ == "__main__":
    main()
