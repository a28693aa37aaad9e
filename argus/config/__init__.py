"""Pure. The configuration: one schema, checked by `parse`; `argus.config.load` reads the file."""

from argus.config.backfill import BackfillConfig
from argus.config.bars import BarsConfig
from argus.config.journal import JournalConfig
from argus.config.parse import parse
from argus.config.schema import (
    Client,
    Config,
    ControlConfig,
    KnownSource,
    LogConfig,
    LogFormat,
    LogLevel,
    SourceConfig,
    StorageConfig,
    SymbolRule,
)
from argus.config.timescale import TimescaleConfig

__all__ = [
    "BackfillConfig",
    "BarsConfig",
    "Client",
    "Config",
    "ControlConfig",
    "JournalConfig",
    "KnownSource",
    "LogConfig",
    "LogFormat",
    "LogLevel",
    "SourceConfig",
    "StorageConfig",
    "SymbolRule",
    "TimescaleConfig",
    "parse",
]
