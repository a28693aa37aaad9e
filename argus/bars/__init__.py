"""Pure. Bars from trades: rules and profiles, one compiled loop for live trades and for the lake.

```python
from argus.bars import bars, profile

for bar in bars(trades, profile("tib_small")):
    print(bar.sequence, bar.close, bar.theta)
```

See `docs/bars.md`.

What compiles takes a moment to load, so each name is looked up when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argus.bars.build import bars as bars
    from argus.bars.profiles import NAMES as NAMES
    from argus.bars.profiles import Profile as Profile
    from argus.bars.profiles import interval_ns as interval_ns
    from argus.bars.profiles import profile as profile
    from argus.bars.rows import Bars as Bars
    from argus.bars.rules import Mode as Mode
    from argus.bars.rules import Rule as Rule
    from argus.bars.series import Series as Series
    from argus.bars.trades import Trades as Trades

_HOMES = {
    "bars": "build",
    "NAMES": "profiles",
    "Profile": "profiles",
    "interval_ns": "profiles",
    "profile": "profiles",
    "Bars": "rows",
    "Mode": "rules",
    "Rule": "rules",
    "Series": "series",
    "Trades": "trades",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
