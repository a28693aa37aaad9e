"""The pages of the documentation that are generated here are current, and their examples run."""

import shlex
from pathlib import Path

import click
import pytest

from argus.cli.command import Command
from argus.cli.main import main
from argus.cli.page import reference
from argus.cli.settings import known
from argus.config.page import reference as configuration

DOCS = Path(__file__).resolve().parents[2] / "docs"
VERBS = [(name, verb) for name, verb in main.commands.items() if isinstance(verb, Command)]
EXAMPLES = [line for _, verb in VERBS for line in verb.examples]


def test_page_of_the_command_line_is_current():
    """If not: python -m argus.cli.page > docs/cli.md."""
    assert (DOCS / "cli.md").read_text("utf-8") == reference(main)


def test_page_of_the_configuration_is_current():
    """If not: python -m argus.cli.page configuration > docs/configuration.md."""
    assert (DOCS / "configuration.md").read_text("utf-8") == configuration(known())


def test_every_verb_has_an_example_of_its_own():
    assert [n for n, v in VERBS if not any(e.startswith(f"argus {n}") for e in v.examples)] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_is_a_command_line_that_parses(example: str):
    _, name, *words = shlex.split(example)
    verb = main.get_command(click.Context(main), name)
    assert verb is not None
    verb.make_context(name, words)


@pytest.mark.parametrize(("name", "verb"), VERBS)
def test_verb_that_changes_something_has_a_dry_run(name: str, verb: Command):
    changing = {"init", "flush", "bump", "stale", "stop", "import", "run"}
    has_one = any("--dry-run" in p.opts for p in verb.params)
    assert has_one or name not in changing
