"""The public names of `argus.bars`, and what it costs to have them at hand."""

import subprocess
import sys

import pytest

import argus.bars


def test_every_public_name_is_there():
    assert {
        name: getattr(argus.bars, name).__name__ for name in argus.bars._HOMES if name != "NAMES"
    } == {name: name for name in argus.bars._HOMES if name != "NAMES"}
    assert "tib_small" in argus.bars.NAMES


def test_unknown_name_is_refused_as_of_any_module():
    with pytest.raises(AttributeError, match="has no attribute 'tibs'"):
        _ = argus.bars.tibs


@pytest.mark.parametrize("module", ["argus.daemon.service", "argus.cli.main"])
def test_who_builds_no_bars_does_not_load_the_compiler(module: str):
    script = f"import sys, {module}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
