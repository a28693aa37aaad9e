"""The same seed gives the same day: what happens, in its order, and every byte of the lake."""

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.simulation.day import Day
from tests.simulation.options import options

ROOT = Path(__file__).parents[2]


def told_by(seed: int, folder: Path) -> list[str]:
    """Return what happened on a day, and what the files hold in the end."""
    folder.mkdir()
    day = Day(replace(options(seed), hours=12.0), folder)
    outcome = day.run()
    happenings = [line.replace(str(folder), "") for line in outcome.happenings]
    files = sorted(path for path in day.data.rglob("*") if path.is_file())
    marks = [f"{f.relative_to(day.data)} {sha256(f.read_bytes()).hexdigest()}" for f in files]
    return [*happenings, *marks, str(outcome)]


@pytest.mark.parametrize("seed", [2, 12, 34])
def test_same_seed_gives_the_same_happenings_and_the_same_bytes(tmp_path, seed):
    first, second = told_by(seed, tmp_path / "first"), told_by(seed, tmp_path / "second")
    assert first == second
    assert len(first) > 100


def test_another_seed_gives_another_day(tmp_path):
    assert told_by(2, tmp_path / "first") != told_by(3, tmp_path / "second")


def test_day_does_not_depend_on_the_order_of_sets(tmp_path):
    """Texts hash differently in each process, so sets of them are walked differently."""
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.simulation.test_repeatable import told_by\n"
        "print('\\n'.join(told_by(34, Path(sys.argv[1]))))"
    )
    stories = []
    for number in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", script, str(tmp_path / number)]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        stories.append(done.stdout.splitlines())
    assert stories[0] == stories[1]
