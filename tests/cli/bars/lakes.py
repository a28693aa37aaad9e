"""A small lake with trades of two symbols, and what is typed at it."""

from pathlib import Path

from click.testing import CliRunner, Result

from argus.cli.main import main
from tests.daemon.bulk.rigs import market, recorder

FACTS = market(1200)
BUILD = ("bars", "build", "--profile", "1m", "--profile", "tib_small")


def made(data: Path) -> Path:
    """Record trades of A and B, some merged and some not."""
    live = recorder(data)
    live.chunk({"A": FACTS[:500], "B": market(300, seed=5)})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    live.chunk({"A": FACTS[500:]})
    return data


def typed(data: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [*words, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result
