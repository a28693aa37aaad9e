"""The words are what is stored: changing one changes every lake."""

import pytest

from argus.terms import GapReason, GapState, Origin, Side


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        (Side, "buy sell unknown"),
        (Origin, "live snapshot backfill import"),
        (GapState, "open filled"),
        (
            GapReason,
            "cut unsewn stalled overrun venue_skipped dead_letter disk process_down",
        ),
    ],
)
def test_words_are_stored_as_they_always_were(words, stored):
    assert [word.value for word in words] == stored.split()
    assert len({hash(word) for word in words}) == len(words)
    assert {word.value: word for word in words}[words(stored.split()[0])] is next(iter(words))
