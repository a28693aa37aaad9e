"""Pure. Which symbols are recorded, and what changed since the venue was last asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from argus.config.schema import SymbolRule
from argus.events import Instrument


@dataclass(frozen=True, slots=True)
class Change:
    """The difference between two universes, in the order of the venue's listing."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


def select(
    instruments: Mapping[str, Instrument], wanted: Sequence[str] | SymbolRule
) -> tuple[str, ...]:
    """Return the symbols that are listed and wanted.

    A listed symbol stays while it is listed, whatever its status; a rule may ask for a status.
    """
    if not isinstance(wanted, SymbolRule):
        return tuple(s for s in wanted if s in instruments)
    found = [
        symbol
        for symbol, i in instruments.items()
        if wanted.matches(
            base=i.base, quote=i.quote, status=i.status, contract_type=i.contract_type
        )
    ]
    return tuple(found[: wanted.max_symbols])


def unknown(
    instruments: Mapping[str, Instrument], wanted: Sequence[str] | SymbolRule
) -> dict[str, list[str]]:
    """Return the wanted symbols that are not listed, each with listed ones that look alike."""
    if isinstance(wanted, SymbolRule):
        return {}
    missing = [s for s in wanted if s not in instruments]
    return {s: get_close_matches(s.upper(), instruments, n=3) for s in missing}


def change(old: Sequence[str], new: Sequence[str]) -> Change:
    """Return what came and what went."""
    before, after = set(old), set(new)
    return Change(tuple(s for s in new if s not in before), tuple(s for s in old if s not in after))


def redefined(
    old: Mapping[str, Instrument], new: Mapping[str, Instrument], symbols: Sequence[str]
) -> list[str]:
    """Return the symbols whose definition is new or differs from the one known before."""
    return [s for s in symbols if s in new and (s not in old or old[s].raw != new[s].raw)]
