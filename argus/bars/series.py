"""Pure. The bars of one symbol for several profiles: trades in, bars out, and a state to keep."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from argus.bars.kernel import kernel
from argus.bars.profiles import Profile
from argus.bars.rows import ROW, Bars
from argus.bars.saved import Saved, pack, unpack
from argus.bars.state import NONE, STATE, begin, memory_size
from argus.bars.trades import Trades
from argus.errors import ProfileError

ROWS = 1024  # how many bars are taken from the kernel at a time


class Series:
    """Builders of one symbol's bars.

    Trades go in by `feed`, in the order of their ids and in batches of any size: how they are cut
    changes nothing. What is known between two batches is numbers only, so it can be copied,
    kept as bytes and taken up again, and the bars go on as if nothing had happened.

    Args:
        profiles: names differ; bars come out in this order.
    """

    __slots__ = (
        "_bytes", "_held", "_kernel", "_memory", "_none", "_out", "_retired", "_states", "profiles"
    )  # fmt: skip

    def __init__(self, profiles: Sequence[Profile]) -> None:
        names = [profile.name for profile in profiles]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ProfileError(f"profiles named {', '.join(twice)} twice; names have to differ")
        self.profiles = tuple(profiles)
        self._kernel = kernel()
        self._states = np.concatenate([np.zeros(0, STATE), *map(begin, self.profiles)])
        self._memory = np.zeros(sum(map(memory_size, self.profiles)))
        self._out = np.zeros(ROWS, ROW)
        self._held = (self._states.view(np.uint8), self._memory)
        self._bytes = self._out.view(np.uint8)
        self._none = Bars(self.profiles, np.zeros(0, ROW))
        self._retired: dict[str, tuple[int, int, int]] = {}

    def feed(self, trades: Trades) -> Bars:
        """Add trades and return the bars that they close, profile after profile.

        Trades at or before a profile's last trade id are ignored; a jump of the ids marks the bar
        of the first trade after it with `gap`. What has no positive and finite price and size is
        no tick, but its id counts.
        """
        done = self._run(trades)
        if done == 0:
            return self._none
        parts = [self._out[: abs(done)].copy()]
        while done < 0:
            done = self._run(trades)
            parts.append(self._out[: abs(done)].copy())
        rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return Bars(self.profiles, rows)

    def _run(self, trades: Trades) -> int:
        if trades.packed is not None:
            return self._kernel.feed_packed(*self._held, trades.packed, self._bytes)
        return self._kernel.feed(*self._held, trades.columns, self._bytes)

    def pending(self, ts: int, after: int = NONE) -> Bars:
        """Return the time bars whose interval ends at or before `ts`, as they stand.

        Nothing changes: the trades that come later give the same bars as without this call. Bars
        without trades (of profiles with `empty`) are left out if they end at or before `after`.
        """
        states = self._states.copy()
        parts: list[npt.NDArray[np.void]] = []
        while True:
            done = self._kernel.wait(states.view(np.uint8), ts, after, self._bytes)
            if done == 0 and not parts:
                return self._none
            parts.append(self._out[: abs(done)].copy())
            if done >= 0:
                return Bars(self.profiles, np.concatenate(parts))

    def open_bars(self) -> Bars:
        """Return the open bar of each profile that has one, as it stands; nothing changes."""
        out = np.zeros(len(self.profiles), ROW)
        return Bars(self.profiles, out[: self._kernel.peek(self._held[0], out.view(np.uint8))])

    @property
    def last_trade_id(self) -> int | None:
        """Return the id of the last trade that any profile has seen."""
        last = max((int(one) for one in self._states["last_id"]), default=NONE)
        return None if last == NONE else last

    def last_trade_id_of(self, name: str) -> int | None:
        """Return the id of the last trade that a profile has seen; KeyError if it is unknown."""
        last = int(self._states["last_id"][self._place(name)])
        return None if last == NONE else last

    def sequence(self, name: str) -> int:
        """Return the number of a profile's last bar, 0 before the first; KeyError as above."""
        return int(self._states["sequence"][self._place(name)])

    def revision(self, name: str) -> int:
        """Return the revision that a profile's bars come out with; KeyError as above."""
        return int(self._states["revision"][self._place(name)])

    def set_revision(self, name: str, revision: int) -> None:
        """Let a profile's bars come out with this revision from now on; KeyError as above."""
        self._states["revision"][self._place(name)] = revision

    def _place(self, name: str) -> int:
        for at, profile in enumerate(self.profiles):
            if profile.name == name:
                return at
        raise KeyError(name)

    def copy(self) -> Self:
        """Return a series in the same state; from now on the two have nothing in common."""
        twin = object.__new__(type(self))  # States are kept often, and to begin anew takes long.
        twin.profiles, twin._kernel, twin._none = self.profiles, self._kernel, self._none
        twin._states, twin._memory = self._states.copy(), self._memory.copy()
        twin._out = np.empty(ROWS, ROW)
        twin._held = (twin._states.view(np.uint8), twin._memory)
        twin._bytes = twin._out.view(np.uint8)
        twin._retired = dict(self._retired)
        return twin

    def to_bytes(self) -> bytes:
        """Return the whole state, to be kept with the trade id that it stands at."""
        offset, saved = 0, []
        for profile, state in zip(self.profiles, self._states, strict=True):
            size = memory_size(profile)
            numbers = state.tobytes() + self._memory[offset : offset + size].tobytes()
            mark = (int(state["sequence"]), int(state["revision"]), int(state["last_id"]))
            saved.append(Saved(profile.name, profile.fingerprint, *mark, numbers))
            offset += size
        retired = [Saved(name, "", *marks, b"") for name, marks in self._retired.items()]
        return pack([*saved, *retired])

    @classmethod
    def from_bytes(cls, profiles: Sequence[Profile], data: bytes) -> Self:
        """Return the series that `to_bytes` has kept.

        A profile whose parameters have changed starts anew after the last trade that the old one
        has seen, and its sequence goes on; so does one that comes back after it was left out. A
        profile that is not in `data` begins with the first trade that it is given.

        Raises:
            StateDamaged: the bytes are not what `to_bytes` has returned.
        """
        series, offset = cls(profiles), 0
        saved = {one.name: one for one in unpack(data)}
        for at, profile in enumerate(series.profiles):
            size = memory_size(profile)
            one = saved.pop(profile.name, None)
            if one is not None and one.fingerprint == profile.fingerprint:
                series._states[at : at + 1] = np.frombuffer(one.numbers, STATE, 1)
                rings = np.frombuffer(one.numbers, np.float64, size, STATE.itemsize)
                series._memory[offset : offset + size] = rings
            elif one is not None:
                state = series._states[at]
                state["sequence"], state["revision"] = one.sequence, one.revision
                state["last_id"] = one.last_trade_id
            offset += size
        series._retired = {
            name: (one.sequence, one.revision, one.last_trade_id) for name, one in saved.items()
        }
        return series
