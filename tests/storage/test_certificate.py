from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from msgspec import json

from argus.errors import ForeignFile
from argus.events import SCHEMA_VERSION
from argus.storage import certificate
from argus.storage.certificate import certificate_of, decoded, encoded, is_same, path_of
from argus.storage.findings import Book, Fingerprint, Gaps
from argus.storage.holes import Hole
from argus.storage.partition import Partition
from tests.storage.test_findings import day, hole

NOW = 1_700_000_000 * 10**9
AT = PurePosixPath("certificates/x.json")
FOUND = day(
    "book_delta",
    previous_id=0,
    holes=(hole(is_covered=True), Hole(None, None, 1, 5, 6, every_ns=60)),
    gaps=Gaps(1, 2, 3, 4, reaches_on=True),
    book=Book(7, 1),
    set_aside=1,
    file=Fingerprint("lake/x", 10, "00ff", rows=2, schema_version=SCHEMA_VERSION, merged={"g": 4}),
    rows_sha256="abcd",
    error="torn",
)


def made(found=FOUND, *, argus="1.0", now_ns=NOW):
    return certificate_of(found, argus=argus, now_ns=now_ns)


def test_it_lies_beside_the_lake_in_the_same_tree():
    assert path_of(Partition("venue", "trade", "A/B", "2023-11-14")) == PurePosixPath(
        "certificates/source=venue/data_type=trade/symbol=A%2FB/year=2023/date=2023-11-14.json"
    )


def test_it_says_what_was_found_when_and_by_whom():
    plain = json.decode(encoded(made()))
    assert list(plain) == sorted(plain)
    assert plain == {
        "format": 1,
        "argus": "1.0",
        "made": "2023-11-14T22:13:20Z",
        "schema_version": SCHEMA_VERSION,
        "source": "venue",
        "data_type": "book_delta",
        "symbol": "A",
        "date": "2023-11-14",
        "grade": "B",
        "verdict": "incomplete",
        "rows": 3,
        "rows_waiting": 1,
        "rows_sha256": "abcd",
        "expected": None,
        "previous_id": 0,
        "first_id": 1,
        "last_id": 3,
        "repeats": 0,
        "disorder": 0,
        "missing": 3,
        "missing_unadmitted": 1,
        "holes": [
            {
                "first_id": 4, "last_id": 5, "missing": 2, "ts_from": 0, "ts_until": 9,
                "every_ns": None, "is_covered": True,
            },
            {
                "first_id": None, "last_id": None, "missing": 1, "ts_from": 5, "ts_until": 6,
                "every_ns": 60, "is_covered": False,
            },
        ],
        "holes_left_out": 0,
        "gaps": {
            "open": 1, "open_missing": 2, "filled": 3, "filled_missing": 4, "reaches_on": True,
        },
        "book": {"compared": 7, "different": 1},
        "set_aside": 1,
        "file": {
            "path": "lake/x", "size_bytes": 10, "sha256": "00ff", "rows": 2,
            "schema_version": SCHEMA_VERSION, "merged": {"g": 4},
        },
        "error": "torn",
    }  # fmt: skip


@pytest.mark.parametrize("found", [FOUND, day()])
def test_it_is_read_as_it_was_written(found):
    assert decoded(encoded(made(found)), at=AT) == made(found)
    assert made(found).partition == found.partition


def test_same_findings_give_the_same_bytes_but_for_the_time():
    later = made(now_ns=NOW + 10**9)
    assert encoded(made()) == encoded(made())
    assert is_same(later, made())
    lines = zip(encoded(later).splitlines(), encoded(made()).splitlines(), strict=True)
    assert [a for a, b in lines if a != b] == [b'  "made": "2023-11-14T22:13:21Z",']


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 4},
        {"rows_sha256": "abce"},
        {"last_id": 4},
        {"holes": ()},
        {"gaps": Gaps(1, 2, 3, 5, reaches_on=True)},
        {"book": None},
        {"file": None},
    ],
)
def test_other_findings_make_another_certificate(change):
    assert not is_same(made(replace(FOUND, **change)), made())


def test_another_version_of_argus_makes_another_certificate():
    assert not is_same(made(argus="1.1"), made())


def test_without_a_file_the_columns_are_todays():
    assert made(day()).schema_version == SCHEMA_VERSION
    file = Fingerprint("lake/x", 10, "00ff", rows=2, schema_version=0)
    assert made(day(file=file)).schema_version == 0


def test_too_many_holes_are_counted(monkeypatch):
    monkeypatch.setattr(certificate, "HOLES_MAX", 2)
    found = made(day(holes=(hole(1), hole(2), hole(3)), holes_left_out=4))
    assert [h.missing for h in found.holes] == [1, 2]
    assert (found.holes_left_out, found.missing) == (5, 10)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"rows": 1}'])
def test_what_is_no_certificate_is_refused(content):
    with pytest.raises(ForeignFile, match=r"expected a certificate, in certificates/x\.json"):
        decoded(content, at=AT)


def test_certificate_of_a_newer_argus_is_refused():
    content = encoded(replace(made(), format=2))
    with pytest.raises(ForeignFile, match="found format 2, expected at most 1"):
        decoded(content, at=AT)
