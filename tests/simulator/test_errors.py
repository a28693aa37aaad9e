"""Errors say what was found, what was expected and where."""

import pytest

from argus.simulator import errors


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.RecordingError("a/file", 3, b"x" * 200), ["line 3", "a/file", "<ns> <json>"]),
        (errors.TruthEvicted("trade", "BTCUSDT", 7), ["7 facts", "trade BTCUSDT"]),
        (errors.NotByReplay("list X"), ["list X", "recording"]),
        (errors.NoSuchConnection(9, [1, 2]), ["9", "[1, 2]"]),
    ],
)
def test_an_error_has_its_data_in_its_text(error, words):
    assert isinstance(error, errors.SimulatorError)
    assert all(word in str(error) for word in words)
    assert len(str(error)) < 250
