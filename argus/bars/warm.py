"""Shell. Compile what builds bars, or load it, so that the first trade need not wait for it.

    python -m argus.bars.warm

Compiling takes about ten seconds of a core, once per installation; numba keeps the result beside
the source or, where that cannot be written, in the user's cache folder (`NUMBA_CACHE_DIR` chooses
another one). A program that may not stand still for so long runs this as a process of its own
and calls `compile_all` when that has ended.
"""

from argus.bars.kernel import kernel
from argus.bars.profiles import profile
from argus.bars.series import Series
from argus.bars.trades import Trades


def compile_all() -> None:
    """Compile or load every loop, and run each of them once."""
    kernel()
    series = Series([profile("1s"), profile("tib_small")])
    series.feed(Trades.of([(1.0, 1.0, "buy", 1, 1)]))
    series.feed(Trades([1.0], [1.0], [1], [2], [2], [2]))
    series.pending(0)
    series.open_bars()


if __name__ == "__main__":
    compile_all()
