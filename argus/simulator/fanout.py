"""Shell. Who gets which stream.

Connections that asked for a stream in the same way (name, wrapping, unit of time) form a group, so
that a frame is written once and sent to all of them.
"""

from collections.abc import Iterable
from typing import Protocol

from argus.simulator.frames import text_frame
from argus.simulator.payloads import dialect_of
from argus.simulator.streams import FORCE_ORDER, Fact, Source, channel_of, kind_of, tier_of
from argus.simulator.tamper import Tamper

# The one stream of all symbols that is served: `!forceOrder@arr`.
_ALL_FORCE_ORDERS = f"!{FORCE_ORDER}@arr"


class Receiver(Protocol):
    """What frames are given to."""

    out: list[bytes]
    tamper: Tamper | None
    is_mute: bool


class Group:
    """Connections that get the same bytes."""

    __slots__ = ("is_rewritten", "name", "prefix", "receivers", "suffix")

    def __init__(self, name: str, *, is_combined: bool, is_rewritten: bool) -> None:
        """Begin without connections; `is_rewritten`: times go out in milliseconds."""
        self.name, self.is_rewritten = name, is_rewritten
        self.prefix = f'{{"stream":"{name}","data":'.encode() if is_combined else b""
        self.suffix = b"}" if is_combined else b""
        self.receivers: list[Receiver] = []

    @property
    def key(self) -> tuple[str, bytes, bool]:
        """Return what the connections of a group have in common."""
        return self.name, self.prefix, self.is_rewritten


class Fanout:
    """All groups, by channel."""

    def __init__(self, source: Source, *, is_untouched: bool) -> None:
        """Begin without subscriptions; `is_untouched`: payloads go out as they are, always."""
        self._source, self._is_untouched = source, is_untouched
        self._in_milliseconds = dialect_of(source).in_milliseconds
        self._channels: dict[str, list[Group]] = {}

    def add(self, receiver: Receiver, name: str, *, is_combined: bool, is_micro: bool) -> None:
        """Send a stream to a connection from now on."""
        groups = self._channels.setdefault(channel_of(name), [])
        is_rewritten = (
            self._source is Source.BINANCE_SPOT and not is_micro and not self._is_untouched
        )
        wanted = Group(name, is_combined=is_combined, is_rewritten=is_rewritten)
        same = next((group for group in groups if group.key == wanted.key), None)
        if same is None:
            groups.append(wanted)
        (same or wanted).receivers.append(receiver)

    def remove(self, receiver: Receiver, name: str) -> None:
        """Send a stream to a connection no longer."""
        channel = channel_of(name)
        groups = self._channels.get(channel, [])
        for group in groups:
            if group.name == name and receiver in group.receivers:
                group.receivers.remove(receiver)
        groups[:] = [group for group in groups if group.receivers]
        if not groups:
            self._channels.pop(channel, None)

    def publish(self, facts: Iterable[Fact], now_ns: int) -> None:
        """Give every fact to the connections that asked for its stream."""
        channels = self._channels
        for fact in facts:
            stream = fact[0]
            groups = channels.get(stream.channel)
            if groups:
                for group in groups:
                    self._send(group, fact[3], now_ns)
            if stream.kind == FORCE_ORDER:
                for group in channels.get(_ALL_FORCE_ORDERS, ()):
                    self._send(group, fact[3], now_ns)

    def _send(self, group: Group, payload: bytes, now_ns: int) -> None:
        if group.is_rewritten:
            payload = self._in_milliseconds(payload)
        message = group.prefix + payload + group.suffix
        frame = text_frame(message)
        for receiver in group.receivers:
            if receiver.is_mute:
                continue
            if receiver.tamper is None:
                receiver.out.append(frame)
            else:
                receiver.out.extend(receiver.tamper.spoil(group.name, message, now_ns))


def is_carried(source: Source, tier: str, name: str) -> bool:
    """Return whether a socket of a tier carries a stream; if not, it is acknowledged and silent."""
    _, _, behind = name.partition("@")
    kind = FORCE_ORDER if name == _ALL_FORCE_ORDERS else kind_of(behind)
    return tier_of(source, kind) == tier
