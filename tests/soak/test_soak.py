"""What takes many minutes: `make soak`. SOAK_MINUTES says how many."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.soak import memory, stores, takeovers
from tests.soak.rotation import soak

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("standby", [1, 0])
@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_minutes_of_rotations_and_cuts(tmp_path: Path, source: str, standby: int):
    verdict = soak(
        tmp_path, source=source, minutes=MINUTES, symbols=200, rate=2000, standby=standby
    )
    assert verdict.wrong == []
    assert not (standby and verdict.lost)


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_take_overs_in_a_row_and_killed_ones(tmp_path: Path, source: str):
    verdict, gaps = takeovers.soak(
        tmp_path, source=source, hand_overs=50, kills=20, symbols=10, rate=500
    )
    assert (verdict.wrong, verdict.lost, gaps) == ([], 0, 0)


@pytest.mark.server
@pytest.mark.parametrize("spool_bytes_max", [10**9, 10**6])
@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_minutes_of_a_store_that_is_killed(tmp_path: Path, source: str, spool_bytes_max: int):
    wrong = stores.soak(tmp_path, source=source, minutes=MINUTES, spool_bytes_max=spool_bytes_max)
    assert wrong == []


def test_memory_is_flat():
    result = CliRunner().invoke(memory.main, ["--minutes", str(3 * MINUTES)])
    assert result.exit_code == 0, result.output
