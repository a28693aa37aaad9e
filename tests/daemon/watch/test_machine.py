"""What the machine says, and what it is when it says nothing."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from argus.daemon.watch.machine import LocalMachine

MIB = 2**20


def machine(folder: Path, groups: str, **limits: str) -> LocalMachine:
    """A machine whose files say this; `__` stands for `/` and `_dot_` for a full stop."""
    proc, cgroup = folder / "proc", folder / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "self/cgroup").write_text(groups)
    for name, text in limits.items():
        file = cgroup / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return LocalMachine(proc, cgroup)


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/a/b\n", {"a__b__memory_dot_max": str(64 * MIB)}, 64 * MIB),
        (
            "0::/a/b\n",
            {"a__memory_dot_max": str(32 * MIB), "a__b__memory_dot_max": "max"},
            32 * MIB,
        ),
        ("0::/not/seen/from/inside\n", {"memory_dot_max": str(16 * MIB)}, 16 * MIB),
        ("0::/\n", {"memory_dot_max": "max"}, None),
        (
            "4:memory:/x\n1:cpu:/y\n0::/\n",
            {"memory__x__memory_dot_limit_in_bytes": str(8 * MIB)},
            8 * MIB,
        ),
        ("4:memory:/\n", {"memory__memory_dot_limit_in_bytes": "9223372036854771712"}, None),
        ("1:cpu:/\n", {"cpu__memory_dot_max": "5"}, None),
    ],
)
def test_limit_of_memory_is_the_lowest_of_the_control_groups(tmp_path, groups, limits, expected):
    assert machine(tmp_path, groups, **limits).memory_bytes_max() == expected


def test_machine_that_says_nothing_is_not_watched(tmp_path: Path):
    silent = LocalMachine(tmp_path / "proc", tmp_path / "cgroup")
    assert (silent.descriptors(), silent.memory_bytes()) == (None, None)
    assert silent.memory_bytes_max() is None


def test_open_files_are_counted(tmp_path: Path):
    here = LocalMachine()
    before = here.descriptors()
    if before is None:
        pytest.skip("no /proc here")
    with (tmp_path / "a").open("w"), (tmp_path / "b").open("w"):
        assert here.descriptors() == before + 2


def test_memory_that_is_taken_is_seen():
    here = LocalMachine()
    before = here.memory_bytes()
    if before is None:
        pytest.skip("no /proc here")
    taken = bytearray(b"x" * 64 * MIB)
    assert (here.memory_bytes() or 0) - before > 32 * MIB
    assert len(taken) == 64 * MIB


def test_soft_limit_of_descriptors_is_raised_to_the_hard_one():
    script = """
import resource
from argus.daemon.watch.machine import LocalMachine
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
print(LocalMachine().raise_descriptors(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    raised = "None" if hard == resource.RLIM_INFINITY else str(hard)
    assert done.stdout.split() == [raised, str(hard), str(hard)]


def test_size_of_a_disk_is_known_before_the_folder_is(tmp_path: Path):
    here = LocalMachine()
    assert here.disk_bytes(tmp_path / "a" / "b") == here.disk_bytes(tmp_path) > 0
