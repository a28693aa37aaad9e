"""Shell. A part of Argus behind one connection: what it costs to come as far as one stage.

`PIPELINES` is the one place that knows Argus' parts: each entry goes one stage further than the one
before it. What a stage costs is the difference to its predecessor.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from argus.agora.agora import Agora, News, Subscription
from argus.agora.path import Path as AgoraPath
from argus.agora.router import AgoraRouter
from argus.agora.splice import Limits
from argus.clock import SystemClock
from argus.events import EVENTS, Event, Origin
from argus.network.connection import Opener
from argus.network.source import Stream
from argus.network.sources.binance_spot import BINANCE_SPOT
from argus.storage.buffer import Buffer
from argus.storage.disk import LocalDisk
from argus.storage.recorder import StorageHandler
from benchmarks.contestants.script import Job, Result, flushed, job, ready, result
from benchmarks.traffic import PROFILES

STAGES = ("receive", "decode", "splice", "publish", "columns", "parquet")
DATA_TYPES = {"mix": ("agg_trade", "bbo", "book_delta"), "agg_trade": ("agg_trade",)}
CLIENT = "picows.websockets"  # the default of Argus' configuration
NAMES_PER_MESSAGE = 100
FLUSH_EVERY_MESSAGES = 100_000
RING_FACTS = 256
EVERYTHING = "*/*/*"

Take = Callable[[int, bytes], object]


async def nothing() -> None:
    """Flush nothing."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is done with each frame, and now and then, and after the last one."""

    take: Take
    flush: Callable[[], Awaitable[object]] = nothing


def receive(_: Job) -> Pipeline:
    """Take the frame off the socket, stamp it, and no more."""
    return Pipeline(lambda _ts, frame: len(frame))


def decode(task: Job) -> Pipeline:
    """And decode it."""
    return Pipeline(decoded(task, lambda _: id))


def splice(task: Job) -> Pipeline:
    """And take it through its router onto its persistent path."""
    return Pipeline(decoded(task, routed(Agora({"": RING_FACTS}))))


def publish(task: Job) -> Pipeline:
    """And have a subscriber read it who does nothing."""
    agora = Agora({"": RING_FACTS})

    def take(_: News) -> None:
        """Read, and no more."""

    news = agora.subscribe(EVERYTHING, take)
    return Pipeline(decoded(task, routed(agora)), lambda: drain(news, take))


def columns(task: Job) -> Pipeline:
    """And put it into columns, which are thrown away."""
    agora = Agora({"": RING_FACTS})
    buffers = {name: Buffer(EVENTS[name]) for name in DATA_TYPES[task.profile]}

    def take(news: News) -> None:
        buffers[news.path.data_type].append(news.path.symbol, news.facts)

    news = agora.subscribe(EVERYTHING, take)

    async def flush() -> None:
        await drain(news, take)
        for buffer in buffers.values():
            buffer.take()

    return Pipeline(decoded(task, routed(agora)), flush)


def parquet(task: Job) -> Pipeline:
    """And write the columns to chunks."""
    agora = Agora({"": RING_FACTS})
    handlers = {
        name: StorageHandler(
            BINANCE_SPOT.name,
            name,
            data=Path(task.folder),
            generation="stages",
            disk=LocalDisk("stages"),
            report=lambda _: None,
        )
        for name in DATA_TYPES[task.profile]
    }

    def take(news: News) -> None:
        refused = handlers[news.path.data_type].take(news.path.symbol, news.facts)
        assert not refused, "what is flushed so often finds room"

    news = agora.subscribe(EVERYTHING, take)

    async def flush() -> None:
        await drain(news, take)
        for handler in handlers.values():
            await handler.flush()

    return Pipeline(decoded(task, routed(agora)), flush)


PIPELINES: dict[str, Callable[[Job], Pipeline]] = dict(
    zip(STAGES, (receive, decode, splice, publish, columns, parquet), strict=True)
)


def decoded(task: Job, next_of: Callable[[Stream], Callable[[Event], object]]) -> Take:
    """Return what decodes a frame and gives the fact to what comes next for its stream."""
    start = len(BINANCE_SPOT.envelope)
    targets = {
        stream.name.encode(): (stream.channel.decode, next_of(stream)) for stream in streams(task)
    }

    def take(ts_recv: int, frame: bytes) -> None:
        target = targets.get(frame[start : frame.find(b'"', start)])
        if target is not None:
            target[1](target[0](frame, ts_recv, Origin.LIVE))

    return take


def routed(agora: Agora) -> Callable[[Stream], Callable[[Event], object]]:
    """Return what gives each stream a router with one feed."""

    def next_of(stream: Stream) -> Callable[[Event], object]:
        path = stream.path
        router = AgoraRouter(
            agora,
            path,
            seam=stream.channel.seam,
            limits=Limits(),
            report_gap=lambda _path, _gap: None,
        )
        feed = AgoraPath(path.source, path.data_type, path.symbol, 1)
        router.relay(feed)
        return router.source_publisher(feed).publish

    return next_of


async def drain(news: Subscription, take: Callable[[News], object]) -> None:
    """Read the rest of a subscription."""
    for each in news.poll():
        take(each)


def streams(task: Job) -> list[Stream]:
    """Return the streams of the run."""
    symbols = PROFILES[task.profile](task.messages).symbol_names()
    kinds = DATA_TYPES[task.profile]
    return [each for symbol in symbols for each in BINANCE_SPOT.streams(symbol, kinds, ())]


async def run(task: Job) -> None:
    """Take every message through the pipeline of the stage that is asked for."""
    pipeline = PIPELINES[STAGES[int(task.options["stage"])]](task)
    link = await Opener(CLIENT, SystemClock())(task.websocket_url + BINANCE_SPOT.websocket_path)
    ready()
    names = [stream.name for stream in streams(task)]
    calls = range(0, len(names), NAMES_PER_MESSAGE)
    left = task.messages + len(calls)  # each call is acknowledged by a frame
    due = asyncio.Event()

    def take(ts_recv: int, frame: bytes) -> None:
        nonlocal left
        pipeline.take(ts_recv, frame)
        left -= 1
        if left % FLUSH_EVERY_MESSAGES == 0:
            due.set()

    async with asyncio.TaskGroup() as tasks:
        pumping = tasks.create_task(link.pump(take))
        for n in calls:
            await link.send(BINANCE_SPOT.subscribe(names[n : n + NAMES_PER_MESSAGE], n))
        while left:
            await due.wait()
            due.clear()
            await pipeline.flush()
        pumping.cancel()
    flushed()
    count = task.messages
    result(Result(facts=count, messages_received=count, rows=count, bytes_written=0))


if __name__ == "__main__":
    asyncio.run(run(job()))
