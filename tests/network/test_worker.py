"""A worker on a scripted websocket: what it asks, publishes, keeps and tells."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import pytest

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.agora.router import AgoraRouter
from argus.agora.splice import Limits
from argus.errors import Unreachable
from argus.events import Event, Gap, GapReason
from argus.network.memo import Memo
from argus.network.sample import UnknownFields
from argus.network.source import Stream
from argus.network.sources import SOURCES
from argus.network.subscribing import NAMES_PER_MESSAGE
from argus.network.worker import Worker
from argus.telemetry import FieldUnknown, FrameUndecodable, Happening, MessageUnexpected
from tests.network.doubles import SECOND, ScriptedLink, ScriptedOpen, TestClock
from tests.waiting import until

SOURCE = SOURCES["binance_spot"]


def trade_frame(trade_id: int, symbol: str = "BTCUSDT", extra: str = "") -> bytes:
    payload = f'{{"e":"trade","t":{trade_id},"p":"1.5","q":"2","T":1,"m":true{extra}}}'
    return f'{{"stream":"{symbol.lower()}@trade","data":{payload}}}'.encode()


def ack(request: int) -> bytes:
    return b'{"result":null,"id":%d}' % request


@dataclass
class Bench:
    """One worker with its routers, its scripted network, and all that came out."""

    clock: TestClock = field(default_factory=TestClock)
    agora: Agora = field(default_factory=lambda: Agora({"": 1024}))
    routers: dict[str, AgoraRouter] = field(default_factory=dict)
    gaps: list[tuple[str, Gap]] = field(default_factory=list)
    lines: list[tuple[int, bytes]] = field(default_factory=list)
    reported: list[Happening] = field(default_factory=list)
    letters: list[tuple[str, int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open = ScriptedOpen(self.clock)
        self.facts = self.agora.subscribe("binance_spot/**")
        self.sample = UnknownFields(SOURCE.name, self.reported.append)

    def letter(self, source: str, ts_recv: int, frame: bytes) -> str:
        self.letters.append((source, ts_recv, frame))
        return f"letter {len(self.letters)}"

    def streams(self, *symbols: str, data_types: tuple[str, ...] = ("trade",)) -> list[Stream]:
        found = [s for symbol in symbols for s in SOURCE.streams(symbol, data_types, ("1m", "5m"))]
        for stream in found:
            if stream.name not in self.routers:
                self.routers[stream.name] = AgoraRouter(
                    self.agora,
                    stream.path,
                    seam=stream.channel.seam,
                    limits=Limits(),
                    tell_gap=lambda path, gap: self.gaps.append((str(path), gap)),
                    append=self.lines.append,
                )
        return found

    def worker(self, number: int = 1, memo: Memo | None = None) -> Worker:
        return Worker(
            number=number,
            source=SOURCE,
            routers=self.routers,
            open_link=self.open,
            url="wss://venue/stream",
            clock=self.clock,
            memo=memo,
            letters=self.letter,
            sample=self.sample,
            report=self.reported.append,
        )

    def published(self) -> list[tuple[str, list[int]]]:
        return [
            (news.path.symbol, [getattr(f, "trade_id", 0) for f in news.facts])
            for news in self.facts.poll()
            if news.path.data_type != "gap"
        ]


async def running(
    bench: Bench, worker: Worker, talk: Callable[[ScriptedLink], Awaitable[None]]
) -> str:
    """Run a worker while `talk` plays the venue; return how the worker says it ended."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(worker.run())
        link = await until(lambda: bench.open.links and bench.open.links[-1])
        await until(lambda: worker.ts_opened is not None)
        await talk(link)
        link.end("the test is over")
        return await task


def play(bench: Bench, worker: Worker, talk: Callable[[ScriptedLink], Awaitable[None]]) -> str:
    return asyncio.run(running(bench, worker, talk))


def asked(link: ScriptedLink) -> list[tuple[str, int, list[str]]]:
    messages = [json.loads(text) for _, text in link.sent]
    return [(m["method"], m["id"], m["params"]) for m in messages]


def sent_at_least(link: ScriptedLink, messages: int) -> bool:
    return len(link.sent) >= messages


# --- subscriptions ---------------------------------------------------------------------------


