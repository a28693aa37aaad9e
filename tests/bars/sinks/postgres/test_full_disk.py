"""A database whose disk runs full is away until there is room again; nothing is half written."""

import os
import tempfile
from pathlib import Path

import pytest

from argus.bars.sinks.postgres.store import PostgresStore
from argus.config.timescale import TimescaleConfig
from argus.errors import StoreUnreachable
from argus.events import Bar
from tests.bars.sinks.postgres.conftest import with_schema
from tests.bars.sinks.postgres.rows import bar, stored, table
from tests.bars.sinks.postgres.server import Server, postgresql
from tests.daemon.test_bad_input import mounted
from tests.daemon.test_disk_full import fill_but

SIZE_KB = 160 * 1024


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
def test_full_disk_is_told_as_an_outage_and_everything_is_there_when_it_is_over():
    server = Server(postgresql())
    with tempfile.TemporaryDirectory(prefix="argus-full-") as place:
        Path(place).chmod(0o755)
        with mounted(Path(place) / "disk", SIZE_KB) as disk:
            try:
                server.create(disk)
                run_full(server, disk / "ballast")
            finally:
                server.remove()


def until_full(store: PostgresStore, batches: list[list[Bar]]) -> int:
    """Return how many batches were written before the store was away."""
    for written, rows in enumerate(batches):
        try:
            store.write("binance_spot", "bar", table(rows))
        except StoreUnreachable:
            return written
    return len(batches)


def run_full(server: Server, ballast: Path) -> None:
    config = with_schema(TimescaleConfig(url=server.database()))
    store = PostgresStore(config)
    batches = [[bar(n) for n in range(first, first + 500)] for first in range(1, 20_001, 500)]
    fill_but(ballast, 4 << 20)
    written = until_full(store, batches)
    assert 0 < written < len(batches)
    ballast.unlink()
    # Out of room for its log the server ends itself.
    if not server.answers_still():
        server.start()
    assert len(stored(config)) == 500 * written
    for rows in batches[written:]:
        store.write("binance_spot", "bar", table(rows))
    assert [n for _, n, _, _ in stored(config)] == list(range(1, 20_001))
    store.close()
