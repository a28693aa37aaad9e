"""Things are called what they are, and one file holds one idea (rules 3, 8, 12 and 35)."""

import ast
import io
import re
import tokenize

import pytest

from tests.structure.tree import Module, modules

LINES_MAX = 300
EMPTY_WORDS = {
    "util", "utils", "helper", "helpers", "common", "base", "manager", "processor", "context",
}  # fmt: skip
# The two handlers that the design names.
HANDLERS = {"StorageHandler", "FlushHandler"}
EMPTY_VERBS = {"process", "handle", "do"}

REMINDER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!.*#\d+)")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+")


def words(name: str) -> set[str]:
    """Split `BookManager` and `book_manager` alike."""
    return {word.lower() for word in WORD.findall(name)}


def is_empty(name: str) -> bool:
    """Whether a module or class has a name that says nothing about it."""
    found = words(name)
    return bool(found & EMPTY_WORDS) or (
        bool(found & {"handler", "handlers"}) and name.lstrip("_") not in HANDLERS
    )


def empty_names(module: Module) -> list[str]:
    found = [f"{module.path}: {part}" for part in module.name.split(".") if is_empty(part)]
    for node in ast.walk(module.tree):
        match node:
            case ast.ClassDef(name=name) if is_empty(name):
                found.append(f"{module.at(node)}: class {name}")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.lstrip("_") in EMPTY_VERBS:
                    found.append(f"{module.at(node)}: def {name}")
            case _:
                pass
    return found


def reminders_without_issue(module: Module) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    comments = (token for token in tokens if token.type == tokenize.COMMENT)
    return [
        f"{module.path}:{comment.start[0]}: {comment.string}"
        for comment in comments
        if REMINDER.search(comment.string)
    ]


def test_nothing_has_an_empty_name():
    assert [found for module in modules("argus") for found in empty_names(module)] == []


def test_one_file_holds_one_idea():
    sizes = {module.path: len(module.text.splitlines()) for module in modules("argus")}
    assert {path: lines for path, lines in sizes.items() if lines > LINES_MAX} == {}


def test_every_reminder_names_its_issue():
    tree = [*modules("argus"), *modules("tests"), *modules("benchmarks")]
    assert [found for module in tree for found in reminders_without_issue(module)] == []


@pytest.mark.parametrize(
    "name",
    ["utils", "book_helpers", "BaseSource", "HTTPManager", "FrameHandler", "_RunContext"],
)
def test_empty_name_is_found(name: str):
    assert is_empty(name)


@pytest.mark.parametrize("name", ["FlushHandler", "StorageHandler", "Database", "baseline"])
def test_telling_name_is_let_be(name: str):
    assert not is_empty(name)


def test_reminder_without_a_number_is_found():
    # Put together, so that neither this test nor ruff takes it for one of ours.
    reminder = "# TO" + "DO"
    module = Module("argus/x.py", f"x = 'TODO'  {reminder}: later\n{reminder}(#12): then\n")
    assert reminders_without_issue(module) == [f"argus/x.py:1: {reminder}: later"]
