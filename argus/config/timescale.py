"""Pure. The section `[timescale]` of the configuration; see `schema.py`."""

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from argus.config.keys import Key
from argus.config.stores import SPOOL_BYTES_MAX, check_data_types
from argus.config.values import Where, shown
from argus.errors import ConfigError

STORED = ("bar", "kline")
"""Data types that the tables are made for."""

SCHEMES = ("postgresql", "postgres")

NAME_BYTES_MAX = 63
"""What PostgreSQL cuts names to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimescaleConfig:
    """`[timescale]`: TimescaleDB or plain PostgreSQL, which bars and candles are written to."""

    # Not part of what is printed: the environment may have put a password into it.
    url: Annotated[
        str,
        Key(
            "address of the database, without a password (`PGPASSWORD` or `~/.pgpass` has it); "
            "`ARGUS_TIMESCALE_URL` wins over it and may hold one; without any address nothing is "
            "written",
            example='"postgresql://argus@localhost:5432/market"',
        ),
    ] = field(default="", repr=False)
    schema: Annotated[str, Key("schema that holds the tables; `argus db init` creates it")] = "mart"
    data_types: Annotated[tuple[str, ...], Key("what is written: bar, kline or both")] = STORED
    profiles: Annotated[
        tuple[str, ...],
        Key("profiles whose bars are written; without it all", example='["tib_small", "1m"]'),
    ] = ()
    hypertables: Annotated[
        bool,
        Key(
            "whether `argus db init` uses TimescaleDB where the server has it; else, and on plain "
            "PostgreSQL, tables are partitioned by month"
        ),
    ] = True
    compress_after_days: Annotated[
        float | None,
        Key(
            "`argus db init` lets TimescaleDB compress what is older, if its edition can; without "
            "it what is set there stays",
            minimum=0.01,
            example="30",
        ),
    ] = None
    retention_days: Annotated[
        float | None,
        Key(
            "whole chunks or months that are older are dropped; without it nothing; the lake keeps "
            "them in any case",
            minimum=1,
            example="730",
        ),
    ] = None
    connect_timeout_s: Annotated[
        float, Key("the server has to answer so soon", minimum=1, maximum=300)
    ] = 10.0
    statement_timeout_s: Annotated[
        float, Key("and one batch of rows has to be written so soon", minimum=1, maximum=3600)
    ] = 60.0
    spool_bytes_max: Annotated[
        int,
        Key(
            "rows that wait for the store take so much of the disk; what is beyond is read from "
            "the lake again",
            minimum=0,
        ),
    ] = SPOOL_BYTES_MAX

    def __post_init__(self) -> None:
        """Hold what `check` refuses before."""
        assert self.schema
        assert set(self.data_types) <= set(STORED)

    @property
    def is_wanted(self) -> bool:
        """Whether there is anywhere to write to."""
        return bool(self.url)


def check(found: dict[str, object], where: Where) -> None:
    """Check what is written in the file beyond the type of each key.

    Raises:
        ConfigError: the address is none, or holds a password; a data type has no table; the name
            of the schema is too long.
    """
    if "url" in found:
        _check_url(str(found["url"]), where / "url")
    schema = str(found.get("schema", "mart"))
    if len(schema.encode()) > NAME_BYTES_MAX or "\0" in schema:
        raise ConfigError(
            f"{shown(schema)} is not a name of a schema of at most {NAME_BYTES_MAX} bytes; "
            f"at {where / 'schema'}"
        )
    names = found.get("data_types", STORED)
    assert isinstance(names, tuple)
    check_data_types(names, STORED, where / "data_types")


def _check_url(url: str, where: Where) -> None:
    """Refuse without repeating the text: it may hold a password."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in SCHEMES and parts.port != 0
        secret = parts.password is not None or "password=" in parts.query
    except ValueError:
        is_address, secret = False, False
    if secret:
        raise ConfigError(
            "the address holds a password, which belongs into the environment: PGPASSWORD, or the "
            f"whole address in ARGUS_TIMESCALE_URL; at {where}"
        )
    if not is_address:
        raise ConfigError(f"the address is not one that begins with {SCHEMES[0]}://; at {where}")
