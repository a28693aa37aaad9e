"""What is seen of a recorder."""

from dataclasses import replace

from rich.console import Console

from argus.cli.screen import line, screen
from argus.control.status import BarsStatus, ClockStatus, MachineStatus, SinkState, SinkStatus
from tests.cli.test_running import STATUS


def test_status_in_one_line():
    assert line(STATUS) == (
        "1 h 2 min  streams 10  connections 0  facts 1,234  (0/s)  rotations 0  gaps 3  "
        "chunks 5  date files 0"
    )


def seen(machine: MachineStatus, clock: ClockStatus | None) -> list[str]:
    """The last row of the screen, cell by cell."""
    (source,) = STATUS.sources
    status = replace(STATUS, machine=machine, sources=(replace(source, clock=clock),))
    console = Console(width=160)
    with console.capture() as captured:
        console.print(screen(status))
    row = [text for text in captured.get().splitlines() if text.strip()][-1]
    return [cell for cell in row.strip().split("  ") if cell]


def test_machine_is_seen_with_its_limits_and_the_clocks_of_the_venues():
    machine = MachineStatus(
        disk="low",
        disk_free_bytes=2**30,
        descriptors=40,
        descriptors_max=1024,
        memory_bytes=2**28,
        memory_bytes_max=2**31,
        clock_steps=2,
    )
    clock = ClockStatus(offset_s=-0.0125, error_s=0.004, rtt_s=0.008, ts=1)
    assert [cell.strip() for cell in seen(machine, clock)] == [
        *("low", "1.0 GiB", "40 of 1,024", "256.0 MiB of 2.0 GiB", "2"),
        "binance_spot -12.5 ± 4.0 ms",
    ]


def test_machine_without_limits_shows_what_is_used():
    machine = MachineStatus(descriptors=40, memory_bytes=2**28, disk_free_bytes=2**30)
    assert [cell.strip() for cell in seen(machine, None)] == [
        *("ok", "1.0 GiB", "40", "256.0 MiB", "0", "-"),
    ]


def test_bars_are_seen_where_any_are_built():
    bars = BarsStatus(
        source="binance_spot",
        of_data_type="trade",
        profiles=("1m", "vpin"),
        symbols=3,
        behind=1,
        bars=1200,
        revised=2,
        trades_behind=17,
        errors={"BTCUSDT": "ValueError: odd"},
    )
    console = Console(width=160)
    with console.capture() as captured:
        console.print(screen(replace(STATUS, bars=(bars, replace(bars, errors={})))))
    rows = [text for text in captured.get().splitlines() if "1m, vpin" in text]
    cells = [[cell.strip() for cell in row.split("  ") if cell.strip()] for row in rows]
    same = ["binance_spot trade", "1m, vpin", "3", "1", "1,200", "2", "17"]
    assert cells == [[*same, "BTCUSDT: ValueError: odd"], [*same, "-"]]


def test_stores_are_seen_with_what_waits_for_them():
    away = SinkStatus(
        store="influx",
        state=SinkState.AWAY,
        chunks=12,
        chunk_bytes=2**20,
        notes=3,
        oldest_s=90.0,
        rows_written=4567,
        error="no answer",
    )
    console = Console(width=160)
    with console.capture() as captured:
        console.print(screen(replace(STATUS, sinks=(away, SinkStatus(store="timescale")))))
    rows = [text.split() for text in captured.get().splitlines() if text.strip()][-2:]
    assert [" ".join(row) for row in rows] == [
        "influx away 12 chunks 1.0 MiB 1 min 30 s 3 days 4,567 0 no answer",
        "timescale opening 0 chunks 0 B - 0 days 0 0 -",
    ]
