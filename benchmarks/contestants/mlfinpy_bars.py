"""Shell. mlfinpy's information-driven bars of the trades in a file; runs in its own environment.

    python mlfinpy_bars.py trades.npz 300000 tick_imbalance '{"expected_ticks_initial": 1000, …}'

Prints CPU seconds, bars and trades as JSON. Making the table that it wants, and compiling, is not
counted.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
from mlfinpy.data_structure import imbalance_bars, run_bars


def main() -> None:
    """Build the bars once and say what it took."""
    path, count, rule, given = sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
    held = np.load(path)
    table = pd.DataFrame(
        {
            "date_time": pd.to_datetime(held["ts_event"][:count]),
            "price": held["price"][:count],
            "volume": held["size"][:count],
        }
    )
    module = imbalance_bars if rule.endswith("imbalance") else run_bars
    build = getattr(module, f"get_ema_{rule}_bars")
    options = {
        "num_prev_bars": given["num_prev_bars"],
        "expected_imbalance_window": given["imbalance_span"],
        "exp_num_ticks_init": given["expected_ticks_initial"],
        "exp_num_ticks_constraints": [given["ticks_min"], given["ticks_max"]],
        "verbose": False,
    }
    build(table[:20_000], **options)  # what it compiles is not counted
    begun = time.process_time()
    bars, _ = build(table, **options)
    took = time.process_time() - begun
    json.dump({"cpu_s": took, "bars": len(bars), "trades": count}, sys.stdout)


if __name__ == "__main__":
    main()