def test_streams_are_subscribed_and_acknowledged():
    bench = Bench()
    worker = bench.worker()
    worker.add(streams := bench.streams("BTCUSDT", "ETHUSDT"))
    states = []

    async def talk(link: ScriptedLink) -> None:
        await until(lambda: link.sent)
        states.append(worker.is_acknowledged)
        link.deliver(ack(1))
        states.append(worker.is_acknowledged)
        assert asked(link) == [("SUBSCRIBE", 1, ["btcusdt@trade", "ethusdt@trade"])]

    assert play(bench, worker, talk) == "the test is over"
    assert states == [False, True]
    assert bench.open.dialled == ["wss://venue/stream"]
    assert list(worker.streams) == [s.name for s in streams]
    for stream in streams:
        feed = bench.routers[stream.name].feed(worker.path(stream))
        assert feed.ts_acknowledged == bench.clock.now_ns()


def test_worker_is_not_acknowledged_before_its_connection_is_open():
    bench = Bench()
    worker = bench.worker()
    assert not worker.is_acknowledged
    worker.add(bench.streams("BTCUSDT"))
    assert not worker.is_acknowledged


def test_many_streams_go_in_messages_within_the_limit_of_the_venue():
    bench = Bench()
    worker = bench.worker()
    worker.add(bench.streams(*(f"S{n}USDT" for n in range(NAMES_PER_MESSAGE * 10))))
    acknowledged = []

    async def talk(link: ScriptedLink) -> None:
        for request in range(1, 11):
            await until(partial(sent_at_least, link, request))
            acknowledged.append(worker.is_acknowledged)
            link.deliver(ack(request))
            # Whatever waits for its turn is not acknowledged yet.
            acknowledged.append(worker.is_acknowledged)
        assert [len(names) for _, _, names in asked(link)] == [NAMES_PER_MESSAGE] * 10

    play(bench, worker, talk)
    assert acknowledged == [False] * 19 + [True]
    sent = [ts for ts, _ in bench.open.links[0].sent]
    limit = SOURCE.limits.messages_per_second.value
    for ts in sent:
        assert len([t for t in sent if ts - SECOND < t <= ts]) < limit  # a pong may come between


def test_subscription_that_waits_for_the_limit_is_not_acknowledged():
    bench = Bench()
    worker = bench.worker()
    at_once = SOURCE.limits.messages_per_second.value - 1
    worker.add(bench.streams(*(f"S{n}USDT" for n in range(NAMES_PER_MESSAGE * at_once + 1))))
    bench.clock.is_held = True

    async def talk(link: ScriptedLink) -> None:
        await until(partial(sent_at_least, link, at_once))
        link.deliver(*(ack(request) for request in range(1, at_once + 1)))
        assert not worker.is_acknowledged
        bench.clock.is_held = False
        await until(partial(sent_at_least, link, at_once + 1))
        assert not worker.is_acknowledged
        link.deliver(ack(at_once + 1))
        assert worker.is_acknowledged

    play(bench, worker, talk)


def test_stream_that_leaves_is_unsubscribed_and_its_late_frames_go_nowhere():
    bench = Bench()
    worker = bench.worker()
    btc, eth = bench.streams("BTCUSDT", "ETHUSDT")
    worker.add([btc, eth])

    async def talk(link: ScriptedLink) -> None:
        await until(lambda: link.sent)
        link.deliver(ack(1), trade_frame(1), trade_frame(1, "ETHUSDT"))
        worker.remove([eth, eth], bench.clock.now_ns())
        await until(lambda: len(link.sent) == 2)
        link.deliver(trade_frame(2), trade_frame(2, "ETHUSDT"), ack(2))
        assert asked(link)[1:] == [("UNSUBSCRIBE", 2, ["ethusdt@trade"])]
        assert worker.is_acknowledged

    play(bench, worker, talk)
    assert bench.published() == [("BTCUSDT", [1, 2]), ("ETHUSDT", [1])]
    assert (bench.letters, bench.reported) == ([], [])
    assert worker.path(eth) not in bench.agora.paths()


def test_stream_that_is_added_later_is_subscribed_on_the_open_connection():
    bench = Bench()
    worker = bench.worker()
    worker.add(bench.streams("BTCUSDT"))

    async def talk(link: ScriptedLink) -> None:
        await until(lambda: link.sent)
        link.deliver(ack(1))
        worker.add(bench.streams("NEWUSDT"))
        assert not worker.is_acknowledged
        await until(lambda: len(link.sent) == 2)
        link.deliver(ack(2), trade_frame(7, "NEWUSDT"))
        assert worker.is_acknowledged

    play(bench, worker, talk)
    assert bench.published() == [("NEWUSDT", [7])]


