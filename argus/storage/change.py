"""Pure. What became of a path and day since its certificate was made."""

from enum import StrEnum

from argus.storage.certificate import Certificate
from argus.storage.findings import PathDay


class Change(StrEnum):
    """What became of what was certified.

    The values are what a person reads; `docs/certificate.md` says what each one means.
    """

    SAME = "unchanged"
    REWRITTEN = "rewritten"
    GROWN = "grown"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    GONE = "gone"
    UNCERTIFIED = "not certified"
    FOREIGN = "certificate unreadable"


WRONG = {Change.ALTERED, Change.UNREADABLE, Change.GONE, Change.FOREIGN}
"""What recording and merging never do."""


def change(was: Certificate, now: PathDay | None) -> Change:
    """Compare a certificate with what an audit finds today; None if it finds nothing."""
    if now is None:
        return Change.GONE
    if now.error is not None:
        return Change.UNREADABLE
    if (now.rows, now.rows_sha256) == (was.rows, was.rows_sha256):
        if now.file == was.file:
            return Change.SAME
        return Change.REWRITTEN if _is_merged_on(was, now) else Change.ALTERED
    return Change.GROWN if has_grown(was, now) else Change.ALTERED


def has_grown(was: Certificate, now: PathDay) -> bool:
    """Say whether other rows can be the work of recording and merging, which only add."""
    if now.rows <= was.rows:
        return False
    if was.first_id is not None and (now.first_id is None or now.first_id > was.first_id):
        return False
    if was.last_id is not None and (now.last_id is None or now.last_id < was.last_id):
        return False
    return _is_merged_on(was, now) or (now.file == was.file and now.rows_waiting > 0)


def _is_merged_on(was: Certificate, now: PathDay) -> bool:
    """Say whether the date file names all chunks that it named, and others."""
    before = was.file.merged if was.file else {}
    after = now.file.merged if now.file else {}
    has_lost = any(after.get(name, -1) < last for name, last in before.items())
    return after != before and not has_lost
