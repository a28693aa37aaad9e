"""How late the event loop of a recorder is: `python -m tests.soak.lag`."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.soak.machine import running
from tests.soak.pacing import pause


@click.command()
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--symbols", default=200, show_default=True)
@click.option("--rate", default=10_000.0, show_default=True, help="Facts per second.")
@click.option("--flush-every-s", default=5.0, show_default=True)
@click.option("--standby", default=1, show_default=True)
def main(*, seconds: float, symbols: int, rate: float, flush_every_s: float, standby: int) -> None:
    """Record a simulated venue and print percentiles of the loop's lateness every ten seconds."""
    with (
        TemporaryDirectory(prefix="argus-soak-") as folder,
        running(
            Path(folder), symbols=symbols, rate=rate, flush_every_s=flush_every_s, standby=standby
        ) as recorder,
    ):
        click.echo("seconds    facts/s   cpu   p50 ms   p90 ms   p99 ms p99.9 ms   max ms   merges")
        cpu_s = recorder.cpu_s
        for _ in range(int(seconds / 10)):
            pause(10)
            status, cpu_before, cpu_s = recorder.status(), cpu_s, recorder.cpu_s
            percentiles = "".join(f"{ms:9.2f}" for ms in status.loop_lag_ms_percentiles.values())
            click.echo(
                f"{status.uptime_s:7.0f}  {status.sources[0].facts_per_s:9,.0f}"
                f"{(cpu_s - cpu_before) / 10:6.2f}{percentiles}"
                f"{status.loop_lag_ms_max:9.2f}{status.storage.merges:9}"
            )


if __name__ == "__main__":
    main()
