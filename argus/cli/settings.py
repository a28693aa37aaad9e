"""Shell. The settings in force for a verb: the known sources meet the configuration here."""

from collections.abc import Mapping
from pathlib import Path

from argus.config import Config, KnownSource
from argus.config.load import load
from argus.config.schema import KLINE_INTERVALS
from argus.errors import StorageError
from argus.network.source import Source
from argus.network.sources import SOURCES

# What one venue offers beyond the others (web-socket-streams.md and rest-api.md, 2026-07-21).
_KLINE_INTERVALS = {"binance_spot": ("1s", *KLINE_INTERVALS)}
_SNAPSHOT_LEVELS_MAX = {"binance_spot": 5000}


def known_source(source: Source) -> KnownSource:
    """Return what the configuration has to know about a source."""
    return KnownSource(
        data_types=source.data_types,
        routes=source.websocket_urls,
        rest_url=source.rest_url,
        connection_lifetime_s_max=source.limits.connection_lifetime_s.value,
        streams_per_connection_max=source.limits.streams.value,
        kline_intervals=_KLINE_INTERVALS.get(source.name, KLINE_INTERVALS),
        snapshot_levels_max=_SNAPSHOT_LEVELS_MAX.get(source.name, 1000),
    )


def known() -> Mapping[str, KnownSource]:
    """Return every source that can be configured, by its name."""
    return {name: known_source(source) for name, source in SOURCES.items()}


def settings(config: Path | None = None, data: Path | None = None) -> Config:
    """Return the configuration in force for these options.

    Raises:
        ConfigError: the file is absent or says something that is not allowed.
    """
    return load(config, known=known(), data=data)


def existing_data(config: Path | None = None, data: Path | None = None) -> Path:
    """Return the data folder in force, for verbs that only look at it.

    Raises:
        ConfigError: the configuration says something that is not allowed.
        StorageError: there is no such folder.
    """
    folder = Path(settings(config, data).data)
    if not folder.is_dir():
        raise StorageError(f"{folder} is not a folder; a data folder is expected there")
    return folder
