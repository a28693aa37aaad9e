"""A whole venue over real local sockets: what it sends is the truth, in order, once."""

import asyncio
import json
from dataclasses import replace

import pytest
import websockets

from argus.simulator import Limits, Source, Venue, VenueOptions, read_truth
from tests.simulator.client import caught_up, dial, play, venue_of
from tests.waiting import until

MICRO = "&timeUnit=MICROSECOND"


def public_url(venue: Venue) -> str:
    return venue.websocket_urls.get("public", venue.websocket_url)


@pytest.mark.parametrize("source", list(Source))
def test_a_connection_gets_the_truth_from_its_first_fact_on(source):
    async def scene(venue: Venue) -> None:
        names = ["btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth@100ms"]
        path = f"/stream?streams={'/'.join(names)}{MICRO}"
        client = await dial(public_url(venue), path)
        for name in names:
            await client.has(name, 10)
        venue.pause()
        for name in names:
            kind = name.partition("@")[2]
            truth = venue.truth.payloads(kind, "BTCUSDT")
            got = await client.has(name, 1)
            start = truth.index(got[0])
            assert await client.has(name, len(truth) - start) == truth[start:]

    play(scene, lambda: venue_of(source))


def test_two_connections_get_the_same_bytes():
    async def scene(venue: Venue) -> None:
        path = f"/stream?streams=btcusdt@trade{MICRO}"
        clients = [await dial(venue.websocket_url, path) for _ in range(2)]
        for client in clients:
            await client.has("btcusdt@trade", 20)
        venue.pause()
        for client in clients:
            await caught_up(venue, client, "btcusdt@trade", "trade", "BTCUSDT")
        first, second = (client.data("btcusdt@trade") for client in clients)
        both = min(len(first), len(second))
        assert first[-both:] == second[-both:]

    play(scene, venue_of)


def test_without_a_time_unit_spot_speaks_in_milliseconds():
    async def scene(venue: Venue) -> None:
        micro = await dial(venue.websocket_url, f"/stream?streams=btcusdt@trade{MICRO}")
        milli = await dial(venue.websocket_url, "/stream?streams=btcusdt@trade")
        await micro.has("btcusdt@trade", 5)
        await milli.has("btcusdt@trade", 5)
        by_id = {json.loads(p)["t"]: json.loads(p) for p in micro.data("btcusdt@trade")}
        compared = 0
        for payload in milli.data("btcusdt@trade"):
            event = json.loads(payload)
            exact = by_id.get(event["t"])
            if exact is not None:
                assert event == exact | {"E": exact["E"] // 1000, "T": exact["T"] // 1000}
                compared += 1
        assert compared

    play(scene, venue_of)


def test_raw_sockets_carry_bare_payloads_and_can_be_rewrapped():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, "/ws/btcusdt@trade")
        await until(lambda: client.texts)
        assert json.loads(client.texts[0])["e"] == "trade"
        client.ask({"method": "GET_PROPERTY", "params": ["combined"], "id": 1})
        assert (await client.reply(1))["result"] is False
        client.ask({"method": "SET_PROPERTY", "params": ["combined", True], "id": 2})
        await client.reply(2)
        await client.has("btcusdt@trade")

    play(scene, venue_of)


def test_subscriptions_are_acknowledged_listed_and_ended():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        client.subscribe("btcusdt@trade", "ethusdt@trade")
        assert await client.reply() == {"result": None, "id": 1}
        await client.has("btcusdt@trade")
        client.ask({"method": "UNSUBSCRIBE", "params": ["btcusdt@trade"], "id": "two"})
        assert await client.reply("two") == {"result": None, "id": "two"}
        known = len(client.data("btcusdt@trade"))
        client.ask({"method": "LIST_SUBSCRIPTIONS", "id": 3})
        assert await client.reply(3) == {"result": ["ethusdt@trade"], "id": 3}
        await client.has("ethusdt@trade", len(client.data("ethusdt@trade")) + 5)
        assert len(client.data("btcusdt@trade")) == known

    play(scene, venue_of)


@pytest.mark.parametrize("name", ["BTCUSDT@trade", "nousdt@trade", "btcusdt@nothing", "btcusdt"])
def test_a_stream_that_is_not_there_is_acknowledged_and_silent(name):
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        client.subscribe(name, "ethusdt@trade")
        assert (await client.reply())["result"] is None
        await client.has("ethusdt@trade", 20)
        assert client.data(name) == []

    play(scene, venue_of)


