"""The compiled loops do what their text says, bit for bit, in any thread."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from argus.bars import Series, profile
from tests.bars import plain
from tests.structure.tree import ROOT


def test_compiled_loops_do_what_plain_python_does():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bars.plain"],
        cwd=ROOT,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == plain.made()


def test_first_calls_may_come_from_several_threads():
    code = """
from concurrent.futures import ThreadPoolExecutor
from argus.bars import Series, Trades, profile
trades = Trades.of([(100.0, 1.0, 1, 10**9 * n, n) for n in range(100)])
with ThreadPoolExecutor(4) as pool:
    made = list(pool.map(lambda _: list(Series([profile("1s")]).feed(trades)), range(4)))
assert made[0] and made == made[:1] * 4
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_series_of_several_threads_have_nothing_in_common():
    trades = plain.trades()
    expected = Series([profile("tib_small"), profile("1s")])
    rows = expected.feed(trades).rows
    with ThreadPoolExecutor(4) as pool:
        series = [Series(expected.profiles) for _ in range(8)]
        for made in pool.map(lambda one: one.feed(trades).rows, series):
            assert made.tobytes() == rows.tobytes()
