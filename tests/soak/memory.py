"""How much memory a recorder holds over time: `python -m tests.soak.memory --minutes 30`.

Exit code 1 if it grows by more than a megabyte a minute over the second half.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from tests.soak.machine import running
from tests.soak.pacing import pause

GROWTH_MB_PER_MINUTE_MAX = 1.0
MB = 1e6


@click.command()
@click.option("--minutes", default=30.0, show_default=True)
@click.option("--symbols", default=200, show_default=True)
@click.option("--rate", default=20_000.0, show_default=True, help="Facts per second.")
@click.option("--flush-every-s", default=20.0, show_default=True)
@click.option("--every-s", default=15.0, show_default=True)
def main(
    *, minutes: float, symbols: int, rate: float, flush_every_s: float, every_s: float
) -> None:
    """Record a simulated venue and print its memory over time, and the slope."""
    samples: list[tuple[float, float]] = []
    with (
        TemporaryDirectory(prefix="argus-soak-") as folder,
        running(Path(folder), symbols=symbols, rate=rate, flush_every_s=flush_every_s) as recorder,
    ):
        click.echo(
            "minutes    facts/s    RSS MB   pending rows   chunks   merges    gaps   dropped"
        )
        while not samples or samples[-1][0] < minutes:
            pause(every_s)
            status, rss = recorder.status(), recorder.rss_bytes / MB
            samples.append((status.uptime_s / 60, rss))
            source, storage = status.sources[0], status.storage
            click.echo(
                f"{samples[-1][0]:7.1f}{source.facts_per_s:11,.0f}{rss:10.1f}"
                f"{storage.pending_rows:15,}{storage.chunks:9}{storage.merges:9}{source.gaps:8}"
                f"{storage.rows_dropped:10}"
            )
    slope = growth(samples)
    click.echo(f"growth over the second half: {slope:+.2f} MB a minute")
    sys.exit(1 if slope > GROWTH_MB_PER_MINUTE_MAX else 0)


def growth(samples: list[tuple[float, float]]) -> float:
    """Return the slope of the second half of the samples, in MB a minute."""
    half = np.array(samples[len(samples) // 2 :])
    return float(np.polyfit(half[:, 0], half[:, 1], 1)[0]) if len(half) > 1 else 0.0


if __name__ == "__main__":
    main()
