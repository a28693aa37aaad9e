"""Shell. Frames that belong to no subscribed stream and mean nothing that is known."""

from __future__ import annotations

from argus.network.letters import DeadLetters
from argus.network.source import Source
from argus.telemetry import MessageUnexpected, Report


class Stray:
    """Keeps them as dead letters and tells of them; late frames of known streams are let pass.

    Args:
        source: whose frames they are.
        number: of the connection they came over.
        letters: where they are kept.
        report: telemetry.
    """

    def __init__(
        self, source: Source, number: int, *, letters: DeadLetters, report: Report
    ) -> None:
        self._source = source
        self._number = number
        self._letters = letters
        self._report = report

    def __call__(self, ts_recv: int, frame: bytes) -> None:
        """Take one frame."""
        envelope = self._source.envelope
        name = frame[len(envelope) :].partition(b'"')[0]
        if frame.startswith(envelope) and self._is_late(name):
            return
        self._letters(self._source.name, ts_recv, frame)
        text = frame[:200].decode("utf-8", "replace")
        self._report(MessageUnexpected(self._source.name, self._number, text))

    def _is_late(self, name: bytes) -> bool:
        # After an unsubscription, or after a planned close, frames may still be on their way.
        return self._source.identify(name.decode("utf-8", "replace")) is not None
