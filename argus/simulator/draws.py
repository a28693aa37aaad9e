"""Pure. The numbers that stand for chance: one seed always gives the same ones.

Drawn in blocks, as one call of numpy for a single number costs more than a whole trade.
"""

from collections.abc import Callable, Iterator

import numpy as np

_BLOCK = 4096


def _uniform(generator: np.random.Generator) -> Iterator[float]:
    while True:
        yield from generator.random(_BLOCK).tolist()


def _exponential(generator: np.random.Generator) -> Iterator[float]:
    while True:
        yield from generator.standard_exponential(_BLOCK).tolist()


class Draws:
    """Endless random numbers from one seed."""

    __slots__ = ("exponential", "uniform")

    uniform: Callable[[], float]  # in [0, 1)
    exponential: Callable[[], float]  # of mean 1

    def __init__(self, seed: int, stream: int = 0) -> None:
        """Begin the sequence; two streams of one seed have nothing in common."""
        children = np.random.SeedSequence([seed, stream]).spawn(2)
        self.uniform = _uniform(np.random.default_rng(children[0])).__next__
        self.exponential = _exponential(np.random.default_rng(children[1])).__next__

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit` - 1."""
        return int(self.uniform() * limit)
