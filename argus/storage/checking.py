"""Shell. Holding certificates against the data: which days changed since they were certified.

A date file whose bytes are those that were certified is not read any further. Every other day is
audited again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePath

from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS
from argus.storage.audit import fingerprint, verify
from argus.storage.certificate import CERTIFICATES, Certificate
from argus.storage.certifying import certificate_at
from argus.storage.change import WRONG, Change, change
from argus.storage.findings import PathDay, Verdict
from argus.storage.holding import Holding, held
from argus.storage.partition import FILE, LAKE, Partition, escaped, partition_at
from argus.storage.reading import Selection, partitions


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one path and day.

    Attributes:
        partition: which path and day.
        change: what became of it.
        was: its certificate, if there is one that can be read.
        now: what an audit finds today; None if nothing, or if no audit was needed.
        error: why the certificate cannot be read.
    """

    partition: Partition
    change: Change
    was: Certificate | None = None
    now: PathDay | None = None
    error: str | None = None

    @property
    def is_well(self) -> bool:
        """Say whether nothing happened but what merging does, and what is there is well.

        What is not certified is not judged.
        """
        told = self.now or self.was
        is_incomplete = told is not None and told.verdict is Verdict.INCOMPLETE
        return self.change not in WRONG and not is_incomplete


@dataclass(frozen=True, slots=True)
class _Found:
    """What lies in a data folder: certificates, and days of which there are facts."""

    certificates: dict[Partition, Certificate | ForeignFile]
    days: set[Partition]
    waiting: set[Partition]


def check(
    data: Path,
    *,
    selection: Selection | None = None,
    data_type: str | None = None,
    progress: Callable[[Partition], None] = lambda _: None,
) -> tuple[Checked, ...]:
    """Say of each certificate, and of each day without one, what became of it.

    Args:
        data: the data folder.
        selection: which sources, symbols and dates.
        data_type: one data type, or all.
        progress: told of each path and day that is done.
    """
    selection = selection or Selection()
    wanted = [name for name in EVENTS if data_type in {None, name}]
    done: list[Checked] = []
    suspects: dict[Partition, Certificate] = {}
    with held(data, "check") as holding:
        found = _found(holding, wanted, selection)
        for partition in sorted({*found.certificates, *found.days}):
            was = found.certificates.get(partition)
            if isinstance(was, Certificate) and not _is_as_certified(holding, was, found):
                suspects[partition] = was
                continue
            done.append(_unread(partition, was))
            progress(partition)
    done += _audited(data, suspects, progress)
    return tuple(sorted(done, key=lambda checked: checked.partition))


def _found(holding: Holding, data_types: list[str], selection: Selection) -> _Found:
    found = _Found({}, set(), set())
    for name in data_types:
        waits = {wait.partition for wait in holding.waiting(name, selection.source)}
        found.waiting.update(filter(selection.has, waits))
        found.days.update(partitions(holding, name, selection))
        for partition in _certified(holding.data, name, selection):
            try:
                certificate = certificate_at(holding.data, partition)
            except ForeignFile as error:
                found.certificates[partition] = error
            else:
                if certificate is not None:
                    found.certificates[partition] = certificate
    return found


def _certified(data: Path, data_type: str, selection: Selection) -> Iterator[Partition]:
    source, symbol = (escaped(v) if v else "*" for v in (selection.source, selection.symbol))
    pattern = f"{CERTIFICATES}/source={source}/data_type={data_type}/symbol={symbol}/year=*/*.json"
    for path in data.glob(pattern):
        parts = path.relative_to(data).parts
        try:
            partition = partition_at(PurePath(LAKE, *parts[1:-1], path.stem, FILE))
        except ForeignFile:
            continue  # It has no name of ours, so it certifies nothing.
        if selection.has(partition):
            yield partition


def _is_as_certified(holding: Holding, was: Certificate, found: _Found) -> bool:
    """Say whether a date file has the certified bytes and all certified rows, and nothing waits."""
    if was.file is None or was.partition in found.waiting:
        return False
    path = Path(was.partition.path)
    try:
        now = fingerprint(holding.path(path), str(path))
    except (FileNotFoundError, TornFile, ForeignFile):
        return False
    return now == was.file and now.rows == was.rows


def _unread(partition: Partition, was: Certificate | ForeignFile | None) -> Checked:
    """Return what is said of a day that need not be read."""
    match was:
        case None:
            return Checked(partition, Change.UNCERTIFIED)
        case ForeignFile():
            return Checked(partition, Change.FOREIGN, error=str(was))
        case _:
            return Checked(partition, Change.SAME, was)


def _audited(
    data: Path, suspects: dict[Partition, Certificate], progress: Callable[[Partition], None]
) -> Iterator[Checked]:
    """Audit days again, those of a path together."""
    for (source, data_type, symbol), together in groupby(
        suspects, key=lambda at: (at.source, at.data_type, at.symbol)
    ):
        partitions = list(together)
        selection = Selection(source, symbol, partitions[0].date, partitions[-1].date)
        audit = verify(data, selection=selection, data_type=data_type)
        days = {day.partition: day for day in audit.days}
        for partition in partitions:
            was, now = suspects[partition], days.get(partition)
            yield Checked(partition, change(was, now), was, now)
            progress(partition)
