"""Rotations and cuts for many minutes, every fact compared: `python -m tests.soak.rotation`.

Exit code 1 if a fact is lost outside a recorded gap, repeated, out of order or of another value;
with standby also if any is lost at all.
"""

import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

from argus.clock import SystemClock
from tests.daemon.checker import Verdict
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.waiting import until

TELL_EVERY_S = 30.0
CUT_EVERY_S = 4.0


async def torment(recorder: Recorder, *, minutes: float, random: Random) -> int:
    """Cut a connection every few seconds, one that can be spared; return how many were cut."""
    clock, cuts = SystemClock(), 0
    end = clock.monotonic_ns() + int(minutes * 60e9)
    next_word = 0
    while clock.monotonic_ns() < end:
        if clock.monotonic_ns() >= next_word:
            next_word = clock.monotonic_ns() + int(TELL_EVERY_S * 1e9)
            click.echo(tell(recorder, cuts))
        await recorder.cut(random)
        cuts += 1
        await clock.sleep(random.uniform(0, 2 * CUT_EVERY_S))
    await until(lambda: any(map(recorder.is_safe, recorder.dispatcher.shards())), timeout_s=60)
    return cuts


def tell(recorder: Recorder, cuts: int) -> str:
    status = recorder.status()
    source = status.sources[0]
    return (
        f"{status.uptime_s:6.0f} s  facts {source.facts:,}  rotations {source.rotations}  "
        f"cuts {cuts}  gaps {source.gaps}  connections {len(source.connections)}  "
        f"loop late by at most {status.loop_lag_ms_max:.0f} ms"
    )


def soak(data: Path, *, source: str, minutes: float, symbols: int, rate: float, standby: int):
    """Record for so long and compare; return the verdict."""
    verdicts: list[Verdict] = []

    async def main() -> None:
        options = venue_options(source, symbols=symbols, rate=rate)
        async with recording(
            data,
            options,
            standby=standby,
            connection_lifetime_s=6,
            streams_per_connection=200,
            storage={"flush_every_s": 10, "merge_age_s": 60, "day_close_grace_s": 60},
        ) as recorder:
            await recorder.all_sewn()
            cuts = await torment(recorder, minutes=minutes, random=Random(7))
            rotations = recorder.rotations
        click.echo("comparing")
        verdict = recorder.verdict()
        verdicts.append(verdict)
        click.echo(
            f"{source} standby {standby}: facts {verdict.facts:,}  paths {verdict.paths}  "
            f"rotations {rotations}  cuts {cuts}  lost {verdict.lost}  gaps {verdict.gaps}  "
            f"wrong {len(verdict.wrong)}"
        )
        for line in verdict.wrong[:20]:
            click.echo(f"  {line}")

    run(main)
    return verdicts[0]


@click.command()
@click.option("--source", default="binance_spot", show_default=True)
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--symbols", default=200, show_default=True)
@click.option("--rate", default=2000.0, show_default=True, help="Facts per second.")
@click.option("--standby", default=1, show_default=True)
def main(*, source: str, minutes: float, symbols: int, rate: float, standby: int) -> None:
    """Record a simulated venue through rotations and cuts; compare every fact with the truth."""
    with TemporaryDirectory(prefix="argus-soak-") as folder:
        verdict = soak(
            Path(folder),
            source=source,
            minutes=minutes,
            symbols=symbols,
            rate=rate,
            standby=standby,
        )
    sys.exit(1 if verdict.wrong or (standby and verdict.lost) else 0)


if __name__ == "__main__":
    main()
