"""Shell. Holding files while others merge: chunks first, then the date files they feed.

A chunk that is gone by then was merged into a date file that is held afterwards. Held files do not
change any more, and the metadata of the date files says what of each chunk they have already: so
nothing is missed and nothing counted twice. Holding is a hard link; without a folder for links
the files are used as they lie.
"""

import errno
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from argus.errors import ForeignFile, TornFile
from argus.storage.chunk import TEMP, Chunk, chunk_at
from argus.storage.disk import link, passing_folder
from argus.storage.generation import Acceptance, acceptance, generations
from argus.storage.merge import TornChunk, read_round
from argus.storage.parquet import merged_in, opened
from argus.storage.partition import Partition
from argus.storage.plan import Stored, Waiting, waiting
from argus.storage.survey import chunk_paths, stored_at

NO_LINKS = {errno.EROFS, errno.EPERM, errno.EACCES, errno.ENOTSUP}
"""Errors of a folder in which nothing can be linked."""


@dataclass(slots=True)
class Holding:
    """Accepted chunks and what they feed, each under the name by which it is read.

    Attributes:
        data: the data folder.
        root: an empty folder on the same file system for links, or `data` to make none.
        unread: files that could not be read, filled as they are met.
    """

    data: Path
    root: Path
    unread: list[Path] = field(default_factory=list)
    _merged: dict[Partition, dict[str, int]] = field(default_factory=dict)

    def waiting(self, data_type: str, source: str | None = None) -> list[Waiting]:
        """Hold what is accepted of a data type; return what is in no date file yet.

        Raises:
            OSError: links cannot be made in `root`.
        """
        accepted = self._accepted()
        chunks = list(self._chunks(accepted, data_type, source))

        def is_wanted(chunk: Chunk, symbol: str) -> bool:
            return accepted[chunk.generation].covers(chunk.source, chunk.data_type, symbol)

        return waiting(chunks, merged=self._merged_of, is_wanted=is_wanted)

    def path(self, relative: Path) -> Path:
        """Return the name by which a file is read from now on.

        Raises:
            FileNotFoundError: it is gone.
        """
        path = self.root / relative
        if self.root != self.data and not path.exists():
            link(self.data / relative, path)
        return path

    def rows(self, waits: Iterable[Waiting]) -> Iterator[tuple[Waiting, pa.Table]]:
        """Read the rows of one round by date file; chunks that cannot be read are left out."""
        waits = list(waits)
        try:
            yield from read_round(self.root, waits)
        except TornChunk as error:
            path = self.root / error.chunk.path
            if not path.exists():
                raise FileNotFoundError(path) from error
            self.unread.append(self.data / error.chunk.path)
            left = [wait.without(error.chunk) for wait in waits]
            yield from self.rows([wait for wait in left if wait.parts])

    def _accepted(self) -> dict[str, Acceptance]:
        accepted = {}
        for generation in generations(self.data):
            try:
                accepted[generation] = acceptance(self.data, generation)
            except ForeignFile:
                self.unread.append(self.data / TEMP / generation)
        return accepted

    def _chunks(
        self, accepted: dict[str, Acceptance], data_type: str, wanted: str | None
    ) -> Iterator[Stored]:
        for generation, found in accepted.items():
            if not found.patterns:
                continue
            folders = sorted((self.data / TEMP / generation).glob("[!.]*/"))
            for source in (folder.name for folder in folders if wanted in {None, folder.name}):
                for path in chunk_paths(self.data, generation, source, data_type):
                    try:
                        chunk = chunk_at(path)
                        yield stored_at(self.path(Path(chunk.path)), chunk)
                    except FileNotFoundError:
                        continue  # Merged since it was listed: what it held is in a date file.
                    except (TornFile, ForeignFile):
                        self.unread.append(path)

    def _merged_of(self, partition: Partition) -> dict[str, int]:
        if partition not in self._merged:
            try:
                with opened(self.path(Path(partition.path))) as file:
                    self._merged[partition] = merged_in(file)
            except FileNotFoundError:
                self._merged[partition] = {}
            except (TornFile, ForeignFile):
                self.unread.append(self.data / partition.path)
                self._merged[partition] = {}
        return self._merged[partition]


@contextmanager
def held(data: Path, name: str) -> Iterator[Holding]:
    """Hold the files of a data folder during the block; where nothing can be linked, as they lie.

    Args:
        data: the data folder.
        name: what reads, for the name of the folder of links.
    """
    if not (data / TEMP).is_dir():
        yield Holding(data, data)
        return
    with ExitStack() as stack:
        root = data
        try:
            root = stack.enter_context(passing_folder(data / TEMP, name))
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
        yield Holding(data, root)
