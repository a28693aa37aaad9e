"""Pure. The tree of errors.

```
ArgusError
├── ConfigError          a setting is unknown, of the wrong type or out of range
├── PathError            a text is not a path of the tree, or a path is taken
├── VenueError           a venue refused, or answered what we do not understand
│   ├── Refused          it said no: status, code and text are attributes
│   ├── RateLimited      it asks us to wait; `retry_after_s` says how long
│   └── Unreachable      no answer at all
├── StorageError         the lake or a temporary file is not what it should be
│   ├── ForeignFile      a file where one of ours is expected, not written by Argus
│   └── TornFile         a file of ours that cannot be read to its end
├── StoreError           a database does not take rows
│   ├── StoreUnreachable no answer, or a lost connection: it is tried again
│   ├── StoreRefused     it answers, and refuses until somebody changes something
│   └── RowsRefused      these rows it will never take
├── BarError             bars cannot be built as they are asked for
│   ├── ProfileError     a profile names an unknown rule or has a parameter that makes no sense
│   ├── StateDamaged     a saved state of bars is not one, or not whole
│   └── TradeError       a trade is given in a form that is not understood
├── ImplausibleId        an id so far ahead that it would hide every fact that follows
├── DataFolderInUse      another process records into the same data folder
└── DaemonError          the running daemon refuses a request
    ├── RecorderAbsent   no daemon runs there, or it went away before it answered
    └── TakeoverFailed   a daemon could not take over; the one that ran before goes on
```

The base classes are never raised. Each error says what was found, what was expected and where.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class ArgusError(Exception):
    """What every error of Argus is."""


class ConfigError(ArgusError):
    """A setting is unknown, of the wrong type or out of range."""


class PathError(ArgusError):
    """A text is not a path of the tree, or the path is taken."""


class VenueError(ArgusError):
    """A venue refused, or answered what we do not understand.

    `is_final` says whether asking again would be answered the same.
    """

    is_final = False


class Refused(VenueError):
    """A venue answered a request with an error."""

    def __init__(self, url: str, status: int, text: str) -> None:
        """Keep the address, the HTTP status and the first 200 characters of the answer."""
        self.url, self.status, self.text = url, status, text[:200]
        # From 500 on it is the venue's own fault, which passes.
        self.is_final = status < 500  # noqa: PLR2004 the first status of that kind
        super().__init__(f"status {status} from {url}: {self.text}")


class RateLimited(VenueError):
    """A venue asks us to wait."""

    def __init__(self, url: str, status: int, retry_after_s: float) -> None:
        """Keep the address, the HTTP status and how long the venue wants us to wait."""
        self.url, self.status, self.retry_after_s = url, status, retry_after_s
        super().__init__(f"status {status} from {url}: asked to wait {retry_after_s:g} s")


class Unreachable(VenueError):
    """A venue gave no answer at all."""

    def __init__(self, url: str, cause: str) -> None:
        """Keep the address and what went wrong on the way there."""
        self.url, self.cause = url, cause
        super().__init__(f"no answer from {url}: {cause}")


class StorageError(ArgusError):
    """The lake or a temporary file is not what it should be."""


class ForeignFile(StorageError):
    """A file stands where one of ours is expected, and Argus did not write it."""


class TornFile(StorageError):
    """A file of ours cannot be read to its end."""


class StoreError(ArgusError):
    """A database does not take rows."""


class StoreUnreachable(StoreError):
    """A store gave no answer, or the connection to it was lost.

    `retry_after_s` is how long it asks to be left alone, 0 if it does not say.
    """

    def __init__(self, text: str, *, retry_after_s: float = 0.0) -> None:
        """Keep what was found, and how long the store wants us to wait."""
        self.retry_after_s = retry_after_s
        super().__init__(text)


class StoreRefused(StoreError):
    """A store answers, and refuses until somebody changes something: a token, a table, a type."""


class RowsRefused(StoreError):
    """A store will never take these rows; the others that came with them it has taken."""

    def __init__(self, rows: "pa.Table", why: str, *, taken: int = 0) -> None:
        """Keep the refused rows as they were given, the store's words, and how many it took."""
        self.rows, self.why, self.taken = rows, why, taken
        super().__init__(f"{rows.num_rows} rows refused: {why}")


class BarError(ArgusError):
    """Bars cannot be built as they are asked for."""


class ProfileError(BarError):
    """A profile names an unknown rule or has a parameter that makes no sense."""


class StateDamaged(BarError):
    """A saved state of bars is not one, or not whole."""


class TradeError(BarError):
    """A trade is given in a form that is not understood."""


class ImplausibleId(ArgusError):
    """A fact's id is so far ahead that every fact after it would pass for a repeat."""


class DataFolderInUse(ArgusError):
    """Another process records into the same data folder."""


class DaemonError(ArgusError):
    """The running daemon refuses a request."""


class RecorderAbsent(DaemonError):
    """No daemon runs there, or it went away before it answered."""


class TakeoverFailed(DaemonError):
    """A daemon could not take over from another one, which goes on."""
