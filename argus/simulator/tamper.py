"""Pure. What is done to the frames of one connection on their way out."""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from argus.simulator.faults import FRAME_KINDS, Fault, FaultKind
from argus.simulator.frames import text_frame

_TIME = re.compile(rb'"([ET])":(\d+)')


@dataclass(slots=True)
class Rule:
    """One fault at work; `left` frames are still to be spoiled, until an instant.

    `kept` is the first message of each stream that it concerned.
    """

    kind: FaultKind
    pattern: str
    left: int | None
    end_ns: int | None
    kept: dict[str, bytes] = field(default_factory=dict)

    def is_over(self, now_ns: int) -> bool:
        """Return whether the rule has done its work."""
        return self.left == 0 or (self.end_ns is not None and now_ns >= self.end_ns)


class Tamper:
    """Spoils frames by rules; a connection without one sends everything as it is."""

    __slots__ = ("_rules",)

    def __init__(self) -> None:
        """Begin without rules."""
        self._rules: list[Rule] = []

    def add(self, fault: Fault, now_ns: int) -> None:
        """Begin with a fault that concerns frames."""
        assert fault.kind in FRAME_KINDS
        self._rules.append(Rule(fault.kind, fault.stream, fault.count, fault.end_ns(now_ns)))

    def expire(self, now_ns: int) -> bool:
        """Forget the rules that are over and return whether any is left."""
        self._rules = [rule for rule in self._rules if not rule.is_over(now_ns)]
        return bool(self._rules)

    def spoil(self, name: str, message: bytes, now_ns: int) -> list[bytes]:
        """Return the frames that are sent in place of the one of a message."""
        frames = [text_frame(message)]
        for rule in self._rules:
            if rule.is_over(now_ns) or not fnmatchcase(name, rule.pattern):
                continue
            if rule.left is not None:
                rule.left -= 1
            first = rule.kept.setdefault(name, message)
            frames = _spoiled(rule.kind, message, frames, first)
        return frames


def _spoiled(kind: FaultKind, message: bytes, frames: list[bytes], first: bytes) -> list[bytes]:
    broken = text_frame(message[: len(message) // 2])
    match kind:
        case FaultKind.DUPLICATE:
            return frames * 2
        case FaultKind.MALFORMED:
            return [broken, *frames]
        case FaultKind.CORRUPT:
            return [broken]
        case FaultKind.STALE:
            return [text_frame(first)]
        case FaultKind.FROZEN:
            return [text_frame(_at_the_time_of(first, message))]
        case _:
            return []


def _at_the_time_of(first: bytes, message: bytes) -> bytes:
    times: dict[bytes, bytes] = dict(_TIME.findall(first))

    def stopped(found: "re.Match[bytes]") -> bytes:
        name, time = bytes(found[1]), bytes(found[2])
        return b'"%b":%b' % (name, times.get(name, time))

    return _TIME.sub(stopped, message)
