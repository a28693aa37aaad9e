"""Shell. Looks at a frame now and then for fields that we do not know.

Typed decoding skips unknown fields at no cost and loses no fact; but a new field should be told
once, so that someone decides whether to record it.
"""

from collections.abc import Callable

import msgspec

from argus.network.source import UNDECODABLE, Channel
from argus.telemetry import FieldUnknown, Report


class _Frame(msgspec.Struct):
    data: dict[str, msgspec.Raw]


_read = msgspec.json.Decoder(_Frame).decode


class UnknownFields:
    """Tells each unknown field of a channel once.

    Args:
        source: whose channels are looked at.
        report: takes a `FieldUnknown` per channel and field.
    """

    def __init__(self, source: str, report: Report) -> None:
        self._source = source
        self._report = report
        self._told: set[tuple[str, str]] = set()

    def first(self, channel: Channel) -> Callable[[bytes], None]:
        """Return a function that looks at one frame of a channel."""

        def look(frame: bytes) -> None:
            self.look(channel, frame)

        return look

    def look(self, channel: Channel, frame: bytes) -> None:
        """Tell the fields of a frame that the channel does not declare and were not told yet."""
        try:
            payload = _read(frame).data
        except UNDECODABLE:
            return  # typed decoding skips what it does not know, so the fact is not lost
        for name in payload:
            key = (channel.data_type, name)
            if name not in channel.fields and key not in self._told:
                self._told.add(key)
                self._report(FieldUnknown(self._source, channel.data_type, name))
