"""Tests stand where one looks for them: each pure module has a test module (rule 41)."""

import ast

from tests.structure.tree import ROOT, Module, modules


def has_code(module: Module) -> bool:
    """Whether a module holds more than names and values taken from elsewhere."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(isinstance(node, kinds) for node in ast.walk(module.tree))


def own_tests(module: Module) -> str:
    """Say where the tests of a module belong."""
    folder, _, file = module.path.partition("/")[2].rpartition("/")
    return "/".join(filter(None, ["tests", folder, f"test_{file}"]))


def test_every_pure_module_has_its_own_tests():
    pure = [m for m in modules("argus") if m.first_word == "Pure." and not m.is_package]
    expected = {m.path: own_tests(m) for m in pure if has_code(m)}
    assert {path: test for path, test in expected.items() if not (ROOT / test).is_file()} == {}
