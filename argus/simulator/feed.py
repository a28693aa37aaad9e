"""Pure. What a venue needs of a market, whether it is synthetic or a recording."""

from typing import Protocol

from argus.simulator.streams import Fact
from argus.simulator.symbols import SymbolSpec


class Feed(Protocol):
    """Facts as a function of time."""

    @property
    def now_ns(self) -> int:
        """Return the instant up to which facts have been produced."""
        ...

    @property
    def is_finished(self) -> bool:
        """Return whether no more facts will come."""
        ...

    def advance(self, until_ns: int, facts_max: int = ...) -> list[Fact]:
        """Return the facts up to an instant, in order, at most about `facts_max`."""
        ...

    def shift_clock(self, by_ns: int) -> None:
        """Go on at another instant: the clock was set forward, or back."""
        ...

    def listed(self) -> list[SymbolSpec]:
        """Return the symbols that are traded now."""
        ...

    def delisted(self) -> list[SymbolSpec]:
        """Return the symbols that were traded before."""
        ...

    def knows(self, symbol: str) -> bool:
        """Return whether a symbol is or was traded."""
        ...

    def list_symbol(self, symbol: str) -> None:
        """Begin to trade a symbol."""
        ...

    def delist_symbol(self, symbol: str) -> None:
        """Stop trading a symbol."""
        ...

    def skip_ids(self, symbol: str, kind: str, count: int) -> None:
        """Leave out ids for good."""
        ...

    def depth(self, symbol: str, limit: int) -> bytes | None:
        """Return the answer to a depth request, `None` for a symbol without a book."""
        ...

    def open_interest(self, symbol: str) -> str | None:
        """Return the open interest, `None` where there is none."""
        ...
