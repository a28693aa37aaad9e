"""What keeps compiled code from being out of date, torn, or impossible."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from argus.bars import compiled
from argus.bars.compiled import stamp
from tests.structure.tree import ROOT

ONE, TWO = 1, 2


@compiled.compiled
def inner(x: float) -> float:
    return x + ONE


@compiled.compiled
def outer(x: float) -> float:
    return inner(x) * 2.0


def test_stamp_follows_the_code_of_what_is_called(monkeypatch: pytest.MonkeyPatch):
    before = stamp(outer)
    assert stamp(outer) == before
    assert stamp(outer, besides="layout") != before
    with monkeypatch.context() as patched:
        patched.setitem(globals(), "ONE", 2)
        assert stamp(outer) != before
    plain = inner.py_func  # type: ignore[attr-defined]
    monkeypatch.setattr(plain, "__code__", (lambda x: x - ONE).__code__)
    assert stamp(outer) != before


SMALL = """
import sys
from numba import types
from argus.bars.compiled import kept

@kept(types.int64(types.int64))
def twice(x):
    return 2 * x

print(twice(21), sum(twice.stats.cache_hits.values()))
"""


def run(folder: Path, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "small.py"], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.py").write_text(SMALL)
    return tmp_path


def test_what_was_compiled_is_loaded(folder):
    assert run(folder) == ["42", "0"]
    assert run(folder) == ["42", "1"]


@pytest.mark.parametrize("kind", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("length", [0, 100])
def test_torn_cache_is_written_anew(folder, kind, length):
    run(folder)
    for path in (folder / "__pycache__").glob(kind):
        path.write_bytes(path.read_bytes()[:length])
    assert run(folder)[0] == "42"
    assert run(folder) == ["42", "1"]


def test_without_a_folder_to_write_to_nothing_is_kept(folder):
    """A file stands where the folders would be made, so that it holds for root, too."""
    (folder / "__pycache__").write_text("")
    (folder / "home").write_text("")
    elsewhere = {"HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "home/cache")}
    assert run(folder, **elsewhere) == ["42", "0"]
    assert run(folder, **elsewhere) == ["42", "0"]


def test_installation_that_is_read_only_uses_the_users_folder(folder):
    (folder / "__pycache__").write_text("")
    home = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    assert run(folder, **home) == ["42", "0"]
    assert run(folder, **home) == ["42", "1"]
    shutil.rmtree(folder / "cache")
