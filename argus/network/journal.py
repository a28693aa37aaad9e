"""Shell. A source's journal, as those who write into it see it."""

from collections.abc import Callable
from typing import Protocol

from argus.agora.path import Path
from argus.agora.router import type_of_line
from argus.events import Event


class Journal(Protocol):
    """Takes what has to survive the death of this process."""

    @property
    def append(self) -> Callable[[type_of_line], None]:
        """Return what takes `ts_recv` and frame of each fact that was accepted, in that order."""
        ...

    def begin(self, path: Path, fact: Event) -> None:
        """Note that a path begins with this fact, which is appended next."""
        ...

    def note(self, path: Path, fact: Event, answer: bytes = b"") -> None:
        """Take a fact that came over no stream; `answer` is what a book was decoded from."""
        ...
