"""Shell. A part of Argus behind one connection: what it costs to come as far as one stage.

`PIPELINES` is the one place to fill: each entry goes one stage further than the one before it, with
Argus' own parts and nothing else. What a stage costs is then the difference to its predecessor.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from picows.websockets.asyncio.client import connect

from benchmarks.contestants.script import Job, Result, flushed, job, ready, result
from benchmarks.traffic import PROFILES

STREAMS_PER_CALL = 200
STAGES = ("receive", "decode", "splice", "publish", "columns", "parquet")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is done with each message, and what is left to do after the last one."""

    take: Callable[[str | bytes], object]
    finish: Callable[[], object]


def receive(_: Job) -> Pipeline:
    """Take the message off the socket, and no more."""
    return Pipeline(take=len, finish=int)


PIPELINES: dict[str, Callable[[Job], Pipeline]] = {"receive": receive}


async def run(task: Job) -> None:
    """Take every message through the pipeline of the stage that is asked for."""
    pipeline = PIPELINES[STAGES[int(task.options["stage"])]](task)
    streams = PROFILES[task.profile](task.messages).streams()
    tls = ssl.create_default_context(cafile=task.certificates) if task.is_tls else None
    url = f"{task.websocket_url}/stream?timeUnit=MICROSECOND"
    async with connect(url, ssl=tls, compression=None, max_size=None) as socket:
        ready()
        for n in range(0, len(streams), STREAMS_PER_CALL):
            names = '","'.join(streams[n : n + STREAMS_PER_CALL])
            await socket.send(f'{{"method":"SUBSCRIBE","params":["{names}"],"id":{n}}}')
            await socket.recv()
        for _ in range(task.messages):
            pipeline.take(await socket.recv(decode=False))
        pipeline.finish()
        flushed()
    count = task.messages
    result(Result(facts=count, messages_received=count, rows=count, bytes_written=0))


if __name__ == "__main__":
    asyncio.run(run(job()))
