"""Every command is documented, by itself and in docs/cli.md (rule 48)."""

import importlib
from collections.abc import Iterator

import click
import pytest

from tests.structure.tree import ROOT, code_blocks

REFERENCE = ROOT / "docs/cli.md"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Walk through all commands, each with the words one types to get there."""
    if not (ROOT / "argus/cli/main.py").is_file():
        pytest.skip("argus.cli.main is not there yet")
    waiting: list[tuple[str, click.Command]] = [
        ("argus", importlib.import_module("argus.cli.main").main)
    ]
    while waiting:
        typed, command = waiting.pop()
        if isinstance(command, click.Group):
            listed = command.list_commands(click.Context(command))
            found = {name: command.get_command(click.Context(command), name) for name in listed}
            waiting += [(f"{typed} {name}", sub) for name, sub in found.items() if sub is not None]
        else:
            yield typed, command


def test_every_command_has_help():
    assert [typed for typed, command in commands() if not command.help] == []


def test_every_command_answers_in_json_if_asked():
    assert [
        typed
        for typed, command in commands()
        if not any("--json" in option.opts for option in command.params)
    ] == []


def test_every_command_has_an_example():
    typed_commands = [typed for typed, _ in commands()]
    lines = [line.removeprefix("$ ") for line in code_blocks(REFERENCE).splitlines()]
    assert [
        typed
        for typed in typed_commands
        if not any(f"{line} ".startswith(f"{typed} ") for line in lines)
    ] == []
