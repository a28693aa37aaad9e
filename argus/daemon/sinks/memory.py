"""Shell. What a store remembers from run to run: a small file beside its spool."""

import secrets
from pathlib import Path

from argus.storage.disk import LocalDisk, writing
from argus.storage.spool import SPOOL
from argus.telemetry import Report, SpoolFailed

NAME = "memory.json"


class MemoryFile:
    """A file that is replaced as a whole.

    Args:
        data: the data folder.
        store: the store's name.
        report: told when it cannot be written.
    """

    def __init__(self, data: Path, store: str, *, report: Report) -> None:
        self._path = data / SPOOL / store / NAME
        self._store = store
        self._report = report
        self._disk = LocalDisk(secrets.token_hex(4))

    def load(self) -> bytes:
        """Return what was saved last; nothing at first."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""

    def save(self, content: bytes) -> None:
        """Make it durable, or leave what was saved before."""
        try:
            with writing(self._disk, self._path, scratch=self._path.parent) as file:
                file.write(content)
        except OSError as error:
            self._report(SpoolFailed(self._store, str(error)))
