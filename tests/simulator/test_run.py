"""A venue runs until it is told to stop, and says first where it is."""

import asyncio
import json

import click
import pytest
from click.testing import CliRunner

from argus.simulator import FaultKind, Source, Venue, VenueOptions, run
from argus.simulator.__main__ import fault_of, main
from tests.simulator.client import venue_of


@pytest.mark.parametrize("source", list(Source))
def test_the_first_line_says_where_it_listens_and_its_seed(source, capsys):
    async def scene() -> Venue:
        stop = asyncio.Event()
        stop.set()
        return await run(VenueOptions(source=source, symbols=1, seed=77), stop)

    venue = asyncio.run(scene())
    ready = json.loads(capsys.readouterr().out)
    assert (ready["source"], ready["seed"]) == (source, 77)
    assert ready["websocket_url"] == venue.websocket_url
    assert set(ready["websocket_urls"]) == (
        set() if source is Source.BINANCE_SPOT else {"public", "market"}
    )
    assert ready["rest_url"].startswith("http://127.0.0.1:")


def test_an_error_within_a_venue_ends_who_has_entered_it():
    async def scene() -> None:
        async with venue_of() as venue:

            def fail(*_: object) -> list[object]:
                raise OSError("no such luck")

            venue._feed.advance = fail  # type: ignore[method-assign, assignment] # made to fail
            await asyncio.Event().wait()

    with pytest.raises(OSError, match="no such luck"):
        asyncio.run(scene())


def test_an_error_of_who_has_entered_a_venue_stays_what_it_is():
    async def scene() -> None:
        async with venue_of():
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        asyncio.run(scene())


def test_a_fault_can_be_written_on_the_command_line():
    fault = fault_of("cut:every_s=5,spread_s=2,target=oldest")
    assert (fault.kind, fault.every_s, fault.spread_s, fault.target) == (
        FaultKind.CUT,
        5.0,
        2.0,
        "oldest",
    )
    assert fault_of("duplicate:count=3,target=7").target == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [("explode", "half_open"), ("cut:now=1", "every_s"), ("cut:at_s=x", "number")],
)
def test_a_wrong_fault_is_answered_with_what_is_allowed(text, words):
    with pytest.raises(click.BadParameter, match=words):
        fault_of(text)


def test_the_command_explains_itself():
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    for option in ("--source", "--symbols", "--rate", "--seed", "--truth", "--replay", "--fault"):
        assert option in shown.output
