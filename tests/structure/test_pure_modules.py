"""Pure modules are pure: no clock, no randomness, no I/O, no asyncio, no shell (rules 1 and 14)."""

import ast

import pytest

from tests.structure.tree import Module, dotted, imports, modules, statements

PACKAGE = modules("argus")

# What a pure module may not import. Types are free: what stands below `if TYPE_CHECKING:` counts
# for nothing, so `def shuffled(..., random: Random)` is how a pure module takes its randomness.
IMPURE = {
    "clock": {"time", "datetime", "sched"},
    "randomness": {"random", "secrets", "uuid", "numpy.random"},
    "I/O": {
        "os", "io", "pathlib", "shutil", "tempfile", "glob", "socket", "ssl", "select",
        "selectors", "subprocess", "signal", "logging", "http", "urllib.request", "sqlite3",
        "aiohttp", "picows", "websockets", "duckdb", "rich", "click", "pyarrow.parquet",
        "pyarrow.dataset", "pyarrow.fs",
    },
    "concurrency": {
        "asyncio", "threading", "multiprocessing", "concurrent", "queue", "uvloop", "apscheduler",
    },
}  # fmt: skip
ALLOWED = {"pathlib.PurePath", "pathlib.PurePosixPath", "urllib.parse"}


def impurity(imported: str) -> str | None:
    """Say what an import would bring into a pure module, or None if it is welcome."""
    if imported in ALLOWED:
        return None
    for what, names in IMPURE.items():
        if any(imported == name or imported.startswith(f"{name}.") for name in names):
            return what
    return None


def imported_module(imported: str, names: set[str]) -> str:
    """Find which of our modules `from a.b import c` reaches: `a.b.c` if it is one, else `a.b`."""
    return imported if imported in names else imported.rpartition(".")[0]


def violations(package: list[Module]) -> list[str]:
    """Everything that a pure module of the package imports or opens, and should not."""
    words = {module.name: module.first_word for module in package}
    found = []
    for module in (m for m in package if m.first_word == "Pure."):
        for node, imported in imports(module):
            if what := impurity(imported):
                found.append(f"{module.at(node)}: imports {imported} ({what})")
            elif words.get(target := imported_module(imported, set(words))) == "Shell.":
                found.append(f"{module.at(node)}: imports the shell {target}")
        found += [
            f"{module.at(node)}: calls {name} (I/O)"
            for node in statements(module)
            if isinstance(node, ast.Call) and (name := dotted(node.func)) in {"open", "input"}
        ]
    return found


def test_every_module_says_whether_it_is_pure_or_a_shell():
    assert [m.path for m in PACKAGE if m.first_word not in {"Pure.", "Shell."}] == []


def test_pure_modules_import_nothing_impure():
    assert violations(PACKAGE) == []


def test_shells_among_the_imports_of_a_pure_module_are_found():
    shell = Module("argus/a/shell.py", '"""Shell. Writes."""')
    package = Module("argus/a/__init__.py", '"""Shell. Joins."""')
    pure = Module(
        "argus/b.py",
        '"""Pure. Reckons."""\nfrom argus.a import shell\nfrom argus.a import Thing\n'
        "import argus.a.shell\n",
    )
    assert violations([shell, package, pure]) == [
        "argus/b.py:4: imports the shell argus.a.shell",
        "argus/b.py:3: imports the shell argus.a",
        "argus/b.py:2: imports the shell argus.a.shell",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import os.path",
        "from datetime import UTC",
        "from pathlib import Path",
        "import numpy.random",
        "from concurrent.futures import Future",
        "def f(): import asyncio",
        "open('x')",
    ],
)
def test_impure_line_is_found(line: str):
    assert len(violations([Module("argus/x.py", f'"""Pure. Reckons."""\n{line}\n')])) == 1


@pytest.mark.parametrize(
    "line",
    [
        "from pathlib import PurePosixPath",
        "import numpy as np",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from random import Random",
        "ring.open('x')",
    ],
)
def test_pure_line_is_let_be(line: str):
    assert violations([Module("argus/x.py", f'"""Pure. Reckons."""\n{line}\n')]) == []
