"""The tree of errors is the docstring, and an error carries its data."""

import inspect

from argus import errors
from argus.errors import ArgusError, RateLimited, Refused, Unreachable


def drawn(kind: type[Exception], indent: str = "") -> list[str]:
    """Draw the subclasses of an error as the docstring does, without the explanations."""
    found = []
    children = [c for c in kind.__subclasses__() if c.__module__ == errors.__name__]
    for child in children:
        is_last = child is children[-1]
        found.append(f"{indent}{'└── ' if is_last else '├── '}{child.__name__}")
        found += drawn(child, indent + ("    " if is_last else "│   "))
    return found


def test_tree_of_errors_is_the_docstring():
    block = (errors.__doc__ or "").split("```")[1].strip().splitlines()
    names = [line.partition("  ")[0] if "─ " not in line else line for line in block]
    shown = [
        line[: line.index(line.split("─ ")[-1])] + line.split("─ ")[-1].split()[0]
        for line in names[1:]
    ]
    assert (names[0], shown) == ("ArgusError", drawn(ArgusError))


def test_every_error_has_a_docstring_of_its_own():
    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass)]
    assert [k.__name__ for k in kinds if "__doc__" not in vars(k)] == []


def test_refusal_keeps_the_beginning_of_the_answer():
    error = Refused("http://x/depth", 400, "y" * 1000)
    assert (error.url, error.status, error.text) == ("http://x/depth", 400, "y" * 200)
    assert str(error) == f"status 400 from http://x/depth: {'y' * 200}"


def test_rate_limit_says_how_long_to_wait():
    error = RateLimited("http://x", 429, 7.0)
    assert (error.status, error.retry_after_s) == (429, 7.0)
    assert str(error) == "status 429 from http://x: asked to wait 7 s"


def test_unreachable_venue_says_where_and_why():
    assert str(Unreachable("wss://x", "refused")) == "no answer from wss://x: refused"
