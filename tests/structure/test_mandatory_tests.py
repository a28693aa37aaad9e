"""CI may not skip what is mandatory there."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.structure.tree import ROOT

SUITE = """
import pytest

@pytest.mark.server
def test_marked():
    pytest.skip("no server")

def test_reader(recordings):
    assert recordings

@pytest.mark.xfail(reason="known")
@pytest.mark.server
def test_known():
    assert False

def test_free():
    pytest.skip("not here")
"""


@pytest.mark.parametrize(
    ("environment", "summary"),
    [
        ({}, "3 skipped, 1 xfailed"),
        ({"CI": "true"}, "1 failed, 1 skipped, 1 xfailed, 1 error"),
    ],
)
def test_mandatory_skip_fails_in_ci_only(tmp_path, environment, summary):
    shutil.copy(ROOT / "tests/conftest.py", tmp_path / "conftest.py")
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    recordings: r\n    server: s\n")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    inherited.pop("CI", None)
    inherited["ARGUS_RECORDINGS"] = str(tmp_path / "missing")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1].startswith(summary), done.stdout
