"""Each fault does what it says, to whom it is aimed at, and the truth stays whole."""

import itertools
import json
from typing import Any

import aiohttp
import pytest
import websockets

from argus.simulator import Fault, FaultKind, Source, Venue
from argus.simulator.errors import NoSuchConnection, NotByReplay
from tests.simulator.client import caught_up, dial, play, venue_of
from tests.waiting import until

TRADES = "btcusdt@trade"
PATH = f"/stream?streams={TRADES}&timeUnit=MICROSECOND"


def ids(payloads: list[bytes]) -> list[int]:
    return [json.loads(payload)["t"] for payload in payloads]


def is_chain(numbers: list[int]) -> bool:
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def get(venue: Venue, path: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(venue.rest_url + path) as answer:
        return answer.status, await answer.text()


def test_a_cut_ends_the_connection_it_is_aimed_at():
    async def scene(venue: Venue) -> None:
        first, second, third = [await dial(venue.websocket_url, PATH) for _ in range(3)]
        venue.inject(Fault(kind=FaultKind.CUT, target="oldest"))
        await first.ended()
        assert first.close_code is None
        venue.inject(Fault(kind=FaultKind.CUT, target="newest"))
        await third.ended()
        await second.has(TRADES, len(second.data(TRADES)) + 5)
        assert [one.number for one in venue.sessions] == [2]
        venue.inject(Fault(kind=FaultKind.CUT, target=2))
        await second.ended()
        with pytest.raises(NoSuchConnection, match="2"):
            venue.inject(Fault(kind=FaultKind.CUT, target=2))
        venue.inject(Fault(kind=FaultKind.CUT, target="any"))  # nobody is there
        assert venue.counts["fault_cut"] == 4

    play(scene, venue_of)


def test_scheduled_cuts_come_again_and_again():
    async def scene(venue: Venue) -> None:
        for _ in range(3):
            client = await dial(venue.websocket_url, PATH)
            await client.ended()

    series = Fault(kind=FaultKind.CUT, at_s=0.01, every_s=0.02, spread_s=0.01, target="all")
    play(scene, lambda: venue_of(faults=(series,)))


def test_a_half_open_connection_says_nothing_and_stays():
    async def scene(venue: Venue) -> None:
        deaf, other = [await dial(venue.websocket_url, PATH) for _ in range(2)]
        await deaf.has(TRADES)
        await caught_up(venue, deaf, TRADES, "trade", "BTCUSDT")
        venue.inject(Fault(kind=FaultKind.HALF_OPEN, target="oldest"))
        venue.resume()
        known = len(deaf.texts)
        deaf.subscribe("ethusdt@trade")
        assert deaf.transport is not None
        deaf.transport.send_ping(b"x")
        await other.has(TRADES, len(other.data(TRADES)) + 20)
        assert (len(deaf.texts), deaf.pongs, deaf.is_over) == (known, [], False)

    play(scene, venue_of)


def test_a_half_open_connection_is_aborted_when_its_time_is_over():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, PATH)
        venue.inject(Fault(kind=FaultKind.HALF_OPEN, target="all", for_s=0.05))
        await client.ended()

    play(scene, venue_of)


def test_a_delayed_connection_lags_but_keeps_its_order():
    async def scene(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.DELAY, target="next", value_s=0.3, jitter_s=0.2))
        slow = await dial(venue.websocket_url, PATH)
        quick = await dial(venue.websocket_url, PATH)
        await quick.has(TRADES, 5)
        seen = quick.data(TRADES)[-1]
        assert seen not in slow.data(TRADES)
        await slow.has(TRADES, 40)
        await caught_up(venue, slow, TRADES, "trade", "BTCUSDT")
        assert seen in slow.data(TRADES)
        assert is_chain(ids(slow.data(TRADES)))

    play(scene, venue_of)


def test_a_delay_that_ends_loses_nothing():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, PATH)
        venue.inject(Fault(kind=FaultKind.DELAY, target="all", value_s=0.1, for_s=0.1))
        await until(lambda: not venue.sessions[0].delay_ns)
        await client.has(TRADES, 50)
        await caught_up(venue, client, TRADES, "trade", "BTCUSDT")
        assert is_chain(ids(client.data(TRADES)))

    play(scene, venue_of)


def test_slow_answers_come_after_the_facts_they_announce():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        venue.inject(Fault(kind=FaultKind.SLOW_ACK, target="all", value_s=0.2))
        venue.inject(Fault(kind=FaultKind.SLOW_PONG, target="all", value_s=0.2))
        client.subscribe(TRADES)
        assert client.transport is not None
        client.transport.send_ping(b"x")
        await client.has(TRADES)
        assert client.pongs == []
        assert not any(b'"id"' in text for text in client.texts)
        assert (await client.reply())["result"] is None
        await until(lambda: client.pongs)

    play(scene, venue_of)


