"""Shell. Generations on the disk: who is alive, whose chunks are accepted, which are stale.

Everything a generation has written and the lake does not hold yet lies in `temp/<hash>`. The file
`accepted` in it lists what `bump` accepted, and is gone with the folder. A running process holds a
lock on `.live` in it, so that nobody takes its folder for a leftover.
"""

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from argus.errors import ForeignFile, StorageError
from argus.storage.chunk import TEMP, Chunk, chunk_at
from argus.storage.disk import Disk, locked, writing

ACCEPTED = "accepted"
LIVE = ".live"
_LOCK = ".generations.lock"

ANY = None
"""Stands for all in an acceptance."""

type_of_pattern = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What is accepted of a generation: patterns of source, data type and symbol."""

    patterns: frozenset[type_of_pattern] = frozenset()

    def covers(self, source: str, data_type: str, symbol: str) -> bool:
        """Say whether a symbol's chunks are accepted."""
        return any(
            s in {ANY, source} and d in {ANY, data_type} and y in {ANY, symbol}
            for s, d, y in self.patterns
        )


@dataclass(frozen=True, slots=True)
class StaleGeneration:
    """A generation with chunks that are not accepted; `oldest` and `newest` are instants in ns."""

    hash: str
    sources: tuple[str, ...]
    files: int
    bytes: int
    oldest: int
    newest: int
    is_live: bool


def folder_of(data: Path, generation: str) -> Path:
    """Return the folder of a generation's chunks."""
    assert re.fullmatch(r"[^./][^/]*", generation), f"not a generation: {generation!r}"
    return data / TEMP / generation


def generations(data: Path) -> list[str]:
    """Return the generations that have a folder, in the order of their names."""
    root = data / TEMP
    if not root.is_dir():
        return []
    return sorted(f.name for f in root.iterdir() if f.is_dir() and not f.name.startswith("."))


def acceptance(data: Path, generation: str) -> Acceptance:
    """Return what is accepted of a generation.

    Raises:
        ForeignFile: the file of that name is not ours.
    """
    path = folder_of(data, generation) / ACCEPTED
    try:
        found = json.loads(path.read_text("utf-8"))
        patterns = frozenset((s, d, y) for s, d, y in found)
    except FileNotFoundError:
        return Acceptance()
    except (ValueError, TypeError) as error:
        raise ForeignFile(f"found {error}, expected a list of triples, in {path}") from error
    return Acceptance(patterns)


def accept(
    data: Path,
    generation: str,
    *,
    disk: Disk,
    source: str | None = ANY,
    data_type: str | None = ANY,
    symbol: str | None = ANY,
) -> None:
    """Accept from now on a generation's chunks, of all or of one source, data type and symbol."""
    folder = folder_of(data, generation)
    disk.make_folder(folder)
    with locked(data / TEMP / _LOCK):
        before = acceptance(data, generation).patterns
        after = before | {(source, data_type, symbol)}
        if after == before:
            return
        lines = sorted(after, key=lambda pattern: [part or "" for part in pattern])
        with writing(disk, folder / ACCEPTED, scratch=folder) as file:
            file.write(json.dumps(lines, ensure_ascii=False, indent=0).encode())


def alive(data: Path, generation: str) -> AbstractContextManager[bool]:
    """Hold a generation alive in a `with`; gives false if another process holds it."""
    return locked(folder_of(data, generation) / LIVE, is_patient=False)


def is_live(data: Path, generation: str) -> bool:
    """Say whether a process holds the generation alive."""
    if not (folder_of(data, generation) / LIVE).exists():
        return False
    with alive(data, generation) as is_free:
        return not is_free


def chunks_of(data: Path, generation: str) -> Iterator[tuple[Chunk, int]]:
    """Return all chunks of a generation with their sizes."""
    for path in sorted(folder_of(data, generation).glob("*/*/*.parquet")):
        try:
            yield chunk_at(path), path.stat().st_size
        except (ForeignFile, FileNotFoundError):
            continue  # Not a chunk, or merged and deleted since it was listed.


def stale(data: Path) -> list[StaleGeneration]:
    """Return the generations whose chunks wait for a person to accept or delete them."""
    found = []
    for generation in generations(data):
        chunks = list(chunks_of(data, generation))
        patterns = acceptance(data, generation).patterns
        if not chunks or all(_is_all_accepted(patterns, chunk) for chunk, _ in chunks):
            continue
        found.append(
            StaleGeneration(
                hash=generation,
                sources=tuple(sorted({chunk.source for chunk, _ in chunks})),
                files=len(chunks),
                bytes=sum(size for _, size in chunks),
                oldest=min(chunk.ts_first for chunk, _ in chunks),
                newest=max(chunk.ts_last for chunk, _ in chunks),
                is_live=is_live(data, generation),
            )
        )
    return found


def _is_all_accepted(patterns: frozenset[type_of_pattern], chunk: Chunk) -> bool:
    return any(
        s in {ANY, chunk.source} and d in {ANY, chunk.data_type} and y is ANY
        for s, d, y in patterns
    )


def delete_generation(data: Path, generation: str, *, disk: Disk) -> None:
    """Delete a generation's folder: a person's command, what is in it is lost.

    Raises:
        StorageError: there is none, it is alive, or its chunks are accepted and still to be merged.
    """
    folder = folder_of(data, generation)
    if not folder.is_dir():
        known = ", ".join(generations(data)) or "none"
        raise StorageError(f"found no generation {generation}, expected one of: {known}, in {data}")
    with locked(data / TEMP / _LOCK):
        if is_live(data, generation):
            raise StorageError(f"found {generation} alive, expected a generation that has ended")
        if acceptance(data, generation).patterns and any(chunks_of(data, generation)):
            raise StorageError(
                f"found chunks of {generation} that are accepted and not merged, expected none, "
                f"in {folder}"
            )
        disk.delete_folder(folder)


def remove_if_finished(data: Path, generation: str, *, disk: Disk) -> bool:
    """Remove the folder of a generation that has ended and left nothing; say whether it did.

    Torn and foreign files are something. A folder that holds nothing but its acceptance stays: its
    generation may be about to begin.
    """
    folder = folder_of(data, generation)
    with locked(data / TEMP / _LOCK):
        files = [path for path in folder.rglob("*") if path.is_file()]
        is_left = any(path.name != ACCEPTED and not _is_hidden(path) for path in files)
        is_awaited = [path.name for path in folder.glob("*")] == [ACCEPTED]
        if is_left or is_awaited or not folder.is_dir() or is_live(data, generation):
            return False
        disk.delete_folder(folder)
    return True


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")
