"""The same loops without numba: run as a module, it says what plain Python makes of a tape.

    NUMBA_DISABLE_JIT=1 python -m tests.bars.plain

`made` runs in both worlds; what it returns is compared byte by byte.
"""

import os
import sys

import numpy as np

from argus.bars import kernel
from argus.bars.rows import ROW
from argus.bars.state import begin, memory_size
from argus.bars.trades import Trades
from tests.bars.tape import tape
from tests.bars.test_properties import PROFILES


def trades() -> Trades:
    """A tape with sides unknown, holes, times that step back, and what is no tick."""
    rows = []
    for price, size, side, ts, number in tape(0.55, 1500):
        kind = number % 97
        rows.append(
            (
                price if kind != 5 else float("nan"),
                size * 1000 if kind == 7 else size,
                0 if number % 3 == 0 else side,
                ts - (10**10 if kind == 13 else 0),
                number + number // 500,
            )
        )
    return Trades.of(rows)


def made() -> bytes:
    """The rows and the states that the loops make of the tape, as bytes."""
    out = np.zeros(20_000, ROW)
    states = np.concatenate([begin(one) for one in PROFILES])
    memory = np.zeros(sum(memory_size(one) for one in PROFILES))
    columns, later = trades().columns, 1_700_000_100 * 10**9
    if os.environ.get("NUMBA_DISABLE_JIT"):
        written = kernel.feed_all(states, memory, columns, out)
        closed = kernel.wait_all(states, later, 0, out[written:])
        still = kernel.peek_all(states, out[written + closed :])
    else:
        loops, held = kernel.kernel(), states.view(np.uint8)
        written = loops.feed(held, memory, columns, out.view(np.uint8))
        closed = loops.wait(held, later, 0, out[written:].view(np.uint8))
        still = loops.peek(held, out[written + closed :].view(np.uint8))
    assert min(written, closed, still) > 0
    return out[: written + closed + still].tobytes() + states.tobytes() + memory.tobytes()


if __name__ == "__main__":
    sys.stdout.buffer.write(made())
