"""Pure. From a value in a file to a checked value, or an error that says what is allowed and where.

Texts follow one order: what was found; what is allowed; where.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from argus.config.keys import Declared, Kind
from argus.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file: the names that lead to a key."""

    file: str
    names: tuple[str, ...] = ()

    def __truediv__(self, name: str) -> "Where":
        """Return the place of a key below this one."""
        return Where(self.file, (*self.names, name))

    def __str__(self) -> str:
        """Return the place as it stands at the end of an error."""
        return f"{'.'.join(self.names)} in {self.file}" if self.names else self.file


def shown(value: object) -> str:
    """Return a value as a person would find it in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return f"[{', '.join(shown(v) for v in value)}]"
    return str(value)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return ` (did you mean "…"?)` for the closest allowed word, or nothing."""
    by_folded = {a.casefold(): a for a in allowed}
    close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f' (did you mean "{by_folded[close[0]]}"?)' if close else ""


def unknown(what: str, word: str, allowed: Iterable[str], where: Where) -> ConfigError:
    """Return the error for a word that is not in a closed set.

    Args:
        what: what the word should have been, e.g. "a key" or "a data type of binance_spot".
        word: what was found.
        allowed: the closed set, in the order it is to be listed.
        where: where it was found.
    """
    words = list(allowed)
    listed = ", ".join(words) or "none"
    return ConfigError(
        f'"{word}" is not {what}{nearest(word, words)}; allowed: {listed}; at {where}'
    )


def wrong(found: object, expected: str, where: Where) -> ConfigError:
    """Return the error for a value of the wrong type or out of range."""
    return ConfigError(f"{shown(found)} is not {expected}; at {where}")


def table(found: object, where: Where) -> Mapping[str, object]:
    """Return a table, checked to be one."""
    if not isinstance(found, Mapping):
        raise wrong(found, "a table of keys", where)
    return found


def known_keys(found: Mapping[str, object], allowed: Iterable[str], where: Where) -> None:
    """Raise for the first key that is not allowed."""
    words = list(allowed)
    for name in found:
        if name not in words:
            raise unknown("a key", name, words, where)


def text(found: object, where: Where) -> str:
    """Return a text that is not empty."""
    if not isinstance(found, str) or not found.strip():
        raise wrong(found, "a text in quotes", where)
    return found


def texts(found: object, where: Where, *, single: bool = False) -> tuple[str, ...]:
    """Return a list of texts without repetitions; with `single`, one text is a list of one."""
    if single and isinstance(found, str):
        return (text(found, where),)
    if not isinstance(found, list) or not found:
        raise wrong(found, "a list of texts with at least one element", where)
    words = [text(v, where) for v in found]
    for word in words:
        if words.count(word) > 1:
            raise ConfigError(
                f'"{word}" stands {words.count(word)} times; once is enough; at {where}'
            )
    return tuple(words)


def _limits(declared: Declared) -> str:
    low, high = declared.key.minimum, declared.key.maximum
    name = "a whole number" if declared.kind is Kind.WHOLE else "a number"
    if low is not None and high is not None:
        return f"{name} from {low:.10g} to {high:.10g}"
    if low is not None:
        return f"{name} of at least {low:.10g}"
    return name


def number(found: object, declared: Declared, where: Where) -> int | float:
    """Return a finite number within the limits of its key; an `int` where the key holds whole ones.

    A whole number may be written as a float (`60.0`), and a float without its point (`60`).
    """
    expected = _limits(declared)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise wrong(found, expected, where)
    if declared.kind is Kind.WHOLE and found != int(found):
        raise wrong(found, expected, where)
    low, high = declared.key.minimum, declared.key.maximum
    if (low is not None and found < low) or (high is not None and found > high):
        raise wrong(found, expected, where)
    return int(found) if declared.kind is Kind.WHOLE else float(found)


def flag(found: object, where: Where) -> bool:
    """Return what is true or false."""
    if not isinstance(found, bool):
        raise wrong(found, "true or false", where)
    return found


def choice(found: object, declared: Declared, where: Where) -> str:
    """Return a member of the key's closed set."""
    assert declared.enum is not None
    if not isinstance(found, str):
        raise wrong(found, f"one of {', '.join(declared.choices)}", where)
    if found not in declared.choices:
        raise unknown("a value of this key", found, declared.choices, where)
    return declared.enum(found)


def value(found: object, declared: Declared, where: Where) -> object:
    """Return the checked value of a key whose kind needs no knowledge of the source."""
    match declared.kind:
        case Kind.WHOLE | Kind.NUMBER:
            return number(found, declared, where)
        case Kind.FLAG:
            return flag(found, where)
        case Kind.CHOICE:
            return choice(found, declared, where)
        case Kind.TEXTS:
            return texts(found, where)
        case Kind.TEXT:
            return text(found, where)
        case _:
            raise AssertionError(f"{declared.name} is read by its section")
