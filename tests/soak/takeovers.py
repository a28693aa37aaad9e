"""Take-overs in a row under load, and more with the new process killed at a random step.

`python -m tests.soak.takeovers`; exit code 1 if a fact is lost, repeated, out of order or of
another value, or if a gap was told.
"""

import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

from argus.clock import SystemClock
from argus.storage.gaps import read_ledger
from tests.daemon.checker import Verdict
from tests.daemon.dying import STEPS
from tests.daemon.recorder import run, venue_options
from tests.daemon.taking_over import Succession, has_died, says, succession
from tests.waiting import until

ALONE = "left"
"""The one step at which nobody records any more."""


async def kill_one(line: Succession, step: str) -> None:
    """Let a successor die at a step; the recorder that runs goes on."""
    dead = line.successor(dying_at=step)
    await dead.start()
    await until(lambda: has_died(dead), timeout_s=150)
    assert not has_died(line.running), line.running.log.read_text()[-3000:]


async def torment(line: Succession, *, hand_overs: int, kills: int, random: Random) -> None:
    """Take over so many times, then kill so many successors, each followed by one that lives."""
    steps = [step for step in STEPS if step != ALONE]
    for number in range(1, hand_overs + 1):
        await line.take_over()
        if number % 10 == 0:
            click.echo(f"{number} hand-overs")
    for number in range(1, kills + 1):
        step = random.choice(steps)
        await kill_one(line, step)
        click.echo(f"{number} killed, at {step}")
    await line.take_over()
    await says(line.running, "Took over")


def soak(
    folder: Path, *, source: str, hand_overs: int, kills: int, symbols: int, rate: float
) -> tuple[Verdict, int]:
    """Record through all of it and compare; return the verdict and the gaps in the ledger."""
    found: list[tuple[Verdict, int]] = []
    clock = SystemClock()

    async def main() -> None:
        options = venue_options(source, symbols=symbols, rate=rate)
        async with succession(folder, options) as line:
            begun = clock.monotonic_ns()
            await torment(line, hand_overs=hand_overs, kills=kills, random=Random(7))
            seconds = (clock.monotonic_ns() - begun) / 1e9
            click.echo("comparing")
            verdict = await line.finish()
            entries = read_ledger(line.data).entries
            gaps = len(entries)
            found.append((verdict, gaps))
            for entry in entries[:20]:
                click.echo(f"  {entry}")
        click.echo(
            f"{source}: facts {verdict.facts:,}  paths {verdict.paths}  "
            f"hand-overs {hand_overs + 1}  killed {kills}  seconds {seconds:.0f}  "
            f"lost {verdict.lost}  gaps {gaps}  wrong {len(verdict.wrong)}"
        )
        for text in verdict.wrong[:20]:
            click.echo(f"  {text}")

    run(main)
    return found[0]


@click.command()
@click.option("--source", default="binance_spot", show_default=True)
@click.option("--hand-overs", default=50, show_default=True)
@click.option("--kills", default=20, show_default=True)
@click.option("--symbols", default=10, show_default=True)
@click.option("--rate", default=500.0, show_default=True, help="Facts per second.")
def main(*, source: str, hand_overs: int, kills: int, symbols: int, rate: float) -> None:
    """Record a simulated venue by processes that take over; compare every fact with the truth."""
    with TemporaryDirectory(prefix="argus-soak-") as folder:
        verdict, gaps = soak(
            Path(folder),
            source=source,
            hand_overs=hand_overs,
            kills=kills,
            symbols=symbols,
            rate=rate,
        )
    sys.exit(1 if verdict.wrong or verdict.lost or gaps else 0)


if __name__ == "__main__":
    main()