def test_a_silent_stream_is_acknowledged_and_its_siblings_flow():
    async def scene(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.SILENT, target="next", stream="btc*@trade"))
        client = await dial(venue.websocket_url)
        client.subscribe(TRADES, "ethusdt@trade", "btcusdt@bookTicker")
        assert (await client.reply())["result"] is None
        await client.has("ethusdt@trade", 20)
        await client.has("btcusdt@bookTicker", 20)
        assert client.data(TRADES) == []

    play(scene, venue_of)


def test_a_silence_ends_after_its_time():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, PATH)
        venue.inject(Fault(kind=FaultKind.SILENT, target="all", for_s=0.1))
        known = len(client.data(TRADES))
        await client.has(TRADES, known + 5)
        assert venue.sessions[0].tamper is None

    play(scene, venue_of)


def test_dropped_facts_are_missing_on_one_connection_only():
    async def scene(venue: Venue) -> None:
        first, second = [await dial(venue.websocket_url, PATH) for _ in range(2)]
        for client in (first, second):
            await client.has(TRADES, 5)
        venue.inject(Fault(kind=FaultKind.DROP, target="oldest", stream=TRADES, count=3))
        await second.has(TRADES, len(second.data(TRADES)) + 20)
        for client in (first, second):
            await caught_up(venue, client, TRADES, "trade", "BTCUSDT")
        mine, whole = ids(first.data(TRADES)), ids(second.data(TRADES))
        assert is_chain(whole)
        assert len(range(mine[0], mine[-1] + 1)) == len(mine) + 3

    play(scene, venue_of)


def test_duplicates_are_the_same_bytes_twice():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, PATH)
        venue.inject(Fault(kind=FaultKind.DUPLICATE, target="all", count=4))
        await client.has(TRADES, 20)
        got = client.data(TRADES)
        repeated = [b for a, b in itertools.pairwise(got) if a == b]
        assert len(repeated) == 4
        assert is_chain(sorted(set(ids(got))))

    play(scene, venue_of)


@pytest.mark.parametrize(("kind", "lost"), [(FaultKind.MALFORMED, 0), (FaultKind.CORRUPT, 2)])
def test_half_a_frame_is_no_json(kind, lost):
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, PATH)
        await client.has(TRADES, 5)
        venue.inject(Fault(kind=kind, target="all", count=2))
        await client.has(TRADES, len(client.data(TRADES)) + 20)
        await caught_up(venue, client, TRADES, "trade", "BTCUSDT")
        whole = [text for text in client.texts if text.endswith(b"}}")]
        assert len(client.texts) - len(whole) == 2
        numbers = [json.loads(text)["data"]["t"] for text in whole]
        assert len(range(numbers[0], numbers[-1] + 1)) == len(numbers) + lost

    play(scene, venue_of)


def test_a_shutdown_is_told_and_then_the_connection_is_cut():
    async def scene(venue: Venue) -> None:
        combined = await dial(venue.websocket_url)
        raw = await dial(venue.websocket_url, "/ws")
        venue.inject(Fault(kind=FaultKind.SERVER_SHUTDOWN, target="all", value_s=0.05))
        await combined.ended()
        await raw.ended()
        assert json.loads(combined.texts[0])["stream"] == "!serverShutdown"
        assert json.loads(raw.texts[0])["e"] == "serverShutdown"

    play(scene, venue_of)


def test_dials_are_refused_for_a_while():
    async def scene(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.REFUSE_DIAL, for_s=0.2))
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(venue.websocket_url + "/ws")
        assert refused.value.response.status_code == 503
        await until(lambda: _is_open(venue))
        await (await dial(venue.websocket_url, PATH)).has(TRADES)

    def _is_open(venue: Venue) -> bool:
        until_ns = venue._websocket.refuse_until_ns
        return until_ns is not None and venue._now_ns() >= until_ns

    play(scene, venue_of)


def test_a_closed_port_refuses_and_opens_again_while_connections_stay():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, PATH)
        venue.inject(Fault(kind=FaultKind.CLOSE_PORT, for_s=0.2))
        with pytest.raises(OSError, match="Connect"):
            await websockets.connect(venue.websocket_url + "/ws")
        await client.has(TRADES, len(client.data(TRADES)) + 5)
        await until(lambda: venue._websocket.is_listening)
        await (await dial(venue.websocket_url, PATH)).has(TRADES)

    play(scene, venue_of)


