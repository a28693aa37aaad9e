"""What the documents point to is there: tests, modules, and a test for each invariant."""

import ast
import re
from functools import cache

import pytest

from tests.structure.test_documents import DOCUMENTS, relative
from tests.structure.tree import ROOT

ARCHITECTURE = ROOT / "docs/architecture.md"
NAMED_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
NAMED_PATH = re.compile(r"`((?:argus|tests|benchmarks|tools)/[\w/.]+\.py)(?:::\w+)?`")
INVARIANT = re.compile(r"^\| (I\d) \|", re.MULTILINE)
LATER: set[str] = set()
"""Invariants of parts that are not there yet; the table says so."""


@cache
def collected(path: str) -> frozenset[str]:
    """Return what pytest collects of a file: functions, and state machines by their names."""
    body = ast.parse((ROOT / path).read_text("utf-8")).body
    named = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in body:
        if isinstance(node, ast.Assign):
            named |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(name for name in named if name.lower().startswith("test"))


def rows() -> dict[str, str]:
    """Return the table's rows by the name of the invariant."""
    lines = ARCHITECTURE.read_text("utf-8").splitlines()
    return {found[1]: line for line in lines if (found := INVARIANT.match(line))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_named_test_exists(document):
    named = NAMED_TEST.findall(document.read_text("utf-8"))
    assert [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or name not in collected(path)
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_named_module_exists(document):
    named = NAMED_PATH.findall(document.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_invariant_has_its_row():
    assert list(rows()) == [f"I{number}" for number in range(1, 10)]


@pytest.mark.parametrize("name", [f"I{number}" for number in range(1, 10)])
def test_every_invariant_is_held_by_a_test_or_said_to_come_later(name):
    row = rows()[name]
    assert bool(NAMED_TEST.search(row)) != (name in LATER)
    assert name not in LATER or "later" in row
