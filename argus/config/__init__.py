"""Pure. The configuration: one schema, checked by `parse`; `argus.config.load` reads the file."""

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

__all__ = [
    "Client",
    "Config",
    "ControlConfig",
    "KnownSource",
    "LogConfig",
    "LogFormat",
    "LogLevel",
    "SourceConfig",
    "StorageConfig",
    "SymbolRule",
    "parse",
]
