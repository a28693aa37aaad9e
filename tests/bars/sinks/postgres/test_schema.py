"""The migrations come with the package, also when it is installed from a wheel."""

import subprocess
import sys
import zipfile

import pytest

from argus.bars.sinks.postgres.schema import migrations
from tests.structure.tree import ROOT


def test_migrations_are_numbered_without_a_hole():
    assert [m.version for m in migrations()] == list(range(1, len(migrations()) + 1))
    assert all(m.text.startswith("--") for m in migrations())


def test_folder_of_sql_shows_the_migrations():
    shown = sorted(path.name for path in (ROOT / "sql/timescale").glob("*.sql"))
    assert shown == [f"{m.version:04}_{m.name}.sql" for m in migrations()]


@pytest.mark.slow
def test_wheel_has_the_migrations(tmp_path):
    # A copy of what is packaged: building leaves folders behind.
    done = subprocess.run(
        ["cp", "-r", *(str(ROOT / n) for n in ("argus", "README.md", "LICENSE", "pyproject.toml")),
         str(tmp_path)],
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"),
            *("--wheel-dir", str(tmp_path / "wheels"), str(tmp_path)),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "wheels").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert [
        f"{m.version:04}_{m.name}.sql"
        for m in migrations()
        if f"argus/bars/sinks/postgres/migrations/{m.version:04}_{m.name}.sql" not in names
    ] == []
