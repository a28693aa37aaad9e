"""Shell. Write the commented `argus.toml` that `argus init` begins with."""

from collections.abc import Mapping
from pathlib import Path

from argus.config.page import example
from argus.config.schema import KnownSource
from argus.errors import ConfigError


def create(path: Path, *, known: Mapping[str, KnownSource], replace: bool = False) -> str:
    """Write the commented defaults to a file and return what was written.

    Raises:
        ConfigError: the file is there already and is not to be replaced, or cannot be written.
    """
    text = example(known)
    try:
        with path.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{path} exists already; --force replaces it") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    return text