def test_a_stream_of_the_other_tier_is_acknowledged_and_silent():
    async def scene(venue: Venue) -> None:
        public = await dial(venue.websocket_urls["public"])
        market = await dial(venue.websocket_urls["market"])
        legacy = await dial(venue.websocket_url)
        for client in (public, market, legacy):
            client.subscribe("btcusdt@trade", "btcusdt@aggTrade", "btcusdt@markPrice@1s")
            assert (await client.reply())["result"] is None
        await public.has("btcusdt@trade", 10)
        await legacy.has("btcusdt@trade", 10)
        await market.has("btcusdt@aggTrade", 10)
        await market.has("btcusdt@markPrice@1s")
        assert public.data("btcusdt@aggTrade") == legacy.data("btcusdt@aggTrade") == []
        assert market.data("btcusdt@trade") == []

    play(scene, lambda: venue_of(Source.BINANCE_USDM))


def test_all_liquidations_come_on_one_stream():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_urls["market"])
        client.subscribe("!forceOrder@arr")
        found = await client.has("!forceOrder@arr", 2)
        assert {json.loads(p)["e"] for p in found} == {"forceOrder"}

    play(scene, lambda: venue_of(Source.BINANCE_USDM, liquidations_per_s=1.0))


@pytest.mark.parametrize(
    ("request_text", "code"),
    [
        (b"{", 3),
        (b'{"id":1}', 2),
        (b'{"method":"BUY","id":1}', 2),
        (b'{"method":"SUBSCRIBE","params":[1],"id":1}', 2),
        (b'{"method":"SUBSCRIBE","params":["a"],"id":1.5}', 2),
        (b'{"method":"GET_PROPERTY","params":["colour"],"id":1}', 0),
        (b'{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1),
    ],
)
def test_a_malformed_request_is_answered_with_an_error(request_text, code):
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        client.ask(request_text)
        await until(lambda: client.texts)
        assert json.loads(client.texts[0])["error"]["code"] == code

    play(scene, venue_of)


def test_the_websockets_library_speaks_with_it():
    async def scene(venue: Venue) -> None:
        url = f"{venue.websocket_url}/stream?streams=btcusdt@trade{MICRO}"
        async with websockets.connect(url) as socket:
            first = json.loads(await socket.recv())
            assert first["stream"] == "btcusdt@trade"
            await (await socket.ping())
            await socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 5}))
            while json.loads(await socket.recv()).get("id") != 5:
                pass

    play(scene, venue_of)


def test_the_truth_file_has_every_fact_in_order(tmp_path):
    path = tmp_path / "truth"

    async def scene(venue: Venue) -> None:
        await venue.finished.wait()

    venue = play(scene, lambda: venue_of(truth_path=path, truth_keep=10, facts_max=500, speed=0))
    lines = list(read_truth(path))
    assert len(lines) == venue.truth.produced
    assert [ts for ts, _, _ in lines] == sorted(ts for ts, _, _ in lines)
    for kind, symbol, produced in venue.truth.streams():
        # More than is kept in memory: read back from the file.
        assert len(venue.truth.payloads(kind, symbol)) == produced


def test_flat_out_the_market_waits_for_its_slowest_reader():
    async def scene(venue: Venue) -> None:
        names = [f"{s}@{k}" for s in ("btcusdt", "ethusdt") for k in ("trade", "bookTicker")]
        client = await dial(venue.websocket_url, f"/stream?streams={'/'.join(names)}{MICRO}")
        await venue.finished.wait()
        for symbol in ("BTCUSDT", "ETHUSDT"):
            for kind in ("trade", "bookTicker"):
                name, truth = f"{symbol.lower()}@{kind}", venue.truth.payloads(kind, symbol)
                assert await client.has(name, len(truth)) == truth

    play(
        scene,
        lambda: venue_of(speed=0, facts_max=50_000, wait_for_connections=1, truth_keep=50_000),
    )


def test_nothing_is_produced_while_the_venue_is_paused():
    async def scene(venue: Venue) -> None:
        await until(lambda: venue.truth.produced)
        venue.pause()
        produced = venue.truth.produced
        client = await dial(venue.websocket_url)
        client.subscribe("btcusdt@trade")
        await client.reply()
        assert (venue.truth.produced, client.data("btcusdt@trade")) == (produced, [])
        venue.resume()
        await client.has("btcusdt@trade")

    play(scene, venue_of)


