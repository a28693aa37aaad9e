"""A recorder killed hundreds of times under load: `python -m tests.soak.kills`.

Each round has a venue and a data folder of its own. After the kills of a round everything is
compared with the truth; then the gaps are backfilled and compared again. How late a recorder
wrote down what it had seen is measured as well, from the last trade in the lake to the kill.
"""

import sys
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import click

from argus.clock import SystemClock
from argus.simulator.venue import Venue
from tests.daemon.checker import check, stored
from tests.daemon.killing import Daemon, written
from tests.daemon.recorder import run, venue_options
from tests.daemon.test_kill import CHAINS, backfilled, compared, killed

SETTLE_FACTS = 50_000


def lateness_ms(daemon: Daemon, source: str, symbols: list[str], kills: list[int]) -> list[float]:
    """How long before each kill the last trade was that survived; kills within the first second of
    a run, when nothing had been recorded, are left out."""
    instants = sorted(
        ts for s in symbols for (ts,) in stored(daemon.data, source, "trade", s, ("ts_event",))
    )
    found = []
    for kill in kills:
        before = [ts for ts in instants if kill - 1_000_000_000 < ts <= kill]
        if before:
            found.append((kill - before[-1]) / 1e6)
    return found


async def round_of(folder: Path, *, source: str, kills: int, rate: float, random: Random) -> bool:
    """Kill a recorder so often; compare; return whether all is well."""
    clock = SystemClock()
    async with Venue(venue_options(source, symbols=10, rate=rate)) as venue:
        daemon = Daemon(written(folder, venue), folder / "data")
        instants = []
        for _ in range(kills):
            await killed(daemon, random)
            instants.append(clock.now_ns())
        await daemon.start()
        await daemon.records(SETTLE_FACTS)
        venue.pause()
        await daemon.settled()
        code = await daemon.stop()
        first = check(daemon.data, source, venue.truth, compared(source))
        symbols = sorted({symbol for _, symbol, _ in venue.truth.streams()})
        late = lateness_ms(daemon, source, symbols, instants)
        await backfilled(daemon)
        second = check(daemon.data, source, venue.truth, CHAINS[source])
        click.echo(
            f"{source}: kills {kills}  facts {first.facts:,}  lost {first.lost:,} in "
            f"{first.gaps:,} gaps  wrong {len(first.wrong)}  exit {code}; after backfill lost "
            f"{second.lost} of {second.facts:,} {' and '.join(CHAINS[source])}, wrong "
            f"{len(second.wrong)}; last trade before a kill: median {median(late):.0f} ms, at most "
            f"{max(late):.0f} ms before it"
        )
        for line in [*first.wrong, *second.wrong][:10]:
            click.echo(f"  {line}")
        return not first.wrong and not second.wrong and second.lost == 0 and code == 0


@click.command()
@click.option("--source", default="binance_spot", show_default=True)
@click.option("--rounds", default=10, show_default=True)
@click.option("--kills", default=20, show_default=True, help="Kills per round.")
@click.option("--rate", default=5000.0, show_default=True, help="Messages per second.")
@click.option("--seed", default=1, show_default=True)
def main(*, source: str, rounds: int, kills: int, rate: float, seed: int) -> None:
    """Kill a recorder of a simulated venue again and again; compare every fact with the truth."""
    wells: list[bool] = []

    async def one(number: int) -> None:
        with TemporaryDirectory(prefix="argus-kills-") as folder:
            random = Random(seed * 1000 + number)
            wells.append(
                await round_of(Path(folder), source=source, kills=kills, rate=rate, random=random)
            )

    for number in range(rounds):
        run(lambda n=number: one(n))  # type: ignore[misc]
    click.echo(f"{sum(wells)} of {rounds} rounds are well")
    sys.exit(0 if all(wells) else 1)


if __name__ == "__main__":
    main()
