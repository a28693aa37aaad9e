"""Shell. What every store offers: a database that takes the rows of the lake."""

from typing import Protocol

import pyarrow as pa


class Memory(Protocol):
    """What a store has to remember from run to run; without it some rows are written again."""

    def load(self) -> bytes:
        """Return what was saved last; nothing at first."""
        ...

    def save(self, content: bytes) -> None:
        """Make it durable, or leave what was saved before."""
        ...


class Forgetful:
    """Remembers nothing from run to run."""

    def load(self) -> bytes:
        """Return nothing."""
        return b""

    def save(self, content: bytes) -> None:
        """Forget it."""


class Store(Protocol):
    """A database.

    Everything here waits for the database, so it is called in a thread, never by two at once. What
    it raises says what to do: `StoreUnreachable` to try again soon, `StoreRefused` to tell a person
    and try again seldom. After either of them it is closed, and opened again before it is used.

    Attributes:
        name: what it is called in the configuration: `timescale`, `influx`.
        data_types: what it takes.
    """

    @property
    def name(self) -> str:
        """Return what it is called in the configuration."""
        ...

    @property
    def data_types(self) -> frozenset[str]:
        """Return what it takes."""
        ...

    def open(self) -> None:
        """Connect, and check that rows can be written.

        Raises:
            StoreUnreachable: there is no answer, or the connection was lost.
            StoreRefused: it answers, and will not take rows until somebody changes something.
        """
        ...

    def write(self, source: str, data_type: str, table: pa.Table) -> int:
        """Write rows; what is there already stays, or is replaced by the same.

        Args:
            source: whose rows they are.
            data_type: what they are.
            table: rows with the columns of a chunk (`argus.columns.chunk_schema`), in any order.

        Returns:
            How many rows it has now that it was given, whether or not it had them before.

        Raises:
            StoreUnreachable: there is no answer, or the connection was lost; some may be there.
            StoreRefused: it will not take any of them until somebody changes something.
            RowsRefused: it will never take the rows that the error holds; the others are there.
        """
        ...

    def close(self) -> None:
        """Let the connection go; one that is closed may be opened again, or closed again."""
        ...
