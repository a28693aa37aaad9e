"""Pure. The section `[influx]` of the configuration."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from argus.config.keys import Key
from argus.config.stores import SPOOL_BYTES_MAX
from argus.config.values import Where
from argus.errors import ConfigError

DATA_TYPES = (
    *("trade", "agg_trade", "bbo", "mark_price", "liquidation", "open_interest"),
    "bar",
)
"""What can be written to InfluxDB."""

TOKEN = "ARGUS_INFLUX_TOKEN"  # noqa: S105 the name of the variable
"""The environment variable that holds the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxConfig:
    """`[influx]`: what is also written to an InfluxDB v2; its token is in `ARGUS_INFLUX_TOKEN`."""

    url: Annotated[
        str,
        Key("address of the server; without it nothing is written", example='"http://…:8086"'),
    ] = ""
    org: Annotated[str, Key("the organization that owns the bucket")] = "argus"
    bucket: Annotated[str, Key("the bucket that is written to; it has to be there")] = "argus"
    data_types: Annotated[
        tuple[str, ...],
        Key(f"what is written: {', '.join(DATA_TYPES)}"),
    ] = ("trade", "bbo", "mark_price", "liquidation", "open_interest", "bar")
    batch_rows: Annotated[int, Key("rows sent in one request", minimum=1, maximum=1_000_000)] = (
        10_000
    )
    gzip: Annotated[bool, Key("whether requests are compressed")] = True
    timeout_s: Annotated[float, Key("an answer may take so long", minimum=0.1, maximum=600)] = 20.0
    spool_bytes_max: Annotated[
        int,
        Key(
            "rows that wait for the store take so much of the disk; what is beyond is read from "
            "the lake again",
            minimum=0,
        ),
    ] = SPOOL_BYTES_MAX


def check_url(url: str, where: Where) -> None:
    """Check the address of the server; its text is not repeated, it may hold a secret.

    Raises:
        ConfigError: it is none, or holds more than host, port and path.
    """
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        is_plain = "@" not in parts.netloc and not parts.query and not parts.fragment
    except ValueError:
        is_address = is_plain = False
    if not (is_address and is_plain):
        raise ConfigError(
            "the address is not http:// or https:// with a host, a port and at most a path; the "
            f"token belongs into {TOKEN}; at {where}"
        )
