import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.storage.tiers import Load, Tiers, due, is_due
from tests.storage.facts import MIDNIGHT, SECOND, partition

TIERS = Tiers(ratio=0.5, size_bytes_min=100, rows_max=1000, age_max_s=3600, grace_s=60)
AT = partition("A", "2023-11-15")
NOON = MIDNIGHT + 12 * 3600 * SECOND
END = MIDNIGHT + 24 * 3600 * SECOND


def load(rows=1, size_bytes=1, file_bytes=0, ts_since=NOON):
    return Load(AT, rows, size_bytes, file_bytes, ts_since)


@pytest.mark.parametrize(
    ("found", "now_ns", "expected"),
    [
        (load(), NOON, False),
        (load(size_bytes=99), NOON, False),
        (load(size_bytes=100), NOON, True),
        (load(size_bytes=100, file_bytes=201), NOON, False),
        (load(size_bytes=101, file_bytes=201), NOON, True),
        (load(rows=999), NOON, False),
        (load(rows=1000), NOON, True),
        (load(), NOON + 3599 * SECOND, False),
        (load(), NOON + 3600 * SECOND, True),
        (load(ts_since=END - SECOND), END, False),
        (load(ts_since=END - SECOND), END + 59 * SECOND, False),
        (load(ts_since=END - SECOND), END + 60 * SECOND, True),
        # What comes late gathers for as long as the grace.
        (load(ts_since=END + 500 * SECOND), END + 559 * SECOND, False),
        (load(ts_since=END + 500 * SECOND), END + 560 * SECOND, True),
    ],
)
def test_merge_is_due(found, now_ns, expected):
    assert is_due(found, now_ns, TIERS) is expected
    assert due([found], now_ns, TIERS) == ([AT] if expected else [])


@given(st.integers(1, 2000), st.integers(1, 500), st.integers(0, 10**6), st.integers(0, 86_400))
def test_everything_is_due_in_the_end(rows, size_bytes, file_bytes, second):
    found = load(rows, size_bytes, file_bytes, MIDNIGHT + second * SECOND)
    assert is_due(found, END + 86_400 * SECOND, TIERS)


def test_settings_fit_together():
    with pytest.raises(AssertionError):
        Tiers(age_max_s=10, grace_s=60)
    with pytest.raises(AssertionError):
        Tiers(ratio=0)
