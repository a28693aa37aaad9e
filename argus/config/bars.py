"""Pure. The section `[bars]` of the configuration: which bars a recorder builds as it records.

What a profile means is known to `argus.bars` alone; here its parameters are plain values, checked
by whoever builds bars before it begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from argus.config.keys import Key, keys
from argus.config.values import Where, known_keys, table, text, unknown, value, wrong

OWN = "profile"
"""`[bars.profile.<name>]`: TOML has no room for tables below `profiles`, which is a list."""

DATA_TYPES = ("trade", "agg_trade")
"""What bars can be built of."""

type_of_parameters = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsConfig:
    """`[bars]`: which bars are built of what is recorded, as it is recorded."""

    profiles: Annotated[
        tuple[str, ...],
        Key(
            "profiles to build, by name: defaults, or own ones from `[bars.profile.<name>]` (see "
            "`bars.md`); without any no bars are built",
            example='["1m", "tib_small", "vpin"]',
        ),
    ] = ()
    symbols: Annotated[
        tuple[str, ...],
        Key(
            "symbols that bars are built of; without it all that are recorded",
            example='["BTCUSDT"]',
        ),
    ] = ()
    of: Annotated[
        Mapping[str, str],
        Key(
            "data type per source that bars are built of: `trade` or `agg_trade`; without it "
            "`trade` where it is recorded, else `agg_trade`",
            example='{ binance_usdm = "agg_trade" }',
        ),
    ] = field(default_factory=dict)
    grace_s: Annotated[
        float,
        Key(
            "a time bar is published so long after its end, though no trade has come since",
            minimum=0,
            maximum=3600,
        ),
    ] = 2.0
    kept_max: Annotated[
        int,
        Key(
            "gaps per symbol before which the state is kept, so that bars can be built anew from "
            "there once the gap is filled",
            minimum=1,
            maximum=256,
        ),
    ] = 8
    own: Mapping[str, type_of_parameters] = field(default_factory=dict)
    """Own profiles: name -> parameters as they stand in the file."""

    @property
    def is_on(self) -> bool:
        """Return whether any bars are built."""
        return bool(self.profiles)


_DECLARED = {declared.name: declared for declared in keys(BarsConfig)}


def parse_bars(
    found: Mapping[str, object], known: Mapping[str, tuple[str, ...]], where: Where
) -> BarsConfig:
    """Return the checked section.

    Args:
        found: the table.
        known: source -> what it records.
        where: where the table stands.

    Raises:
        ConfigError: a key is unknown, of the wrong type, out of range, or contradicts another.
    """
    known_keys(found, [*_DECLARED, OWN], where)
    plain: dict[str, Any] = {
        name: value(v, _DECLARED[name], where / name)
        for name, v in found.items()
        if name not in {"of", OWN}
    }
    own = {
        name: _parameters(table(v, where / OWN / name), where / OWN / name)
        for name, v in table(found.get(OWN, {}), where / OWN).items()
    }
    return BarsConfig(**plain, of=_of(found.get("of", {}), known, where / "of"), own=own)


def _of(found: object, known: Mapping[str, tuple[str, ...]], where: Where) -> Mapping[str, str]:
    chosen = {name: text(v, where / name) for name, v in table(found, where).items()}
    for name, data_type in chosen.items():
        if name not in known:
            raise unknown("a source that is recorded", name, known, where)
        allowed = [d for d in DATA_TYPES if d in known[name]]
        if data_type not in allowed:
            what = f"a data type of {name} that is recorded and bars can be built of"
            raise unknown(what, data_type, allowed, where / name)
    return chosen


def _parameters(found: Mapping[str, object], where: Where) -> type_of_parameters:
    plain: dict[str, str | int | float | bool] = {}
    for name, v in found.items():
        if not isinstance(v, str | int | float | bool):
            raise wrong(v, "a text, a number, true or false", where / name)
        plain[name] = v
    return plain


def data_type_of(config: BarsConfig, source: str, recorded: tuple[str, ...]) -> str:
    """Return what bars of a source are built of; empty if it records no trades."""
    if source in config.of:
        return config.of[source]
    return next((data_type for data_type in DATA_TYPES if data_type in recorded), "")
