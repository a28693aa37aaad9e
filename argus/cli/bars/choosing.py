"""Shell. What a verb of `argus bars` is about: source, symbols, what to build of, and profiles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from argus.cli.command import Failed, Misused
from argus.config import Config
from argus.config.bars import DATA_TYPES, data_type_of
from argus.errors import ProfileError
from argus.storage.chunk import TEMP
from argus.storage.partition import LAKE
from argus.storage.presence import symbols_of

if TYPE_CHECKING:
    from argus.bars import Profile

NAMES_MAX = 12
"""Names that a message lists."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where trades come from: a source, the data type, and the symbols of which there are any."""

    source: str
    data_type: str
    symbols: tuple[str, ...]


def chosen_origin(
    config: Config, data: Path, *, source: str | None, data_type: str | None
) -> Origin:
    """Return what bars are built of.

    Raises:
        Misused: several sources have trades, and none was named.
        Failed: there are no trades.
    """
    types = DATA_TYPES if data_type is None else (data_type,)
    known = sources_with(data, types)
    if source is None and len(known) > 1:
        raise Misused(f"trades of several sources are here; name one with --source: {words(known)}")
    if source not in {None, *known} or not known:
        of = f" of {source}" if source else ""
        raise Failed(f"no trades{of} are recorded in {data}; sources with some: {words(known)}")
    named = source or known[0]
    # As the recorder chooses, so that what is built can be held against what it builds.
    recorded = config.sources[named].data_types if named in config.sources else ()
    first = data_type_of(config.bars, named, recorded)
    for wanted in sorted(types, key=lambda name: name != first):
        symbols = symbols_of(data, named, wanted)
        if symbols:
            return Origin(named, wanted, tuple(symbols))
    raise Failed(f"no trades of {named} are accepted in {data}; `argus stale` lists what waits")


def chosen_symbols(origin: Origin, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the symbols that were named, or all.

    Raises:
        Failed: there are no trades of one.
    """
    for symbol in wanted:
        if symbol not in origin.symbols:
            raise Failed(
                f"no {origin.data_type} of {symbol} at {origin.source}; found: "
                f"{words(origin.symbols)}"
            )
    return tuple(dict.fromkeys(wanted)) or origin.symbols


def sources_with(data: Path, data_types: Iterable[str]) -> list[str]:
    """Return the sources that have facts of some data types, merged or not, in order."""
    found = set()
    for data_type in data_types:
        # What waits first: a merge writes the date file before the chunk goes.
        found |= {path.parent.name for path in (data / TEMP).glob(f"[!.]*/[!.]*/{data_type}")}
        for folder in (data / LAKE).glob(f"source=*/data_type={data_type}"):
            found.add(unquote(folder.parent.name.partition("=")[2]))
    return sorted(found)


def chosen_profiles(config: Config, wanted: Sequence[str]) -> "tuple[Profile, ...]":
    """Return the profiles that were named, or those of the configuration.

    Raises:
        ConfigError: an own profile cannot be built.
        Misused: none is named and none configured, or one is unknown.
    """
    names = wanted or config.bars.profiles
    if not names:
        raise Misused("no profile is configured; name some with --profile, e.g. --profile 1m")
    return tuple(named_profile(config, name) for name in dict.fromkeys(names))


def named_profile(config: Config, name: str) -> "Profile":
    """Return an own profile of the configuration, or a default.

    Raises:
        ConfigError: an own profile cannot be built.
        Misused: it is neither.
    """
    from argus.bars import profile
    from argus.daemon.bars.profiles import own_profile

    if name in config.bars.own:
        return own_profile(name, config.bars.own[name])
    try:
        return profile(name)
    except ProfileError as error:
        own = f"; own profiles: {', '.join(config.bars.own)}" if config.bars.own else ""
        raise Misused(f"{error}{own}") from error


def words(names: Sequence[str]) -> str:
    """Return names for a message, the first ones of many."""
    more = len(names) - NAMES_MAX
    text = ", ".join(names[:NAMES_MAX]) or "none"
    return f"{text} and {more} more" if more > 0 else text