def test_one_segment_for_each_frame_carries_the_same():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, f"/stream?streams=btcusdt@trade{MICRO}")
        await client.has("btcusdt@trade", 20)
        await caught_up(venue, client, "btcusdt@trade", "trade", "BTCUSDT")

    play(scene, lambda: venue_of(is_segment_each=True))


# --- limits --------------------------------------------------------------------------------------


def test_a_client_that_sends_too_much_is_disconnected():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        for number in range(6):
            client.ask({"method": "LIST_SUBSCRIPTIONS", "id": number})
        await client.ended()
        assert venue.counts["clients_too_fast"] == 1

    play(scene, venue_of)


def test_a_connection_has_only_so_many_streams():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        client.subscribe("a@trade", "b@trade", "btcusdt@trade")
        assert (await client.reply())["error"]["code"] == 2
        client.subscribe("a@trade", "btcusdt@trade", number=2)
        assert (await client.reply(2))["result"] is None
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(
                f"{venue.websocket_url}/stream?streams=a@trade/b@trade/c@trade"
            )
        assert refused.value.response.status_code == 400

    play(scene, lambda: venue_of(limits=Limits(streams_per_connection=2)))


def test_dials_beyond_the_limit_are_refused_with_429():
    async def scene(venue: Venue) -> None:
        for _ in range(2):
            await dial(venue.websocket_url)
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(venue.websocket_url + "/ws")
        assert refused.value.response.status_code == 429
        assert venue.counts["dials_refused"] == 1

    play(scene, lambda: venue_of(limits=Limits(dials_per_window=2)))


def test_an_unknown_path_is_not_found():
    async def scene(venue: Venue) -> None:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(venue.websocket_url + "/other")
        assert refused.value.response.status_code == 404

    play(scene, venue_of)


def test_pings_are_answered_with_their_payload_and_bring_the_same_back():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        assert client.transport is not None
        client.transport.send_ping(b"are you there")
        await until(lambda: client.pongs)
        assert client.pongs == [b"are you there"]
        await until(lambda: len(client.pings) > 2)
        assert not client.is_over

    play(scene, lambda: venue_of(limits=Limits(ping_every_s=0.3, pong_within_s=30.0)))


def test_a_client_without_pongs_is_disconnected():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url, answers_pings=False)
        await client.ended()
        assert client.pings
        assert venue.counts["pongs_missed"] == 1

    play(scene, lambda: venue_of(limits=Limits(ping_every_s=0.05, pong_within_s=0.1)))


def test_a_connection_ends_with_its_life_after_a_notice():
    async def scene(venue: Venue) -> None:
        client = await dial(venue.websocket_url)
        await client.ended()
        notices = [json.loads(t) for t in client.texts]
        assert [n["stream"] for n in notices] == ["!serverShutdown"]
        assert notices[0]["data"]["e"] == "serverShutdown"
        assert venue.counts["lifetimes_ended"] == 1

    play(scene, lambda: venue_of(limits=Limits(lifetime_s=0.3), shutdown_notice_s=0.2))


def test_a_client_that_does_not_read_is_disconnected_and_counted():
    async def scene(venue: Venue) -> None:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(venue.websocket_url.rpartition(":")[2]), limit=1024
        )
        names = "btcusdt@trade/btcusdt@bookTicker/ethusdt@trade/ethusdt@bookTicker"
        writer.write(
            f"GET /stream?streams={names} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 101")
        await until(lambda: venue.counts["clients_too_slow"], timeout_s=60)
        writer.close()

    # Much faster than the clock, so that the kernel's buffers fill soon.
    play(scene, lambda: venue_of(rate=100_000.0, write_buffer_max_bytes=1 << 16, truth_keep=10))


@pytest.mark.parametrize("option", ["websocket_port", "rest_port"])
def test_a_venue_without_its_port_leaves_nothing_open(option, tmp_path):
    async def scene(venue: Venue) -> None:
        url = venue.websocket_url if option == "websocket_port" else venue.rest_url
        taken = int(url.rpartition(":")[2])
        options = VenueOptions(source=Source.BINANCE_SPOT, truth_path=tmp_path / "truth")
        second = Venue(replace(options, **{option: taken}))  # type: ignore[arg-type] # a port
        with pytest.raises(OSError, match="in use"):
            await second.__aenter__()
        assert not second._websocket.is_listening

    play(scene, venue_of)
