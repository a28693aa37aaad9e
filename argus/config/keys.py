"""Pure. How a configuration key is declared: its type, its limits and its documentation.

A section of the configuration is a frozen dataclass whose fields are annotated with a `Key`.
Reading, checking, `docs/configuration.md` and the commented `argus.toml` derive from it.
"""

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Protocol, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Key:
    """What a declared type cannot say about a key.

    Args:
        doc: what the key means, in one sentence without a full stop.
        minimum: the smallest allowed number.
        maximum: the largest allowed number.
        example: how the key is written in `argus.toml` where its default cannot be written.
    """

    doc: str
    minimum: float | None = None
    maximum: float | None = None
    example: str = ""


class Section(Protocol):
    """A dataclass whose fields are keys."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


class Kind(StrEnum):
    """What a key holds, as a person would say it."""

    WHOLE = "whole number"
    NUMBER = "number"
    FLAG = "true or false"
    TEXT = "text"
    TEXTS = "list of texts"
    CHOICE = "one of"
    TABLE = "table of texts"
    SYMBOLS = "list of texts or a rule"


@dataclass(frozen=True, slots=True)
class Declared:
    """One key of a section."""

    name: str
    kind: Kind
    key: Key
    choices: tuple[str, ...]
    enum: type[StrEnum] | None
    default: object


def _kind(core: object) -> Kind:
    if isinstance(core, type) and issubclass(core, StrEnum):
        return Kind.CHOICE
    if get_origin(core) is tuple:
        return Kind.TEXTS
    simple: dict[object, Kind] = {
        bool: Kind.FLAG,
        int: Kind.WHOLE,
        float: Kind.NUMBER,
        str: Kind.TEXT,
    }
    return simple.get(core, Kind.TABLE)


def _declared(name: str, annotation: object, default: object) -> Declared:
    note = next(m for m in get_args(annotation)[1:] if isinstance(m, Key))
    parts = get_args(annotation)[0]
    cores = [t for t in get_args(parts) if t is not NoneType]
    if get_origin(parts) is not UnionType:
        cores = [parts]
    kind = _kind(cores[0]) if len(cores) == 1 else Kind.SYMBOLS
    enum = cores[0] if kind is Kind.CHOICE else None
    choices = tuple(e.value for e in enum) if enum else ()
    return Declared(name, kind, note, choices, enum, default)


def keys(section: type[Section]) -> Iterator[Declared]:
    """Yield the keys of a section in the order of its declaration.

    A field without a `Key` (the name of a source, for instance) is not read from the file.
    """
    hints = get_type_hints(section, include_extras=True)
    for f in fields(section):
        if get_origin(hints[f.name]) is Annotated:
            made = f.default_factory() if f.default_factory is not MISSING else f.default
            yield _declared(f.name, hints[f.name], made)
