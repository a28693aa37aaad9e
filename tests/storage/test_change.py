from dataclasses import replace

import pytest

from argus.storage.certificate import certificate_of
from argus.storage.change import WRONG, Change, change
from argus.storage.findings import Fingerprint
from tests.storage.test_findings import day

FILE = Fingerprint("lake/x", 100, "00", rows=3, schema_version=1, merged={"g": 4})
MERGED = replace(FILE, size_bytes=200, sha256="11", rows=5, merged={"g": 5})
DAY = day(file=FILE, rows_sha256="aa", previous_id=0)
GROWN = replace(DAY, rows=5, last_id=5, rows_sha256="bb", file=MERGED)


def changed(now, was=DAY):
    return change(certificate_of(was, argus="1.0", now_ns=0), now)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (DAY, Change.SAME),
        (None, Change.GONE),
        (replace(DAY, error="torn"), Change.UNREADABLE),
        # The same rows, and a merge of facts that were there already, or something else.
        (replace(DAY, file=replace(MERGED, rows=3)), Change.REWRITTEN),
        (replace(DAY, file=replace(FILE, sha256="22")), Change.ALTERED),
        (replace(DAY, file=None), Change.ALTERED),
        (GROWN, Change.GROWN),
        (replace(GROWN, file=replace(MERGED, merged={"g": 4, "h": 1})), Change.GROWN),
        # More wait than did, and the date file is as it was.
        (replace(GROWN, file=FILE), Change.GROWN),
        # Other values, and as many rows.
        (replace(DAY, rows_sha256="bb"), Change.ALTERED),
        (replace(DAY, rows_sha256="bb", file=MERGED), Change.ALTERED),
        # More rows, and no chunk they could be from.
        (replace(GROWN, file=replace(FILE, rows=5)), Change.ALTERED),
        (replace(GROWN, file=replace(FILE, sha256="22")), Change.ALTERED),
        (replace(GROWN, file=replace(MERGED, merged={"g": 4})), Change.ALTERED),
        # Fewer rows; ids that are gone; chunks that the file had and no longer names.
        (replace(GROWN, rows=2), Change.ALTERED),
        (replace(GROWN, first_id=2), Change.ALTERED),
        (replace(GROWN, first_id=None), Change.ALTERED),
        (replace(GROWN, last_id=2), Change.ALTERED),
        (replace(GROWN, last_id=None), Change.ALTERED),
        (replace(GROWN, file=replace(MERGED, merged={"h": 9})), Change.ALTERED),
        (replace(GROWN, file=replace(MERGED, merged={"g": 3, "h": 9})), Change.ALTERED),
    ],
)
def test_change_says_what_became_of_a_day(now, expected):
    assert changed(now) is expected


def test_day_without_a_date_file_grows_into_one():
    waiting = replace(DAY, file=None)
    assert changed(DAY, waiting) is Change.REWRITTEN
    assert changed(GROWN, waiting) is Change.GROWN
    assert changed(replace(GROWN, file=None), waiting) is Change.GROWN


def test_day_without_ids_grows():
    was = replace(DAY, first_id=None, last_id=None)
    assert changed(replace(GROWN, first_id=None, last_id=None), was) is Change.GROWN


def test_what_is_wrong_is_what_merging_never_does():
    assert set(Change) - WRONG == {
        Change.SAME,
        Change.REWRITTEN,
        Change.GROWN,
        Change.UNCERTIFIED,
    }
