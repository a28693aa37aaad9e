"""Shell. Find and read the configuration file, and settle where the data is."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from argus.config.parse import parse
from argus.config.schema import Config, KnownSource
from argus.errors import ConfigError

FILE = "argus.toml"


def find(option: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file to read: the option, `ARGUS_CONFIG`, `argus.toml` here, or none."""
    if option is not None:
        return option
    if environ.get("ARGUS_CONFIG"):
        return Path(environ["ARGUS_CONFIG"])
    here = Path(FILE)
    return here if here.is_file() else None


def data_folder(written: str, option: Path | None, environ: Mapping[str, str]) -> str:
    """Return the data folder: `--data` wins over `ARGUS_DATA_PATH`, which wins over the file."""
    return str(option) if option is not None else environ.get("ARGUS_DATA_PATH") or written


def read(path: Path) -> dict[str, object]:
    """Return a TOML file's tables.

    Raises:
        ConfigError: the file is absent, unreadable or no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"no configuration file at {path}") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error


def load(
    path: Path | None = None,
    *,
    known: Mapping[str, KnownSource],
    data: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return the configuration in force: defaults, the file, the environment, the options.

    Args:
        path: the file (`--config`); without it, see `find`.
        known: the sources there are, by name.
        data: the data folder (`--data`).
        environ: the environment.

    Raises:
        ConfigError: the file is absent, no TOML, or says something that is not allowed.
    """
    file = find(path, environ)
    tables: Mapping[str, object] = {} if file is None else read(file)
    config = parse(tables, known=known, file=FILE if file is None else str(file))
    folder = data_folder(config.storage.data, data, environ)
    url = environ.get("ARGUS_TIMESCALE_URL") or config.timescale.url
    return replace(
        config,
        storage=replace(config.storage, data=folder),
        timescale=replace(config.timescale, url=url),
    )
