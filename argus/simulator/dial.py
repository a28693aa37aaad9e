"""Pure. What the address of a dialled socket asks for.

`/stream?streams=a/b` is combined, `/ws/a/b` is raw; USD-M routes both below `/public` and
`/market`. Its legacy addresses without a tier carry the public streams only since 2026-04-23.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from argus.simulator.streams import Source, Tier


@dataclass(frozen=True, slots=True)
class Dial:
    """What a socket was opened for."""

    tier: Tier
    is_combined: bool
    names: tuple[str, ...]
    is_microsecond: bool = False


def read_dial(source: Source, target: str) -> Dial | None:
    """Return what the target of an upgrade request asks for, `None` for an unknown path."""
    url = urlsplit(target)
    parts = [unquote(part) for part in url.path.split("/") if part]
    tier = Tier.ALL
    if source is Source.BINANCE_USDM:
        tier = Tier.PUBLIC
        if parts[:1] in (["public"], ["market"]):
            tier = Tier(parts.pop(0))
    asked = parse_qs(url.query)
    # Only these two spellings are documented; on USD-M the parameter is ignored.
    is_microsecond = source is Source.BINANCE_SPOT and asked.get("timeUnit", [""])[0] in {
        "MICROSECOND",
        "microsecond",
    }
    match parts:
        case ["stream"]:
            names = [name for name in asked.get("streams", [""])[0].split("/") if name]
            return Dial(tier, is_combined=True, names=tuple(names), is_microsecond=is_microsecond)
        case ["ws", *names]:
            return Dial(tier, is_combined=False, names=tuple(names), is_microsecond=is_microsecond)
        case _:
            return None
