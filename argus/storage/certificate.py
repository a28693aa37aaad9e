"""Pure. The certificate: what is proven of one path and day, as a file that anybody can read.

One JSON document per date file, in a tree that mirrors the lake. What the grades and the verdicts
mean, and what they do not: docs/certificate.md.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
from msgspec import MsgspecError, json

from argus.errors import ForeignFile
from argus.events import SCHEMA_VERSION
from argus.storage.findings import Book, Fingerprint, Gaps, Grade, PathDay, Verdict
from argus.storage.holes import Hole
from argus.storage.partition import LAKE, Partition

CERTIFICATES = "certificates"
"""The folder of all certificates, below the data folder."""

FORMAT = 1
"""Raised when a field of the certificate is renamed, removed or changes its meaning."""

HOLES_MAX = 1_000
"""Holes described in a certificate; more are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is proven of one path and day; the fields that `PathDay` has mean the same here.

    Attributes:
        format: version of this document.
        argus: which version of Argus made it.
        made: when, UTC.
        schema_version: version of the columns.
    """

    format: int = FORMAT
    argus: str
    made: str
    schema_version: int
    source: str
    data_type: str
    symbol: str
    date: str
    grade: Grade
    verdict: Verdict
    rows: int
    rows_waiting: int
    rows_sha256: str
    expected: int | None
    previous_id: int | None
    first_id: int | None
    last_id: int | None
    repeats: int
    disorder: int
    missing: int
    missing_unadmitted: int
    holes: tuple[Hole, ...]
    holes_left_out: int
    gaps: Gaps
    book: Book | None
    set_aside: int
    file: Fingerprint | None
    error: str | None

    @property
    def partition(self) -> Partition:
        """Return which path and day it is of."""
        return Partition(self.source, self.data_type, self.symbol, self.date)


def certificate_of(day: PathDay, *, argus: str, now_ns: int) -> Certificate:
    """Write down what was found.

    Args:
        day: what was found.
        argus: the version of Argus.
        now_ns: the time.
    """
    at = day.partition
    return Certificate(
        argus=argus,
        made=f"{np.datetime64(now_ns, 'ns').astype('datetime64[s]')}Z",
        schema_version=day.file.schema_version if day.file else SCHEMA_VERSION,
        source=at.source,
        data_type=at.data_type,
        symbol=at.symbol,
        date=at.date,
        grade=day.grade,
        verdict=day.verdict,
        rows=day.rows,
        rows_waiting=day.rows_waiting,
        rows_sha256=day.rows_sha256,
        expected=day.expected,
        previous_id=day.previous_id,
        first_id=day.first_id,
        last_id=day.last_id,
        repeats=day.repeats,
        disorder=day.disorder,
        missing=day.missing,
        missing_unadmitted=day.missing_unadmitted,
        holes=day.holes[:HOLES_MAX],
        holes_left_out=day.holes_left_out + max(0, len(day.holes) - HOLES_MAX),
        gaps=day.gaps,
        book=day.book,
        set_aside=day.set_aside,
        file=day.file,
        error=day.error,
    )


def is_same(one: Certificate, other: Certificate) -> bool:
    """Say whether two certificates say the same, whenever they were made."""
    return replace(one, made=other.made) == other


def path_of(partition: Partition) -> PurePosixPath:
    """Return where a certificate lies below the data folder."""
    folder = partition.path.parent
    return PurePosixPath(CERTIFICATES) / folder.relative_to(LAKE).with_suffix(".json")


def encoded(certificate: Certificate) -> bytes:
    """Return a certificate as it stands in its file."""
    return json.format(json.encode(certificate, order="sorted"), indent=2) + b"\n"


def decoded(content: bytes, *, at: PurePosixPath) -> Certificate:
    """Return the certificate that a file holds.

    Raises:
        ForeignFile: it is none of ours, or a newer Argus made it.
    """
    try:
        found = json.decode(content, type=Certificate)
    except MsgspecError as error:
        raise ForeignFile(f"found {error}, expected a certificate, in {at}") from error
    if found.format > FORMAT:
        raise ForeignFile(f"found format {found.format}, expected at most {FORMAT}, in {at}")
    return found
