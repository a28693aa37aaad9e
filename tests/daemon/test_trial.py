"""Two recorders in one loop: what the new one does until it is accepted."""

import asyncio
import dataclasses
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from argus.control.client import ask, consult
from argus.daemon.service import serve
from argus.daemon.sewing import Positions
from argus.daemon.takeover import Wish
from argus.daemon.world import this_machine
from argus.errors import DaemonError, TakeoverFailed
from argus.simulator.faults import FaultKind
from argus.simulator.venue import Venue
from argus.storage.gaps import read_ledger
from argus.storage.generation import alive
from argus.telemetry import HandedOver, TakeoverAccepted, TakeoverFinished
from tests.daemon.recorder import Notes, Recorder, run, served, venue_options
from tests.waiting import until


def test_a_gap_of_the_new_one_is_none_if_the_old_one_has_the_facts(tmp_path: Path):
    """It is cut before it is accepted: what it missed lies in the other one's generation."""

    async def main() -> None:
        async with Venue(venue_options(symbols=4, rate=400)) as venue:
            old, new = (Recorder(tmp_path, venue, Notes()) for _ in range(2))
            asked, cut = 0, 0

            async def cut_first(path: Path, verb: str, args: Mapping[str, object]) -> object:
                nonlocal asked, cut
                answer = await consult(path, verb, args)
                if verb != "positions":
                    return answer
                asked += 1
                newest = max(s.number for s in venue.sessions)
                if not cut and asked > 4 and len(venue.sessions) == 2:
                    cut = newest
                    old.inject(FaultKind.CUT, target=cut)
                is_back = cut and newest > cut and asked > 16
                return answer if is_back else _busy(answer)

            async with served(old, standby=0):
                await old.all_sewn()
                async with served(new, standby=0, takeover=Wish(), world={"consult": cut_first}):
                    assert old.stop.is_set()
                    assert len(old.notes.of(HandedOver)) == len(new.notes.of(TakeoverFinished)) == 1
                    assert new.reconnects == 1
                    await new.goes_on()
                    await new.settle()
            verdict = new.verdict()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
            assert read_ledger(tmp_path).entries == ()

    run(main)


def _busy(answer: object) -> object:
    """The same answer from a recorder that is not ready yet."""
    return {**msgspec.to_builtins(msgspec.convert(answer, Positions)), "is_busy": True}


def test_the_old_one_records_until_the_new_one_does(tmp_path: Path):
    """The venue refuses the new one's connections for a while."""

    async def main() -> None:
        async with Venue(venue_options(symbols=4, rate=400)) as venue:
            old, new = (Recorder(tmp_path, venue, Notes()) for _ in range(2))
            async with served(old):
                await old.all_sewn()
                old.inject(FaultKind.REFUSE_DIAL, for_s=2.0)
                async with served(new, takeover=Wish()):
                    (accepted,) = new.notes.of(TakeoverAccepted)
                    assert accepted.seconds > 2.0
                    await new.goes_on()
                    await new.settle()
            verdict = new.verdict()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)


def test_what_is_quiet_is_handed_on_without_a_gap(tmp_path: Path):
    """By a second one, too, that never saw a fact of it."""

    async def main() -> None:
        async with Venue(venue_options("binance_usdm", symbols=3, rate=400)) as venue:
            first, second, third = (Recorder(tmp_path, venue, Notes()) for _ in range(3))
            async with served(first):
                await first.all_sewn()
                await first.settle()
                async with served(second, takeover=Wish()), served(third, takeover=Wish()):
                    assert second.notes.of(HandedOver)
                    venue.resume()
                    await until(lambda: third.published("mark_price", "BTCUSDT"), timeout_s=30)
                    await third.goes_on()
                    await third.settle()
            verdict = third.verdict()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
            assert verdict.facts > 0

    run(main)


def test_a_recorder_lets_one_other_take_over_as_long_as_that_one_lives(tmp_path: Path):
    async def main() -> None:
        async with Venue(venue_options(symbols=2, rate=100)) as venue:
            old = Recorder(tmp_path, venue, Notes())
            async with served(old):
                await old.all_sewn()
                service = old.service
                await until(lambda: service.past.is_known)

                async def answer(verb: str, generation: str) -> object:
                    return await consult(
                        Path(service.config.socket), verb, {"generation": generation}
                    )

                with pytest.raises(DaemonError, match="aa does not record into"):
                    await answer("positions", "aa")
                with alive(tmp_path, "aa"), alive(tmp_path, "bb"):
                    found = msgspec.convert(await answer("positions", "aa"), Positions)
                    assert found.generation == service.generation
                    assert found.streams[old.source].keys() == old.dispatcher.routers().keys()
                    assert not found.is_busy
                    assert not service.may_merge
                    # What it has not judged yet the next one could not judge either.
                    service.past.is_known = False
                    found = msgspec.convert(await answer("positions", "aa"), Positions)
                    assert found.is_busy
                    service.past.is_known = True
                    with pytest.raises(DaemonError, match="aa is taking over already"):
                        await answer("positions", "bb")
                    for generation in ("aa", "bb"):
                        with pytest.raises(DaemonError, match=f"{generation} has not taken over"):
                            await answer("leave", generation)
                    with pytest.raises(DaemonError, match="is taking over; ask again"):
                        await asyncio.to_thread(ask, Path(service.config.socket), "flush")
                assert service.may_merge
                with alive(tmp_path, "bb"):
                    await answer("positions", "bb")
                await old.settle()

    run(main)


def test_a_recorder_that_speaks_otherwise_is_not_taken_over_from(tmp_path: Path):
    async def other(path: Path, verb: str, args: Mapping[str, object]) -> object:
        await consult(path, verb, args)
        return {"generation": "of another version"}

    async def main() -> None:
        async with Venue(venue_options(symbols=2, rate=100)) as venue:
            old, new = (Recorder(tmp_path, venue, Notes()) for _ in range(2))
            async with served(old):
                await old.all_sewn()
                before = sorted((tmp_path / "temp").glob("[!.]*"))
                with pytest.raises(TakeoverFailed, match="not understood"):
                    await serve(
                        old.service.config,
                        world=dataclasses.replace(this_machine(), consult=other),
                        telemetry=new.notes,
                        stop=new.stop,
                        takeover=Wish(),
                    )
                assert sorted((tmp_path / "temp").glob("[!.]*")) == before
                await old.settle()
            verdict = old.verdict()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)
