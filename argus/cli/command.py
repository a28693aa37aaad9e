"""Shell. What every verb has in common: an example, exit codes, and errors as one line on stderr.

Exit codes: 0 done; 1 it failed (or `verify` found something); 2 the command line or the
configuration is wrong.
"""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from argus.errors import ArgusError, ConfigError

EXIT_CODES = {
    0: "done",
    1: "it failed; stderr says why in one line",
    2: "the command line or the configuration is wrong",
}

_F = TypeVar("_F", bound=Callable[..., object])


class Failed(click.ClickException):
    """An error as the command line tells it, in one line."""

    exit_code = 1


class Misused(click.ClickException):
    """The command line or the configuration is wrong, told in one line."""

    exit_code = 2


class Command(click.Command):
    """A verb with examples, which its help and `docs/cli.md` show and a test parses."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own arguments, passed on
        examples: tuple[str, ...] = (),
        exit_codes: dict[int, str] | None = None,
        **kwargs: Any,  # noqa: ANN401 - click's own arguments, passed on
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.exit_codes = {**EXIT_CODES, **(exit_codes or {})}

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and the exit codes below the options."""
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write_text(f"$ {line}")
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in self.exit_codes.items()])


class Group(click.Group):
    """The `argus` command: turns our errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb.

        Raises:
            Misused: the configuration is wrong.
            Failed: the verb raised another error of ours, or the system refused something.
        """
        try:
            return super().invoke(ctx)
        except (ArgusError, OSError, ExceptionGroup) as error:
            told = _told(error)
            if told is None:
                raise
            raise told from error


def _told(error: BaseException) -> click.ClickException | None:
    """Return an error as the command line tells it; None for one that nobody expected.

    Of a group, in which tasks that ran together leave their errors, the first is told if all are
    expected.
    """
    match error:
        case ExceptionGroup():
            parts = [_told(part) for part in error.exceptions]
            return parts[0] if all(parts) else None
        case ConfigError():
            return Misused(str(error))
        case ArgusError():
            return Failed(str(error))
        case OSError(errno=code) if code != errno.EPIPE:
            return Failed(_system_error(error))
        case _:
            return None


def _system_error(error: OSError) -> str:
    text = error.strerror or str(error)
    return f"{text}: {error.filename}" if error.filename else text


json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would be done, and change nothing."
)

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration; else ARGUS_CONFIG, else argus.toml here, else the defaults.",
)

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The data folder; else ARGUS_DATA_PATH, else storage.data of the configuration.",
)


def selection_options(function: _F) -> _F:
    """Add `--source`, `--data-type` and `--symbol`, which narrow a verb down."""
    for name, metavar in (("symbol", "SYMBOL"), ("data-type", "TYPE"), ("source", "SOURCE")):
        text = f"Only this {name.replace('-', ' ')}."
        function = click.option(f"--{name}", metavar=metavar, help=text)(function)
    return function
