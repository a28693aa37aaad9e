"""Shell. `argus bars list`: what can be built, and what is stored."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from argus.cli.bars.choosing import named_profile
from argus.cli.command import Command, config_option, data_option, json_option
from argus.cli.output import answer, table
from argus.cli.settings import settings
from argus.cli.words import amount, instant
from argus.config import Config
from argus.lake.bars import SeriesStored, stored_series

if TYPE_CHECKING:
    from argus.bars import Profile

INTERVALS = ("1s", "1m", "1h", "1d")
"""Some of the named defaults by time; any number goes with s, m, h and d."""


@click.command("list", cls=Command, examples=("argus bars list", "argus bars list --json"))
@click.option("--source", metavar="SOURCE", help="Only series of this source.")
@click.option("--symbol", metavar="SYMBOL", help="Only series of this symbol.")
@config_option
@data_option
@json_option
def list_(
    *,
    source: str | None,
    symbol: str | None,
    config: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show the profiles that can be built, and the series of bars that are stored.

    Of a profile its rule and all its parameters are shown, with * if the recorder builds it. Any
    interval such as 5m or 4h is a profile, too.
    """
    found = settings(config, data)
    profiles = known_profiles(found)
    folder = Path(found.data)
    series = stored_series(folder, source=source, symbol=symbol) if folder.is_dir() else []
    answer(
        {
            "profiles": [_plain(p, is_built=p.name in found.bars.profiles) for p in profiles],
            "series": [asdict(one) for one in series],
        },
        as_json=as_json,
        shown=_shown(found, profiles, series),
    )


def known_profiles(config: Config) -> "list[Profile]":
    """Return the profiles of the configuration, and the named defaults besides them.

    Raises:
        ConfigError: one of the configuration cannot be built.
        Misused: one that is configured is unknown.
    """
    from argus.bars import NAMES

    names = dict.fromkeys((*config.bars.profiles, *config.bars.own, *INTERVALS, *NAMES))
    return [named_profile(config, name) for name in names]


def _plain(profile: "Profile", *, is_built: bool) -> dict[str, Any]:
    return {
        "name": profile.name,
        "rule": profile.rule.value,
        "mode": profile.mode.value,
        "parameters": dict(profile.parameters),
        "built_by_recorder": is_built,
    }


def _shown(config: Config, profiles: "list[Profile]", series: list[SeriesStored]) -> Any:  # noqa: ANN401 - rich's
    from rich.console import Group

    rows = [
        (
            p.name + ("*" if p.name in config.bars.profiles else ""),
            p.rule.value,
            p.mode.value,
            _parameters(p),
        )
        for p in profiles
    ]
    parts: list[Any] = [table(("profile", "rule", "mode", "parameters"), rows, title="profiles")]
    if not series:
        return Group(*parts, "\nno bars are stored; `argus bars build` builds some")
    numbers = ("bars", "revision", "gaps", "clamped")
    stored = [
        (
            one.symbol, one.profile, one.source, amount(one.bars), instant(one.ts_first),
            instant(one.ts_last), one.revision, amount(one.gaps), amount(one.clamped),
        )
        for one in series
    ]  # fmt: skip
    names = ("symbol", "profile", "source", "bars", "first", "last", *numbers[1:])
    return Group(*parts, "", table(names, stored, title="stored", right=numbers))


def _parameters(profile: "Profile") -> str:
    told = [(name, value) for name, value in profile.parameters if value is not None]
    return ", ".join(f"{name}={_text(value)}" for name, value in told)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower()
