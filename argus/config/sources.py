"""Pure. One `[sources.<name>]` table: symbols, data types, addresses, and how they fit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from argus.config.keys import Kind, keys
from argus.config.schema import KnownSource, SourceConfig, SymbolRule
from argus.config.values import (
    Where,
    known_keys,
    number,
    shown,
    table,
    text,
    texts,
    unknown,
    value,
    wrong,
)
from argus.errors import ConfigError

# Read by hand: `websocket_url` is another way to write `websocket_urls`.
_OWN = ("symbols", "data_types", "kline_intervals", "websocket_url", "websocket_urls", "rest_url")
_DECLARED = {d.name: d for d in keys(SourceConfig)}
_RULE = {d.name: d for d in keys(SymbolRule)}


def parse_source(
    name: str, found: Mapping[str, object], known: KnownSource, where: Where
) -> SourceConfig:
    """Return one source's checked settings.

    Raises:
        ConfigError: a key is unknown, of the wrong type, out of range, or contradicts another.
    """
    known_keys(found, [*_DECLARED, "websocket_url"], where)
    plain: dict[str, Any] = {
        k: value(v, _DECLARED[k], where / k) for k, v in found.items() if k not in _OWN
    }
    if "symbols" in found:
        plain["symbols"] = _symbols(found["symbols"], where / "symbols")
    if "kline_intervals" in found:
        plain["kline_intervals"] = _closed(
            found["kline_intervals"],
            known.kline_intervals,
            f"a kline interval of {name}",
            where / "kline_intervals",
        )
    source = SourceConfig(
        name=name,
        data_types=_data_types(name, found, known, where / "data_types"),
        websocket_urls=_websocket_urls(name, found, known, where),
        rest_url=_rest_url(found, known, where / "rest_url"),
        **plain,
    )
    source = _fitted(source, found, known)
    _check(source, known, where)
    return source


def _fitted(source: SourceConfig, found: Mapping[str, object], known: KnownSource) -> SourceConfig:
    """Lower a default (never a written setting) to what the venue allows."""
    if "snapshot_levels" not in found and source.snapshot_levels > known.snapshot_levels_max:
        return replace(source, snapshot_levels=known.snapshot_levels_max)
    return source


def _closed(found: object, allowed: tuple[str, ...], what: str, where: Where) -> tuple[str, ...]:
    words = texts(found, where)
    for word in words:
        if word not in allowed:
            raise unknown(what, word, allowed, where)
    return words


def _data_types(
    name: str, found: Mapping[str, object], known: KnownSource, where: Where
) -> tuple[str, ...]:
    if "data_types" not in found:
        return known.data_types
    return _closed(found["data_types"], known.data_types, f"a data type of {name}", where)


def _symbols(found: object, where: Where) -> tuple[str, ...] | SymbolRule:
    if isinstance(found, Mapping):
        return _rule(found, where)
    if not isinstance(found, list):
        raise wrong(found, 'a list of symbols or a rule like { quote = "USDT" }', where)
    words = texts(found, where)
    for word in words:
        if any(c.isspace() or c in '/\\=*?"' for c in word) or word.startswith("."):
            raise wrong(word, "a symbol as the venue writes it, e.g. BTCUSDT", where)
    return words


def _rule(found: Mapping[str, object], where: Where) -> SymbolRule:
    if not found:
        raise wrong(found, f"a rule with at least one of {', '.join(_RULE)}", where)
    known_keys(found, _RULE, where)
    arguments: dict[str, Any] = {}
    for name, v in found.items():
        if _RULE[name].kind is Kind.TEXTS:
            arguments[name] = texts(v, where / name, single=True)
        else:
            arguments[name] = number(v, _RULE[name], where / name)
    return SymbolRule(**arguments)


def _address(found: object, schemes: tuple[str, ...], where: Where) -> str:
    expected = f"an address that begins with {' or '.join(f'{s}://' for s in schemes)}"
    url = text(found, where)
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise wrong(found, expected, where)
    return url.rstrip("/")


def _rest_url(found: Mapping[str, object], known: KnownSource, where: Where) -> str:
    if "rest_url" not in found:
        return known.rest_url
    return _address(found["rest_url"], ("http", "https"), where)


def _websocket_urls(
    name: str, found: Mapping[str, object], known: KnownSource, where: Where
) -> Mapping[str, str]:
    """Return route -> address: what is written, over the source's own.

    A `websocket_url` is the address of all routes: each keeps the path of its own default below it.
    """
    if "websocket_url" in found and "websocket_urls" in found:
        raise ConfigError(
            f"websocket_url and websocket_urls are both given; one of them is allowed; at {where}"
        )
    if "websocket_url" in found:
        base = _address(found["websocket_url"], ("ws", "wss"), where / "websocket_url")
        return {r: base + _path(url, base) for r, url in known.routes.items()}
    place = where / "websocket_urls"
    urls = table(found.get("websocket_urls", {}), place)
    for route in urls:
        if route not in known.routes:
            if tuple(known.routes) == ("",):
                raise ConfigError(
                    f'"{route}" is not a route of {name}, which has no routes; allowed: '
                    f"websocket_url instead of websocket_urls; at {place}"
                )
            raise unknown(f"a route of {name}", route, known.routes, place)
    written = {r: _address(v, ("ws", "wss"), place / r) for r, v in urls.items()}
    return {**known.routes, **written}


def _path(default: str, base: str) -> str:
    path = urlsplit(default).path.rstrip("/")
    return "" if base.endswith(path) else path


def _check(source: SourceConfig, known: KnownSource, where: Where) -> None:
    limit = known.connection_lifetime_s_max
    if source.connection_lifetime_s >= limit:
        raise wrong(
            source.connection_lifetime_s,
            f"less than {limit:g} s, when the venue itself cuts a connection",
            where / "connection_lifetime_s",
        )
    if source.seam_patience_ms >= source.connection_lifetime_s * 1000:
        raise ConfigError(
            f"seam_patience_ms is {source.seam_patience_ms:g} and connection_lifetime_s is "
            f"{source.connection_lifetime_s:g}; the patience has to end before the connection "
            f"does; at {where}"
        )
    for key, most in (
        ("streams_per_connection", known.streams_per_connection_max),
        ("snapshot_levels", known.snapshot_levels_max),
    ):
        found = getattr(source, key)
        if found is not None and found > most:
            raise ConfigError(
                f"{shown(found)} is more than {source.name} allows; at most {most}; "
                f"at {where / key}"
            )
