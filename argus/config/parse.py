"""Pure. From the tables of a file to a checked `Config`.

What sources there are, and what each can be asked for, is an argument: the configuration knows no
venue. Relations between limits are checked here, once, where all of them are at hand.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from argus.config.backfill import BackfillConfig
from argus.config.bars import BarsConfig, parse_bars
from argus.config.influx import DATA_TYPES as INFLUX_DATA_TYPES
from argus.config.influx import InfluxConfig, check_url
from argus.config.journal import JournalConfig
from argus.config.keys import Section, keys
from argus.config.schema import (
    Config,
    ControlConfig,
    KnownSource,
    LogConfig,
    SourceConfig,
    StorageConfig,
)
from argus.config.sources import parse_source
from argus.config.stores import check_data_types
from argus.config.timescale import TimescaleConfig
from argus.config.timescale import check as check_timescale
from argus.config.values import Where, known_keys, table, unknown, value
from argus.config.watching import ClockConfig, LimitsConfig
from argus.errors import ConfigError

SECTIONS = (
    *("storage", "journal", "sources", "backfill", "log", "control"),
    *("clock", "limits", "bars", "timescale", "influx"),
)

_S = TypeVar("_S", bound=Section)


def parse(
    mapping: Mapping[str, object],
    *,
    known: Mapping[str, KnownSource],
    file: str = "argus.toml",
) -> Config:
    """Return the configuration that the tables of a file describe.

    Without any `[sources.<name>]`, every known source is recorded: BTCUSDT and ETHUSDT, all data
    types.

    Args:
        mapping: the file as nested tables.
        known: the sources there are, by name.
        file: what errors call the file.

    Raises:
        ConfigError: a key is unknown, of the wrong type, out of range, or contradicts another.
    """
    where = Where(file)
    known_keys(mapping, SECTIONS, where)
    storage = _section(StorageConfig, mapping, where / "storage")
    _check_storage(storage, where / "storage")
    sources = _sources(mapping.get("sources", {}), known, where / "sources")
    influx = _section(InfluxConfig, mapping, where / "influx")
    if influx.url:
        check_url(influx.url, where / "influx" / "url")
    check_data_types(influx.data_types, INFLUX_DATA_TYPES, where / "influx" / "data_types")
    return Config(
        storage=storage,
        journal=_section(JournalConfig, mapping, where / "journal"),
        sources=sources,
        backfill=_section(BackfillConfig, mapping, where / "backfill"),
        log=_section(LogConfig, mapping, where / "log"),
        control=_section(ControlConfig, mapping, where / "control"),
        clock=_section(ClockConfig, mapping, where / "clock"),
        limits=_section(LimitsConfig, mapping, where / "limits"),
        bars=_bars(mapping, sources, where / "bars"),
        timescale=_timescale(mapping, where / "timescale"),
        influx=influx,
    )


def _section(section: type[_S], mapping: Mapping[str, object], where: Where) -> _S:
    return section(**_arguments(section, mapping, where))


def _arguments(
    section: type[Section], mapping: Mapping[str, object], where: Where
) -> dict[str, Any]:
    found = table(mapping.get(where.names[-1], {}), where)
    declared = {d.name: d for d in keys(section)}
    known_keys(found, declared, where)
    return {name: value(v, declared[name], where / name) for name, v in found.items()}


def _timescale(mapping: Mapping[str, object], where: Where) -> TimescaleConfig:
    arguments = _arguments(TimescaleConfig, mapping, where)
    check_timescale(arguments, where)
    return TimescaleConfig(**arguments)


def _bars(
    mapping: Mapping[str, object], sources: Mapping[str, SourceConfig], where: Where
) -> BarsConfig:
    recorded = {name: source.data_types for name, source in sources.items()}
    return parse_bars(table(mapping.get("bars", {}), where), recorded, where)


def _check_storage(storage: StorageConfig, where: Where) -> None:
    if storage.flush_bytes_max > storage.buffer_bytes_max:
        raise ConfigError(
            f"flush_bytes_max is {storage.flush_bytes_max} and buffer_bytes_max is "
            f"{storage.buffer_bytes_max}; a buffer has to be sealed before all buffers are full: "
            f"flush_bytes_max may be at most buffer_bytes_max; at {where}"
        )
    if storage.merge_age_s < storage.flush_every_s:
        raise ConfigError(
            f"merge_age_s is {storage.merge_age_s:g} and flush_every_s is "
            f"{storage.flush_every_s:g}; a chunk cannot be merged before it is sealed: "
            f"merge_age_s has to be at least flush_every_s; at {where}"
        )
    if storage.day_close_grace_s > storage.merge_age_s:
        raise ConfigError(
            f"day_close_grace_s is {storage.day_close_grace_s:g} and merge_age_s is "
            f"{storage.merge_age_s:g}; a day is closed before its chunks are too old: "
            f"day_close_grace_s may be at most merge_age_s; at {where}"
        )


def _sources(
    found: object, known: Mapping[str, KnownSource], where: Where
) -> Mapping[str, SourceConfig]:
    tables = table(found, where) or {name: {} for name in known}
    for name in tables:
        if name not in known:
            raise unknown("a source", name, known, where)
    return {
        name: parse_source(name, table(v, where / name), known[name], where / name)
        for name, v in tables.items()
    }
