"""Shell. What a happening is, where it goes, and how it reads."""

import logging
from dataclasses import dataclass, fields
from typing import ClassVar, Protocol


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that can happen; subclasses say what.

    `counter` names the metric it adds to. `is_folded` says whether a warning or error that comes
    again soon is only counted; not so where each has its own story to tell and there are few.
    """

    level: ClassVar[int] = logging.INFO
    counter: ClassVar[str] = ""
    is_folded: ClassVar[bool] = True

    def amount(self) -> int:
        """Return what the counter rises by."""
        return 1


class Report(Protocol):
    """Where happenings go."""

    def __call__(self, happening: Happening, /) -> None:
        """Take one happening."""
        ...


def message(happening: Happening) -> str:
    """Return a happening as one line: the first line of its docstring, then its fields."""
    doc = (type(happening).__doc__ or type(happening).__name__).strip().splitlines()[0].rstrip(".")
    data = " ".join(f"{f.name}={getattr(happening, f.name)}" for f in fields(happening))
    return f"{doc}: {data}" if data else doc


def counter_of(name: str) -> str:
    """Return the name of a counter: `<part>_<noun>_<participle>` as metrics are spelled."""
    return f"argus_{name}_total"
