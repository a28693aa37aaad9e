"""Pure. What a venue's feed is: a value with addresses, channels, limits and decode functions.

A new venue is a new file in `sources/`; nothing outside of it knows the venue's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from argus.agora.path import Path
from argus.agora.router import Seam, instant
from argus.agora.splice import Identity
from argus.events import BookSnapshot, Event, Instrument, OpenInterest, Origin

if TYPE_CHECKING:
    from argus.network.history import History

type_of_decode = Callable[[bytes, int, Origin], Event]
"""A whole frame, `ts_recv` and the origin in; the fact out. Raises one of `UNDECODABLE` for what
it does not understand."""

UNDECODABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding raises: wrong JSON or a wrong type, bytes that are no text, nesting without end."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of stream of a venue.

    Attributes:
        data_type: what its facts are.
        suffix: the stream's name after the symbol; `{interval}` stands for a candle's length.
        route: which of the source's websocket addresses serves it.
        seam: how its facts are joined across connections.
        decode: frame to fact.
        fields: every key of the payload that is known, also those that are not recorded.
        evidence: where the above comes from.
        silence_s: silence beyond this is a fault while sibling streams flow; None where quiet is
            normal (a symbol may not trade for hours).
        aliases: other suffixes under which recordings name the same stream.
    """

    data_type: str
    suffix: str
    route: str
    seam: Seam
    decode: type_of_decode
    fields: frozenset[str]
    evidence: str
    silence_s: float | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """A venue's limit and where it comes from."""

    value: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a venue allows. Kept by a limiter before anything is sent.

    Attributes:
        streams: per connection.
        messages_per_second: from us, per connection; pings and pongs count.
        connections_per_window: new ones per address and `connection_window_s`.
        connection_window_s: seconds.
        rest_weight: per minute and address.
        rest_budget: sources of the same budget share `rest_weight`.
        connection_lifetime_s: after which the venue cuts a connection.
    """

    streams: Limit
    messages_per_second: Limit
    connections_per_window: Limit
    connection_window_s: int
    rest_weight: Limit
    rest_budget: str
    connection_lifetime_s: Limit


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The venue says that it serves what request `id` asked for."""

    id: int


@dataclass(frozen=True, slots=True)
class Declined:
    """The venue refuses a request."""

    id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class ShutdownNotice:
    """The venue will end this connection soon."""


type_of_control = Acknowledged | Declined | ShutdownNotice | None


@dataclass(frozen=True, slots=True)
class Request:
    """A REST request: path with query, its weight, and what its headers say."""

    path: str
    weight: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """What a source asks over REST.

    Attributes:
        universe: the request for all instruments.
        instruments: its answer and `ts_recv` to symbol -> definition.
        snapshot: symbol and number of levels to the request for a book.
        decode_snapshot: its answer, `ts_recv` and origin to the fact.
        open_interest: symbol to the request, None where the venue has none.
        decode_open_interest: its answer, `ts_recv` and origin to the fact.
        weight_header: header in which the venue tells the weight used, "" if none.
        time: the request for the venue's clock, None where it tells no time.
        decode_time: its answer to UTC nanoseconds.
        histories: how the past is asked for, one for each data type that can be filled again.
        unfillable: other data types, and why what is missing of them stays missing.
    """

    universe: Request
    instruments: Callable[[bytes, int], dict[str, Instrument]]
    snapshot: Callable[[str, int], Request]
    decode_snapshot: Callable[[bytes, int, Origin], BookSnapshot]
    weight_header: str = ""
    open_interest: Callable[[str], Request] | None = None
    decode_open_interest: Callable[[bytes, int, Origin], OpenInterest] | None = None
    time: Request | None = None
    decode_time: Callable[[bytes], int] | None = None
    histories: tuple[History, ...] = ()
    unfillable: Mapping[str, str] = field(default_factory=dict)

    def history(self, data_type: str) -> History | None:
        """Return how the past of a data type is asked for; None where there is no way."""
        return next((h for h in self.histories if h.data_type == data_type), None)


@dataclass(frozen=True, slots=True)
class Source:
    """One venue's feed as declared by us.

    Attributes:
        name: as in paths and on disk.
        websocket_urls: route -> base address.
        websocket_path: what follows the base address for a connection without streams yet.
        rest_url: base address of REST.
        channels: every kind of stream.
        polled: data types that come over REST.
        limits: what the venue allows.
        rest: what we ask over REST.
        envelope: text before a stream's name in a frame; the name ends at the next quote.
        spell: symbol to its spelling in stream names.
        read: the inverse of `spell`.
        subscribe: stream names and request id to the message.
        unsubscribe: the same for the end of a subscription.
        control: a frame outside any stream to what it means; None if it is not understood.
    """

    name: str
    websocket_urls: Mapping[str, str]
    websocket_path: str
    rest_url: str
    channels: tuple[Channel, ...]
    polled: tuple[str, ...]
    limits: Limits
    rest: Rest
    envelope: bytes
    spell: Callable[[str], str]
    read: Callable[[str], str]
    subscribe: Callable[[Sequence[str], int], str]
    unsubscribe: Callable[[Sequence[str], int], str]
    control: Callable[[bytes], type_of_control]
    statuses_traded: frozenset[str] = field(default_factory=lambda: frozenset({"TRADING"}))

    @property
    def data_types(self) -> tuple[str, ...]:
        """Return every data type a user may ask for, in order."""
        return tuple(dict.fromkeys([*(c.data_type for c in self.channels), *self.polled]))

    def streams(
        self, symbol: str, data_types: Sequence[str], intervals: Sequence[str]
    ) -> list[Stream]:
        """Return the streams that carry these data types of a symbol."""
        found = []
        for channel in self.channels:
            if channel.data_type in data_types:
                lengths = intervals if "{interval}" in channel.suffix else ("",)
                found += [self._stream(channel, symbol, i) for i in lengths]
        return found

    def _stream(self, channel: Channel, symbol: str, interval: str) -> Stream:
        name = f"{self.spell(symbol)}@{channel.suffix.format(interval=interval)}"
        return Stream(name, channel, Path(self.name, channel.data_type, symbol))

    def seam_of(self, data_type: str) -> Seam | None:
        """Return how the facts of a persistent path are joined; None if they are not streamed.

        Streams that share a path have ids of their own: it is joined by time.
        """
        for channel in self.channels:
            if channel.data_type == data_type:
                is_shared = "{" in channel.suffix
                return Seam(Identity.RISING, instant) if is_shared else channel.seam
        return None

    def identify(self, name: str) -> Stream | None:
        """Return the stream that a recorded frame's stream name stands for; None if unknown."""
        spelling, _, suffix = name.partition("@")
        for channel in self.channels:
            stem = channel.suffix.split("{", 1)[0]
            is_variable = stem != channel.suffix
            if (
                suffix == channel.suffix
                or suffix in channel.aliases
                or (is_variable and suffix.startswith(stem))
            ):
                return Stream(
                    name, channel, Path(self.name, channel.data_type, self.read(spelling))
                )
        return None


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a connection: its name at the venue, its channel and its persistent path."""

    name: str
    channel: Channel
    path: Path

    @property
    def segment(self) -> str:
        """Return what names the stream below a temporary path: the symbol, and what tells it apart.

        Streams that share a persistent path (candles of two lengths) differ in their suffix.
        """
        suffix = self.name.partition("@")[2]
        is_variable = "{" in self.channel.suffix
        return f"{self.path.symbol}@{suffix}" if is_variable else self.path.symbol
