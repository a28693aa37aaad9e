"""Chance by seed."""

from itertools import islice

from argus.simulator.draws import Draws


def numbers(draws: Draws, count: int = 5000) -> list[float]:
    """More than one block."""
    return [draws.uniform() for _ in range(count)] + [draws.exponential() for _ in range(count)]


def test_one_seed_gives_one_sequence():
    assert numbers(Draws(7)) == numbers(Draws(7))
    assert numbers(Draws(7)) != numbers(Draws(8))
    assert numbers(Draws(7, 1)) != numbers(Draws(7, 2))


def test_numbers_lie_where_they_should():
    draws = Draws(1)
    assert all(0 <= draws.uniform() < 1 for _ in range(1000))
    assert all(draws.exponential() >= 0 for _ in range(1000))
    assert set(islice(iter(lambda: draws.below(3), None), 200)) == {0, 1, 2}