def test_refused_request_is_told_and_leaves_the_worker_unacknowledged():
    bench = Bench()
    worker = bench.worker()
    worker.add(bench.streams("BTCUSDT"))
    text = '{"error":{"code":2,"msg":"Invalid request"},"id":1}'

    async def talk(link: ScriptedLink) -> None:
        await until(lambda: link.sent)
        link.deliver(text.encode())
        assert not worker.is_acknowledged

    play(bench, worker, talk)
    assert bench.reported == [MessageUnexpected("binance_spot", 1, text)]


def test_connection_that_fails_while_asking_ends_as_the_connection_says():
    bench = Bench()
    worker = bench.worker()

    async def talk(link: ScriptedLink) -> None:
        link.failure = ConnectionResetError("reset")
        worker.add(bench.streams("BTCUSDT"))
        await until(lambda: not worker.is_acknowledged)

    assert play(bench, worker, talk) == "the test is over"


def test_venue_that_cannot_be_reached_is_told_by_the_run():
    bench = Bench()
    bench.open.is_reachable = False
    with pytest.raises(Unreachable):
        asyncio.run(bench.worker().run())


def test_close_before_the_connection_is_open_does_nothing():
    asyncio.run(Bench().worker().close())


def test_close_ends_the_run():
    bench = Bench()
    worker = bench.worker()

    async def talk(link: ScriptedLink) -> None:
        await worker.close()
        assert link.is_closed

    assert play(bench, worker, talk) == "closed by us"


# --- frames ----------------------------------------------------------------------------------


def test_facts_go_in_order_onto_the_path_of_their_stream():
    bench = Bench()
    worker = bench.worker()
    worker.add(bench.streams("BTCUSDT", "币安人生USDT"))

    async def talk(link: ScriptedLink) -> None:
        for trade_id in range(1, 4):
            bench.clock.elapsed += 1
            link.deliver(trade_frame(trade_id), trade_frame(trade_id + 90, "币安人生USDT"))

    play(bench, worker, talk)
    assert bench.published() == [("BTCUSDT", [1, 2, 3]), ("币安人生USDT", [91, 92, 93])]
    current = bench.agora.current(Path("binance_spot", "trade", "BTCUSDT"))
    assert current is not None
    assert current.ts_recv == TestClock().now_ns() + 3


def test_candles_of_two_lengths_share_a_path_and_nothing_else():
    bench = Bench()
    worker = bench.worker()
    one, five = bench.streams("BTCUSDT", data_types=("kline",))
    worker.add([one, five])
    assert [str(worker.path(s)) for s in (one, five)] == [
        "tmp/1/binance_spot/kline/BTCUSDT@kline_1m",
        "tmp/1/binance_spot/kline/BTCUSDT@kline_5m",
    ]
    frame = (
        '{"stream":"btcusdt@kline_%s","data":{"E":1,"k":{"t":60000,"T":2,"i":"%s","o":"1","c":"1",'
        '"h":"1","l":"1","v":"1","n":%d,"x":false,"q":"1","V":"1","Q":"1"}}}'
    )

    async def talk(link: ScriptedLink) -> None:
        for trades in (5, 6):
            link.deliver((frame % ("1m", "1m", trades)).encode())
            link.deliver((frame % ("5m", "5m", 1)).encode())

    play(bench, worker, talk)
    facts = [f for news in bench.facts.poll() for f in news.facts]
    assert [(f.interval, f.trades) for f in facts] == [  # type: ignore[attr-defined]
        *[("1m", 5), ("5m", 1), ("1m", 6)]
    ]


@pytest.mark.parametrize("memo", [None, Memo()], ids=["alone", "shared"])
def test_undecodable_frame_is_kept_told_and_becomes_a_gap_while_the_rest_goes_on(memo):
    bench = Bench()
    worker = bench.worker(memo=memo)
    worker.add(bench.streams("BTCUSDT", "ETHUSDT"))
    broken = trade_frame(2)[:-9]

    async def talk(link: ScriptedLink) -> None:
        link.deliver(trade_frame(1), broken, trade_frame(1, "ETHUSDT"), trade_frame(3))

    play(bench, worker, talk)
    assert bench.published() == [("BTCUSDT", [1, 3]), ("ETHUSDT", [1])]
    assert bench.letters == [("binance_spot", TestClock().now_ns(), broken)]
    (told,) = bench.reported
    assert isinstance(told, FrameUndecodable)
    assert (told.stream, told.file) == ("btcusdt@trade", "letter 1")
    ((path, gap),) = bench.gaps
    assert (path, gap.reason, gap.first_missing_id, gap.last_missing_id) == (
        *("binance_spot/trade/BTCUSDT", GapReason.DEAD_LETTER, 2, 2),
    )


