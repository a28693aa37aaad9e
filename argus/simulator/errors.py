"""Pure. What can go wrong with the simulator itself; a simulated fault is never an error here.

```
SimulatorError
├── OptionError        an option is unknown, out of range or does not fit the source
├── RecordingError     a recording cannot be read as lines of `<ns> <json>`
├── TruthEvicted       facts that were asked for are no longer held in memory
├── NotByReplay        a recording cannot be asked to do what a synthetic market can
└── NoSuchConnection   a fault was aimed at a connection that is not there
```
"""


class SimulatorError(Exception):
    """What every error of the simulator is; never raised itself."""


class OptionError(SimulatorError):
    """An option is unknown, out of range or does not fit the source."""


class RecordingError(SimulatorError):
    """A recording cannot be read as lines of `<ns> <json>`."""

    def __init__(self, path: str, line: int, found: bytes) -> None:
        """Keep the file, the line's number from 1, and the first 80 bytes of the line."""
        self.path, self.line, self.found = path, line, found[:80]
        super().__init__(
            f"{self.found!r} where `<ns> <json>` was expected, in line {line} of {path}"
        )


class TruthEvicted(SimulatorError):
    """Facts that were asked for are no longer held in memory."""

    def __init__(self, kind: str, symbol: str, evicted: int) -> None:
        """Keep which stream it was and how many of its oldest facts are gone."""
        self.kind, self.symbol, self.evicted = kind, symbol, evicted
        super().__init__(
            f"{evicted} facts of {kind} {symbol} are no longer in memory,"
            " and no truth file was written"
        )


class NotByReplay(SimulatorError):
    """A recording cannot be asked to do what a synthetic market can."""

    def __init__(self, wish: str) -> None:
        """Keep what was asked for."""
        self.wish = wish
        super().__init__(f"{wish!r} was asked of a recording; only a synthetic market can do it")


class NoSuchConnection(SimulatorError):
    """A fault was aimed at a connection that is not there."""

    def __init__(self, target: str | int, present: list[int]) -> None:
        """Keep the target and the numbers of the connections that are open."""
        self.target, self.present = target, present
        super().__init__(f"connection {target!r} was aimed at; open are {present}")
