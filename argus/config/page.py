"""Pure. What the schema generates: `docs/configuration.md` and the commented `argus.toml`."""

from collections.abc import Mapping
from enum import StrEnum

from argus.config.keys import Declared, Kind, Section, keys
from argus.config.schema import (
    DEFAULT_SYMBOLS,
    ControlConfig,
    KnownSource,
    LogConfig,
    SourceConfig,
    StorageConfig,
    SymbolRule,
)
from argus.config.schema import __doc__ as layers

# Sections in the order of the file; the name of the source stands for all of them.
_SECTIONS: tuple[tuple[str, type[Section]], ...] = (
    ("storage", StorageConfig),
    ("sources.<name>", SourceConfig),
    ("log", LogConfig),
    ("control", ControlConfig),
)
_RULE = 'a rule inside `symbols`, e.g. `symbols = { quote = "USDT", status = "TRADING" }`'


def toml(value: object) -> str:
    """Return a default as it is written in TOML."""
    match value:
        case StrEnum() | str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(toml(v) for v in value)}]"
        case float() if value == int(value):
            return str(int(value))
        case _:
            return str(value)


def _default(declared: Declared) -> str:
    if declared.default in (None, "", ()) or isinstance(declared.default, Mapping):
        return ""
    return toml(declared.default)


def _range(declared: Declared) -> str:
    low, high = declared.key.minimum, declared.key.maximum
    match low, high:
        case None, None:
            return ", ".join(f'"{c}"' for c in declared.choices)
        case _, None:
            return f"at least {low:.10g}"
        case _:
            return f"{low:.10g} to {high:.10g}"


def _type(declared: Declared, *, single: bool) -> str:
    if single and declared.kind is Kind.TEXTS:
        return "text or list of texts"
    return str(declared.kind)


def _rows(section: type[Section]) -> list[str]:
    rows = ["| key | type | default | allowed | meaning |", "|---|---|---|---|---|"]
    for d in keys(section):
        default = f"`{_default(d)}`" if _default(d) else ""
        kind = _type(d, single=section is SymbolRule)
        rows.append(f"| `{d.name}` | {kind} | {default} | {_range(d)} | {d.key.doc} |")
    return rows


def _about(section: type[Section]) -> str:
    return (section.__doc__ or "").strip().splitlines()[0].partition(": ")[2].rstrip(".")


def reference(known: Mapping[str, KnownSource]) -> str:
    """Return the page `docs/configuration.md`."""
    assert layers is not None
    parts = [
        "# Configuration",
        "",
        "Generated from `argus/config/schema.py`; do not edit. `argus init` writes a commented",
        "`argus.toml` to begin with. Unknown keys are errors that list the allowed ones.",
        "",
        layers.partition("\n\n")[2].strip(),
        "",
        f"Without any `[sources.<name>]` all sources record {' and '.join(DEFAULT_SYMBOLS)}, with",
        "all data types. Durations end in `_s` or `_ms`, sizes in `_bytes_max`.",
        "",
    ]
    for name, section in _SECTIONS:
        parts += [f"## [{name}]", "", f"{_about(section).capitalize()}.", "", *_rows(section), ""]
        if section is SourceConfig:
            parts += [f"### {_RULE[0].upper()}{_RULE[1:]}", "", *_rows(SymbolRule), ""]
            parts += _sources(known)
    return "\n".join(parts)


def _sources(known: Mapping[str, KnownSource]) -> list[str]:
    rows = ["### Sources", "", "| source | data types | addresses |", "|---|---|---|"]
    for name, source in known.items():
        urls = [f"`{r}` {u}" if r else u for r, u in source.routes.items()]
        addresses = ", ".join([*urls, source.rest_url])
        rows.append(f"| `{name}` | {', '.join(source.data_types)} | {addresses} |")
    return [*rows, ""]


def _line(declared: Declared, value: str, *, active: bool = False) -> list[str]:
    allowed = _range(declared)
    doc = f"# {declared.key.doc}{f' ({allowed})' if allowed else ''}"
    return [doc, f"{'' if active else '#'}{declared.name} = {value}"]


def _source_example(name: str, source: KnownSource) -> list[str]:
    known = {
        "data_types": toml(source.data_types),
        "rest_url": toml(source.rest_url),
        "snapshot_levels": toml(min(1000, source.snapshot_levels_max)),
    }
    lines = [f"[sources.{name}]"]
    for d in keys(SourceConfig):
        if d.name == "websocket_urls":
            lines += _urls_example(source.routes)
            continue
        value = known.get(d.name) or _default(d) or d.key.example
        lines += _line(d, value, active=d.name in {"symbols", "data_types"})
    return lines


def _urls_example(routes: Mapping[str, str]) -> list[str]:
    if len(routes) == 1:
        url = next(iter(routes.values()))
        return ["# websocket address", f"#websocket_url = {toml(url)}"]
    pairs = ", ".join(f"{route} = {toml(url)}" for route, url in routes.items())
    return ["# websocket address per route", f"#websocket_urls = {{ {pairs} }}"]


def example(known: Mapping[str, KnownSource]) -> str:
    """Return the commented `argus.toml` of `argus init`: the defaults, said aloud."""
    lines = [
        "# What Argus records, and where to. A line that begins with # shows a default.",
        "# Every key: docs/configuration.md",
    ]
    for name, section in _SECTIONS:
        if section is SourceConfig:
            lines += ["", f"# {_RULE[0].upper()}{_RULE[1:]}; its keys:"]
            lines += [f"#   {d.name}: {d.key.doc}" for d in keys(SymbolRule)]
            for source, about in known.items():
                lines += ["", *_source_example(source, about)]
            continue
        lines += ["", f"[{name}]"]
        for d in keys(section):
            lines += _line(d, _default(d) or d.key.example, active=d.name == "data")
    return "\n".join(lines) + "\n"