def test_frame_that_nests_without_end_is_a_dead_letter_and_no_end_of_the_connection():
    bench = Bench()
    worker = bench.worker()
    worker.add(bench.streams("BTCUSDT"))
    deep = trade_frame(2, extra=',"zz":' + "[" * 5000 + "]" * 5000)

    async def talk(link: ScriptedLink) -> None:
        link.deliver(trade_frame(1), deep, trade_frame(3))

    play(bench, worker, talk)
    assert bench.published() == [("BTCUSDT", [1, 3])]
    assert [frame for _, _, frame in bench.letters] == [deep]


@pytest.mark.parametrize(
    "frame",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"stream":"btcusdt@ticker","data":{}}', b'{"stream":"'],
)
def test_message_of_no_stream_is_kept_and_told(frame):
    bench = Bench()
    worker = bench.worker()
    worker.add(bench.streams("BTCUSDT"))

    async def talk(link: ScriptedLink) -> None:
        link.deliver(frame)

    play(bench, worker, talk)
    assert [kept for _, _, kept in bench.letters] == [frame]
    assert bench.reported == [
        MessageUnexpected("binance_spot", 1, frame.decode("utf-8", "replace"))
    ]


def test_notice_of_a_shutdown_is_noted():
    bench = Bench()
    worker = bench.worker()

    async def talk(link: ScriptedLink) -> None:
        assert not worker.is_shut_down
        link.deliver(b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}')
        assert worker.is_shut_down

    play(bench, worker, talk)
    assert (bench.letters, bench.reported) == ([], [])


def test_unknown_field_is_told_once_and_loses_nothing():
    bench = Bench()
    worker = bench.worker()
    worker.add(bench.streams("BTCUSDT"))

    async def talk(link: ScriptedLink) -> None:
        link.deliver(trade_frame(1, extra=',"zz":1'), trade_frame(2, extra=',"zz":1'))

    play(bench, worker, talk)
    assert bench.published() == [("BTCUSDT", [1, 2])]
    assert bench.reported == [FieldUnknown("binance_spot", "trade", "zz")]


# --- two connections -------------------------------------------------------------------------


def collected(bench: Bench, worker: Worker, frames: list[bytes]) -> None:
    for frame in frames:
        worker.receive(bench.clock.now_ns(), frame)


@pytest.mark.parametrize("is_shared", [True, False])
def test_same_frames_over_two_connections_are_each_fact_once(is_shared):
    bench = Bench()
    memo = Memo() if is_shared else None
    one, two = bench.worker(1, memo), bench.worker(2, memo)
    for worker in (one, two):
        worker.add(bench.streams("BTCUSDT", "ETHUSDT"))
    frames = [trade_frame(n, s) for n in range(1, 6) for s in ("BTCUSDT", "ETHUSDT")]
    collected(bench, one, frames[:3])
    collected(bench, two, frames)
    collected(bench, one, frames[3:])
    assert bench.published() == [("BTCUSDT", [1, 2, 3, 4, 5]), ("ETHUSDT", [1, 2, 3, 4, 5])]
    assert (bench.gaps, bench.letters) == ([], [])


def test_fact_of_a_remembered_frame_keeps_the_time_it_was_first_received():
    bench = Bench()
    memo = Memo()
    one, two = bench.worker(1, memo), bench.worker(2, memo)
    for worker in (one, two):
        worker.add(bench.streams("BTCUSDT"))
    heard: list[Event] = []
    bench.agora.publisher(Path("binance_spot", "trade", "BTCUSDT", 2)).relay(heard.append)
    one.receive(1_000, trade_frame(1))
    two.receive(2_000, trade_frame(1))
    assert [fact.ts_recv for fact in heard] == [1_000]


