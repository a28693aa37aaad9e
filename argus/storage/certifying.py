"""Shell. Certificates on the disk: written beside the lake, and read again.

They do not lie inside the lake: some readers (Polars given a folder) refuse a folder that holds
anything but Parquet files.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from argus.errors import ForeignFile
from argus.storage.certificate import (
    CERTIFICATES,
    Certificate,
    certificate_of,
    decoded,
    encoded,
    is_same,
    path_of,
)
from argus.storage.disk import Disk, LocalDisk, passing_folder, writing
from argus.storage.findings import PathDay
from argus.storage.holding import NO_LINKS
from argus.storage.partition import Partition


@dataclass(frozen=True, slots=True)
class Certified:
    """What became of the certificates of an audit.

    Attributes:
        folder: where they lie.
        written: certificates that are new or say something else than before.
        unchanged: certificates that were left as they are.
        refused: why none can be written there; None if they can.
    """

    folder: Path
    written: int = 0
    unchanged: int = 0
    refused: str | None = None


def certify(
    data: Path, days: tuple[PathDay, ...], *, argus: str, now_ns: int, disk: Disk | None = None
) -> Certified:
    """Write a certificate for each path and day; one that says the same already is left alone.

    Args:
        data: the data folder; one that is read-only is no error.
        days: what an audit found.
        argus: the version of Argus.
        now_ns: the time.
        disk: where to write.
    """
    disk = disk or LocalDisk(secrets.token_hex(4))
    folder = data / CERTIFICATES
    made = [certificate_of(day, argus=argus, now_ns=now_ns) for day in days]
    new = [certificate for certificate in made if not _is_there(data, certificate)]
    if new:
        try:
            _write(data, new, disk)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            return Certified(folder, refused=error.strerror or str(error))
    return Certified(folder, written=len(new), unchanged=len(made) - len(new))


def _write(data: Path, certificates: list[Certificate], disk: Disk) -> None:
    with passing_folder(data / CERTIFICATES, "certify") as scratch:
        for certificate in certificates:
            target = data / path_of(certificate.partition)
            with writing(disk, target, scratch=scratch) as file:
                file.write(encoded(certificate))


def _is_there(data: Path, certificate: Certificate) -> bool:
    # What cannot be read is written anew.
    with suppress(ForeignFile):
        found = certificate_at(data, certificate.partition)
        return found is not None and is_same(found, certificate)
    return False


def certificate_at(data: Path, partition: Partition) -> Certificate | None:
    """Return the certificate of a path and day, if there is one.

    Raises:
        ForeignFile: the file holds none of ours, or that of another path and day.
    """
    path = path_of(partition)
    try:
        content = (data / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    found = decoded(content, at=path)
    if found.partition != partition:
        raise ForeignFile(f"found a certificate of {path_of(found.partition)} in {path}")
    return found
