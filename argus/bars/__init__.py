"""Pure. Bars from trades: rules and profiles, one compiled loop for live trades and for the lake.

```python
from argus.bars import bars, profile

for bar in bars(trades, profile("tib_small")):
    print(bar.sequence, bar.close, bar.theta)
```

See `docs/bars.md`.
"""

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
