"""Pure. Streams by path: publish, current value, subscriptions that also catch later paths."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from argus.agora.path import Path, PathTree, is_pattern, matches
from argus.agora.ring import Batch, Reader, Ring
from argus.errors import PathError
from argus.events import Event


class Publisher:
    """The writing end of one path. `publish` adds a fact to its ring, or gives it to a relay.

    A relayed path that nobody else reads skips its ring: temporary paths are on the hot path.
    """

    __slots__ = ("_heard", "_relay", "path", "publish", "ring")

    def __init__(self, path: Path, capacity: int) -> None:
        self.path = path
        self.ring = Ring(capacity)
        self.publish: Callable[[Event], object] = self.ring.append
        self._relay: Callable[[Event], object] | None = None
        self._heard = False

    @property
    def current(self) -> Event | None:
        """Return the latest fact, or the path's initial value."""
        return self.ring.current

    def relay(self, to: Callable[[Event], object] | None) -> None:
        """Give every fact from now on to `to` as well (None: to nobody).

        Then `publish` returns what `to` returns.
        """
        self._relay = to
        self._choose()

    def hear(self) -> None:
        """Keep facts in the ring even if the path is relayed, since somebody reads it."""
        self._heard = True
        self._choose()

    def _choose(self) -> None:
        relay, append = self._relay, self.ring.append
        if relay is None:
            self.publish = append
        elif not self._heard:
            self.publish = relay
        else:

            def both(fact: Event) -> object:
                append(fact)
                return relay(fact)

            self.publish = both


class News(NamedTuple):
    """What a subscription gives for one path: facts overrun since the last read, then the facts."""

    path: Path
    missed: int
    facts: list[Event]


class Subscription:
    """A reader of every path that matches a pattern, also of those created later.

    Args:
        pattern: see `argus.agora.path.matches`.
        take: if given, it is called with news each time a quarter of a ring has been written, so
            that a burst cannot overrun this reader; without it, overruns are told in the news.
    """

    def __init__(self, pattern: str, take: Callable[[News], None] | None = None) -> None:
        self.pattern = pattern
        self._take = take
        self._readers: dict[Path, tuple[Reader, Callable[[], None] | None]] = {}
        self._retired: list[tuple[Path, Reader]] = []

    def add(self, publisher: Publisher) -> None:
        """Begin to read a path with its next fact."""
        publisher.hear()
        reader = Reader(publisher.ring)
        pressed = None
        if self._take is not None:
            pressed = self._pressed(publisher.path, reader, self._take)
            publisher.ring.press(pressed)
        self._readers[publisher.path] = (reader, pressed)

    def retire(self, path: Path) -> None:
        """Forget a path once what it has published is read."""
        reader, pressed = self._readers.pop(path)
        if pressed is not None:
            reader.ring.unpress(pressed)
        self._retired.append((path, reader))

    def end(self) -> None:
        """Forget every path, with what it has published."""
        for path in list(self._readers):
            self.retire(path)
        self._retired.clear()

    def poll(self) -> Iterator[News]:
        """Return the news of every path that has any."""
        # Others may poll, and paths may be retired, before the next one is asked for.
        retired, self._retired = self._retired, []
        for path, reader in retired:
            if reader.lag:
                yield News(path, *reader.read())
        for path, (reader, _) in list(self._readers.items()):
            if reader.ring.head != reader.position:
                yield News(path, *reader.read())

    @property
    def paths(self) -> list[Path]:
        """Return the paths that are read at present."""
        return list(self._readers)

    @property
    def lag(self) -> int:
        """Return how many facts of all its paths were published and not yet read."""
        retired = sum(reader.lag for _, reader in self._retired)
        return retired + sum(reader.lag for reader, _ in self._readers.values())

    @staticmethod
    def _pressed(path: Path, reader: Reader, take: Callable[[News], None]) -> Callable[[], None]:
        def read() -> None:
            batch: Batch = reader.read()
            take(News(path, batch.missed, batch.facts))

        return read


class Agora:
    """All paths of a process, persistent and temporary.

    Args:
        capacity: facts that a path's ring holds, a power of two, by data type; `""` is for the
            data types that are not named.
    """

    def __init__(self, capacity: dict[str, int]) -> None:
        self._capacity = capacity
        self._tree = PathTree()
        self._publishers: dict[Path, Publisher] = {}
        self._subscriptions: list[Subscription] = []
        # Those of one path each, by its name: they may be as many as there are paths.
        self._single: dict[str, list[Subscription]] = {}

    def create(self, path: Path, initial_value: Event | None = None) -> Publisher:
        """Take a path and return its writing end.

        Raises:
            PathError: the path is taken.
        """
        self._tree.add(str(path))
        capacity = self._capacity.get(path.data_type, self._capacity[""])
        publisher = Publisher(path, capacity)
        publisher.ring.current = initial_value
        self._publishers[path] = publisher
        for subscription in self._hearing(path):
            subscription.add(publisher)
        return publisher

    def _hearing(self, path: Path) -> list[Subscription]:
        name = str(path)
        wide = [s for s in self._subscriptions if matches(s.pattern, name)]
        return [*wide, *self._single.get(name, ())]

    def remove(self, path: Path) -> None:
        """Retire a path. Its subscribers still read what it had published.

        Raises:
            PathError: the path is not taken.
        """
        if path not in self._publishers:
            msg = f"{path} is not published; expected a taken path"
            raise PathError(msg)
        self._tree.remove(str(path))
        del self._publishers[path]
        for subscription in self._hearing(path):
            subscription.retire(path)

    def publisher(self, path: Path) -> Publisher:
        """Return the writing end of a taken path, creating the path if it is free."""
        found = self._publishers.get(path)
        return self.create(path) if found is None else found

    def current(self, path: Path) -> Event | None:
        """Return the latest fact of a path.

        Raises:
            PathError: the path is not taken.
        """
        if path not in self._publishers:
            msg = f"{path} is not published; expected a taken path"
            raise PathError(msg)
        return self._publishers[path].current

    def subscribe(self, pattern: str, take: Callable[[News], None] | None = None) -> Subscription:
        """Return a reader of all paths that match, those created later included.

        Readers of single paths cost nothing when others are created: there may be many.

        Raises:
            PathError: it names one path, and that is none.
        """
        subscription = Subscription(pattern, take)
        if not is_pattern(pattern):
            found = self._publishers.get(Path.parse(pattern))
            if found is not None:
                subscription.add(found)
            self._single.setdefault(pattern, []).append(subscription)
            return subscription
        for path, publisher in self._publishers.items():
            if matches(pattern, str(path)):
                subscription.add(publisher)
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription; what it has not read is not given any more."""
        single = self._single.get(subscription.pattern)
        if single is None:
            self._subscriptions.remove(subscription)
        else:
            single.remove(subscription)
            if not single:
                del self._single[subscription.pattern]
        subscription.end()

    def paths(self) -> list[Path]:
        """Return every taken path, in the order of the tree."""
        return [Path.parse(text) for text in self._tree.paths()]

    def display(self) -> str:
        """Return the tree of paths drawn for people."""
        return self._tree.display()
