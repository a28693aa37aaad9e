"""What every verb has in common."""

import errno

import click
import pytest
from click.testing import CliRunner

from argus.cli.command import Command, Group
from argus.errors import ConfigError, DaemonError


def group(raised: BaseException) -> Group:
    @click.command(cls=Command, examples=("argus fail --now",), exit_codes={3: "it is Sunday"})
    def fail() -> None:
        """Fail."""
        raise raised

    return Group("argus", commands=[fail])


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        (ConfigError("wrong key"), 2, "Error: wrong key\n"),
        (DaemonError("no recorder"), 1, "Error: no recorder\n"),
        (PermissionError(errno.EACCES, "Denied", "/x"), 1, "Error: Denied: /x\n"),
        (OSError("odd"), 1, "Error: odd\n"),
        (
            ExceptionGroup("tasks", [DaemonError("first"), ExceptionGroup("more", [OSError("x")])]),
            1,
            "Error: first\n",
        ),
    ],
)
def test_error_is_one_line_and_an_exit_code(raised: BaseException, code: int, line: str):
    result = CliRunner().invoke(group(raised), ["fail"])
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", line)


def test_bug_keeps_its_traceback():
    result = CliRunner().invoke(group(ZeroDivisionError()), ["fail"])
    assert isinstance(result.exception, ZeroDivisionError)
    result = CliRunner().invoke(group(ExceptionGroup("tasks", [OSError(), ValueError()])), ["fail"])
    assert isinstance(result.exception, ExceptionGroup)


def test_closed_pipe_is_left_to_click():
    result = CliRunner().invoke(group(BrokenPipeError(errno.EPIPE, "Broken pipe")), ["fail"])
    assert (result.exit_code, result.stderr) == (1, "")


def test_help_shows_examples_and_exit_codes():
    text = CliRunner().invoke(group(ConfigError()), ["fail", "--help"]).stdout
    assert "Examples:\n  $ argus fail --now\n" in text
    assert "  3  it is Sunday\n" in text