def test_remembered_frame_of_a_stream_that_has_left_goes_nowhere():
    bench = Bench()
    memo = Memo()
    one, two = bench.worker(1, memo), bench.worker(2, memo)
    btc = bench.streams("BTCUSDT")
    for worker in (one, two):
        worker.add(btc)
    one.receive(1, trade_frame(1))
    two.remove(btc, 2)
    two.receive(3, trade_frame(1))
    assert bench.published() == [("BTCUSDT", [1])]
    assert (bench.letters, bench.reported) == ([], [])


def test_detached_worker_delivers_nothing_more_and_the_other_goes_on():
    bench = Bench()
    one, two = bench.worker(1), bench.worker(2)
    for worker in (one, two):
        worker.add(bench.streams("BTCUSDT"))
        collected(bench, worker, [trade_frame(1)])
    one.detach(bench.clock.now_ns())
    collected(bench, one, [trade_frame(2)])
    collected(bench, two, [trade_frame(2), trade_frame(3)])
    assert bench.published() == [("BTCUSDT", [1, 2, 3])]
    assert (list(one.streams), bench.gaps, bench.reported) == ([], [], [])


# --- resting ---------------------------------------------------------------------------------


async def resting_beside(bench: Bench, talk: Callable[[Worker, Worker], Awaitable[None]]) -> None:
    """Run two workers that have delivered fact 1; the second one rests."""
    one, two = bench.worker(1), bench.worker(2)
    streams = bench.streams("BTCUSDT", "ETHUSDT")

    async def begin(link: ScriptedLink) -> None:
        one.add(streams)
        collected(bench, one, [trade_frame(1), trade_frame(1, "ETHUSDT")])
        link.deliver(trade_frame(1), trade_frame(1, "ETHUSDT"))
        two.rest()
        await talk(one, two)

    two.add(streams)
    await running(bench, two, begin)


def test_resting_worker_publishes_nothing_and_gives_what_it_kept_when_the_other_is_lost():
    bench = Bench()

    async def talk(one: Worker, two: Worker) -> None:
        link = bench.open.links[0]
        collected(bench, one, [trade_frame(2)])
        link.deliver(trade_frame(2), trade_frame(3), trade_frame(2, "ETHUSDT"))
        assert two.is_resting
        assert bench.published() == [("BTCUSDT", [1, 2]), ("ETHUSDT", [1])]
        one.detach(bench.clock.now_ns())
        await two.wake()
        link.deliver(trade_frame(4))
        assert not two.is_resting
        assert bench.published() == [("BTCUSDT", [3, 4]), ("ETHUSDT", [2])]

    asyncio.run(resting_beside(bench, talk))
    assert (bench.gaps, bench.letters, bench.reported) == ([], [], [])


def test_resting_worker_is_ahead_when_a_stream_goes_on_without_the_other():
    bench = Bench()

    async def talk(one: Worker, two: Worker) -> None:
        link = bench.open.links[0]
        collected(bench, one, [trade_frame(2)])
        link.deliver(trade_frame(2), trade_frame(2, "ETHUSDT"))
        assert not two.is_ahead(bench.clock.now_ns())
        bench.clock.elapsed += 2 * SECOND
        assert two.is_ahead(bench.clock.now_ns())
        two.wake_at_once()
        assert bench.published() == [("BTCUSDT", [1, 2]), ("ETHUSDT", [1, 2])]

    asyncio.run(resting_beside(bench, talk))
    assert bench.gaps == []


def test_resting_worker_reads_seldom_and_hears_of_a_shutdown_all_the_same():
    bench = Bench()

    async def talk(one: Worker, two: Worker) -> None:
        link = bench.open.links[0]
        link.deliver(b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}')
        bench.clock.elapsed += 2 * SECOND
        assert not two.is_ahead(bench.clock.now_ns())
        assert two.is_shut_down
        two.wake_at_once()
        two.wake_at_once()
        pause, none = link.pauses
        assert pause is not None
        assert pause > 0
        assert none is None

    asyncio.run(resting_beside(bench, talk))


def test_undecodable_frame_wakes_a_resting_worker_and_is_told_once():
    bench = Bench()
    broken = trade_frame(2)[:-9]

    async def talk(one: Worker, two: Worker) -> None:
        bench.open.links[0].deliver(broken)
        bench.clock.elapsed += 2 * SECOND
        assert two.is_ahead(bench.clock.now_ns())
        assert not two.was_damaged()
        two.wake_at_once()
        assert two.was_damaged()
        assert not two.was_damaged()

    asyncio.run(resting_beside(bench, talk))
    assert [frame for _, _, frame in bench.letters] == [broken]
