"""Shell. Generations on the disk: who is alive, whose chunks are accepted, which are stale.

Everything a generation has written and the lake does not hold yet lies in `temp/<hash>`. The file
`accepted` in it lists what `bump` accepted, and is gone with the folder. A running process holds a
lock on `.live` in it, so that nobody takes its folder for a leftover. After its death its journal,
`journal/<hash>`, is recovered if it was accepted, else kept like its chunks.
"""

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from argus.errors import ForeignFile, StorageError
from argus.storage.chunk import JOURNAL, TEMP, Chunk, chunk_at
from argus.storage.disk import Disk, locked, writing

ACCEPTED = "accepted"
LIVE = ".live"
RUNS = ".runs"
"""The folder, below that of the journals, of the marks of runs of this machine; a copied folder of
chunks brings none."""
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
    """A generation with chunks that are not accepted, or a journal of one that never was.

    Attributes:
        hash: its name.
        sources: what it has recorded.
        files: its chunks.
        bytes: their size.
        oldest: the first fact in them (UTC ns); 0 if there are none.
        newest: the last one.
        journal_files: the files of its journal, if nothing of it was accepted.
        journal_bytes: their size.
        is_live: whether its process runs; so does one that is about to take over.
    """

    hash: str
    sources: tuple[str, ...]
    files: int
    bytes: int
    oldest: int
    newest: int
    journal_files: int
    journal_bytes: int
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


def begin_run(data: Path, generation: str, *, disk: Disk) -> None:
    """Note that a run begins, and in which order after the others; this survives a crash.

    What a run records counts once it is accepted, which it is as soon as it knows what was missed
    before it: chunks that are merged earlier would pass for what an earlier run recorded last.
    """
    folder = folder_of(data, generation)
    disk.make_folder(folder)
    with locked(data / TEMP / _LOCK):
        runs = [path.name for path in (data / JOURNAL / RUNS).glob("*")]
        number = max((run_number(data, name) or 0 for name in runs), default=0) + 1
        with writing(disk, _mark(data, generation), scratch=folder) as file:
            file.write(str(number).encode())


def run_number(data: Path, generation: str) -> int | None:
    """Return the number of a run, which rises from run to run; None if it has not begun one."""
    try:
        text = _mark(data, generation).read_text("ascii", errors="replace")
    except FileNotFoundError:
        return None
    return int(text) if text.isdigit() else 0


def _mark(data: Path, generation: str) -> Path:
    return data / JOURNAL / RUNS / generation


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
    """Return the generations that wait for a person to accept or delete them."""
    names = {*generations(data), *with_journal(data)}
    found = (_stale(data, generation) for generation in sorted(names))
    return [entry for entry in found if entry is not None]


def _stale(data: Path, generation: str) -> StaleGeneration | None:
    chunks = list(chunks_of(data, generation))
    patterns = acceptance(data, generation).patterns
    if not patterns and run_number(data, generation) is not None:
        return None  # It is looking back, or died so and is recovered at the next start.
    journal = [] if patterns else _journal_of(data, generation)
    if not journal and all(_is_all_accepted(patterns, chunk) for chunk, _ in chunks):
        return None
    sources = {chunk.source for chunk, _ in chunks} | {path.parent.name for path, _ in journal}
    return StaleGeneration(
        hash=generation,
        sources=tuple(sorted(sources)),
        files=len(chunks),
        bytes=sum(size for _, size in chunks),
        oldest=min((chunk.ts_first for chunk, _ in chunks), default=0),
        newest=max((chunk.ts_last for chunk, _ in chunks), default=0),
        journal_files=len(journal),
        journal_bytes=sum(size for _, size in journal),
        is_live=is_live(data, generation),
    )


def with_journal(data: Path) -> list[str]:
    """Return the generations that have a journal, in no order."""
    return [folder.name for folder in (data / JOURNAL).glob("[!.]*/")]


def _journal_of(data: Path, generation: str) -> list[tuple[Path, int]]:
    """Return the files of a generation's journal with their sizes."""
    found = []
    for path in sorted((data / JOURNAL / generation).glob("*/*.log")):
        with suppress(FileNotFoundError):  # It has been recovered since it was listed.
            found.append((path, path.stat().st_size))
    return found


def _is_all_accepted(patterns: frozenset[type_of_pattern], chunk: Chunk) -> bool:
    return any(
        s in {ANY, chunk.source} and d in {ANY, chunk.data_type} and y is ANY
        for s, d, y in patterns
    )


def delete_generation(data: Path, generation: str, *, disk: Disk) -> None:
    """Delete a generation's chunks and journal: a person's command, what is in them is lost.

    Raises:
        StorageError: there is none, it is alive, or what it has recorded is accepted and on its way
            into the lake.
    """
    folders = [folder_of(data, generation), data / JOURNAL / generation]
    if not any(folder.is_dir() for folder in folders):
        known = ", ".join(sorted({*generations(data), *with_journal(data)})) or "none"
        raise StorageError(f"found no generation {generation}, expected one of: {known}, in {data}")
    with locked(data / TEMP / _LOCK):
        if is_live(data, generation):
            raise StorageError(f"found {generation} alive, expected a generation that has ended")
        is_left = any(chunks_of(data, generation)) or bool(_journal_of(data, generation))
        if acceptance(data, generation).patterns and is_left:
            raise StorageError(
                f"found chunks of {generation} that are accepted and not merged, expected none, "
                f"in {folders[0]}"
            )
        for folder in folders:
            if folder.is_dir():
                disk.delete_folder(folder)
        disk.delete(_mark(data, generation))


def remove_if_finished(data: Path, generation: str, *, disk: Disk) -> bool:
    """Remove the folder of a generation that has ended and left nothing; say whether it did.

    Torn and foreign files are something, and so is a journal that waits to be recovered. A folder
    that holds nothing but its acceptance stays: its generation may be about to begin.
    """
    folder = folder_of(data, generation)
    if (data / JOURNAL / generation).is_dir():
        return False
    with locked(data / TEMP / _LOCK):
        files = [path for path in folder.rglob("*") if path.is_file()]
        is_left = any(path.name != ACCEPTED and not _is_hidden(path) for path in files)
        is_awaited = [path.name for path in folder.glob("*")] == [ACCEPTED]
        if is_left or is_awaited or not folder.is_dir() or is_live(data, generation):
            return False
        disk.delete_folder(folder)
        disk.delete(_mark(data, generation))
    return True


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")