def test_rest_can_be_refused_and_slowed():
    async def scene(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.REFUSE_REST, for_s=0.1))
        assert (await get(venue, "/api/v3/ping"))[0] == 503
        rest = venue._rest
        await until(lambda: venue._now_ns() >= (rest.refuse_until_ns or 0))
        venue.inject(Fault(kind=FaultKind.SLOW_REST, value_s=0.05, for_s=5.0))
        produced = venue.truth.produced
        assert (await get(venue, "/api/v3/ping"))[0] == 200
        assert venue.truth.produced > produced

    play(scene, lambda: venue_of(rate=2000.0))


def test_rest_can_ask_for_patience():
    async def scene(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.LIMIT_REST, value_s=1.5, for_s=0.1))
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{venue.rest_url}/api/v3/ping") as answer,
        ):
            assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
        await until(lambda: venue._now_ns() >= (venue._rest.limit_until_ns or 0))
        assert (await get(venue, "/api/v3/ping"))[0] == 200

    play(scene, venue_of)


@pytest.mark.parametrize("source", list(Source))
def test_a_symbol_is_listed_and_delisted(source):
    prefix = "/api/v3" if source is Source.BINANCE_SPOT else "/fapi/v1"

    async def shown(venue: Venue) -> dict[str, str]:
        _, text = await get(venue, f"{prefix}/exchangeInfo")
        return {one["symbol"]: one["status"] for one in json.loads(text)["symbols"]}

    async def scene(venue: Venue) -> None:
        url = venue.websocket_urls.get("public", venue.websocket_url)
        client = await dial(url, "/stream?streams=newusdt@trade/btcusdt@trade")
        await client.has(TRADES)
        assert list(await shown(venue)) == ["BTCUSDT", "ETHUSDT"]
        venue.inject(Fault(kind=FaultKind.LIST, symbol="NEWUSDT"))
        await client.has("newusdt@trade", 5)
        assert (await shown(venue))["NEWUSDT"] == "TRADING"
        venue.inject(Fault(kind=FaultKind.DELIST, symbol="NEWUSDT"))
        assert "NEWUSDT" not in await shown(venue)
        assert (await get(venue, f"{prefix}/depth?symbol=NEWUSDT&limit=5"))[0] == 400
        venue.inject(Fault(kind=FaultKind.DELIST, symbol="BTCUSDT", status="BREAK"))
        assert (await shown(venue))["BTCUSDT"] == "BREAK"
        ((since, until_ns),) = venue.truth.listings("NEWUSDT")
        instants = [ts for ts, _ in venue.truth.facts("trade", "NEWUSDT")]
        assert until_ns is not None
        assert since <= instants[0] <= instants[-1] <= until_ns
        assert venue.truth.listings("ETHUSDT")[0][1] is None

    play(scene, lambda: venue_of(source))


def test_skipped_ids_are_in_no_feed_and_not_in_the_truth():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, PATH)
        await client.has(TRADES, 5)
        venue.inject(Fault(kind=FaultKind.SKIP_IDS, symbol="BTCUSDT", stream="trade", count=7))
        await client.has(TRADES, 20)
        await caught_up(venue, client, TRADES, "trade", "BTCUSDT")
        numbers = ids(client.data(TRADES))
        assert len(range(numbers[0], numbers[-1] + 1)) == len(numbers) + 7
        truth = venue.truth.payloads("trade", "BTCUSDT")
        assert truth[-len(numbers) :] == client.data(TRADES)

    play(scene, venue_of)


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
def test_the_clock_of_the_venue_can_be_wrong(by_s):
    async def server_ms(venue: Venue) -> int:
        return int(json.loads((await get(venue, "/api/v3/time"))[1])["serverTime"])

    async def more_than(venue: Venue, kind: str, known: int) -> None:
        await until(lambda: len(venue.truth.payloads(kind, "BTCUSDT")) > known)

    async def scene(venue: Venue) -> None:
        before = await server_ms(venue)
        venue.inject(Fault(kind=FaultKind.CLOCK_OFFSET, value_s=by_s))
        for kind in ("trade", "depth", "kline_1m"):
            known = len(venue.truth.payloads(kind, "BTCUSDT"))
            await more_than(venue, kind, known)
        after = await server_ms(venue)
        assert abs(after - before - by_s * 1000) < 600_000

    play(scene, venue_of)


def test_a_fault_for_a_recording_is_refused(tmp_path):
    path = tmp_path / "recording"
    path.write_bytes(b'1 {"stream":"btcusdt@trade","data":{"s":"BTCUSDT","t":1}}\n')

    async def scene(venue: Venue) -> None:
        with pytest.raises(NotByReplay, match="NEWUSDT"):
            venue.inject(Fault(kind=FaultKind.LIST, symbol="NEWUSDT"))

    play(scene, lambda: venue_of(replay=(path,), wait_for_connections=1))
