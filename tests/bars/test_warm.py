"""Everything is compiled by one call."""

from argus.bars.warm import compile_all


def test_every_loop_runs_once():
    compile_all()
