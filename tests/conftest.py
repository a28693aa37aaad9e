"""What all tests share: recorded traffic, Hypothesis profiles, and what CI may not skip."""

import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
IS_CI = bool(os.environ.get("CI"))

# A test with one of these markers may be skipped at a desk, where something is missing; in CI the
# same skip would hide that a promise was not checked.
MANDATORY = ("recordings", "server")

# No deadlines: a slow machine proves nothing. In CI the same examples each time, so that a red
# run is about the change; at a desk new ones, so that bugs are found.
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if IS_CI else "desk")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of recorded exchange traffic, one folder per source, `<ns> <json>` per line."""
    folder = Path(os.environ.get("ARGUS_RECORDINGS") or ROOT.parent / "shared/recordings")
    if not folder.is_dir():
        pytest.skip(f"no recordings in {folder}; ARGUS_RECORDINGS says where they are")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what reads recordings, so that nobody has to remember it."""
    for item in items:
        if "recordings" in getattr(item, "fixturenames", ()):
            item.add_marker("recordings")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Let a skipped test fail where it is mandatory."""
    report = yield
    mandatory = [name for name in MANDATORY if item.get_closest_marker(name)]
    if IS_CI and mandatory and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"marked {', '.join(mandatory)}, so CI may not skip it: {reason}"
    return report
