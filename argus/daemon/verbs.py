"""Shell. What a running recorder can be asked for over its control socket."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from argus import __version__
from argus.control.protocol import Verb
from argus.control.status import (
    ConnectionState,
    ConnectionStatus,
    SourceStatus,
    Status,
    StorageStatus,
    to_json,
)
from argus.storage.generation import accept, chunks_of, generations, stale

if TYPE_CHECKING:
    from argus.daemon.service import Service
    from argus.network.dispatcher import Dispatcher


def verbs(service: Service, stop: asyncio.Event) -> Mapping[str, Verb]:
    """Return verb -> coroutine function for one service."""

    async def status() -> object:
        return to_json(await asyncio.to_thread(status_of, service))

    async def flush(
        source: str = "", data_type: str = "", symbol: str = "", generation: str = ""
    ) -> object:
        del source, data_type, generation  # a running recorder flushes and merges all it has
        flushed = await service.recording.flush()
        merged = await service.recording.merge_all([symbol] if symbol else None)
        return {"chunks": len(flushed), **asdict(merged)}

    async def bump(
        generation: str,
        source: str | None = None,
        data_type: str | None = None,
        symbol: str | None = None,
    ) -> object:
        await asyncio.to_thread(
            accept,
            service.data,
            generation,
            disk=service.disk,
            source=source,
            data_type=data_type,
            symbol=symbol,
        )
        return {"accepted": generation}

    async def stale_generations() -> object:
        return [asdict(s) for s in await asyncio.to_thread(stale, service.data)]

    async def end() -> object:
        stop.set()
        return {"stopping": service.generation}

    return {
        "status": status,
        "flush": flush,
        "bump": bump,
        "stale": stale_generations,
        "stop": end,
    }


def status_of(service: Service) -> Status:
    """Return what a recorder is doing now; reads the folder of chunks, so call it in a thread."""
    now_ns = service.clock.now_ns()
    return Status(
        generation=service.generation,
        data=str(service.data),
        ts_now=now_ns,
        ts_started=service.ts_started,
        uptime_s=(now_ns - service.ts_started) / 1e9,
        pid=os.getpid(),
        version=__version__,
        sources=tuple(_source(service, d) for d in service.dispatchers.values()),
        storage=_storage(service),
        loop_lag_ms=service.lateness.last_ns / 1e6,
        loop_lag_ms_max=service.lateness.max_ns / 1e6,
        memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        counters=dict(service.telemetry.counters),
    )


def _source(service: Service, dispatcher: Dispatcher) -> SourceStatus:
    name = dispatcher.source.name
    routers = list(dispatcher.routers().values())
    shards = dispatcher.shards()
    facts = {d: n for (s, d), n in service.recording.totals.facts.items() if s == name}
    newest = [r.splice.before.ts_recv for r in routers if r.splice.before is not None]
    return SourceStatus(
        source=name,
        symbols=len(dispatcher.symbols),
        streams=len(routers),
        connections=tuple(
            ConnectionStatus(
                shard=c.shard,
                connection=c.connection,
                state=ConnectionState(c.state),
                age_s=c.age_s,
                streams=c.streams,
            )
            for shard in shards
            for c in shard.connections()
        ),
        facts=sum(facts.values()),
        facts_per_s=service.rates[name].per_second(),
        facts_by_data_type=facts,
        repeats=sum(r.splice.repeats for r in routers),
        held=sum(len(f.held) for r in routers for f in r.splice.feeds),
        rotations=sum(s.rotations for s in shards) + dispatcher.rotations_before,
        reconnects=sum(s.reconnects for s in shards),
        gaps=dispatcher.gaps,
        dead_letters=service.letters.kept,
        ts_last_fact=max(newest, default=None),
    )


def _storage(service: Service) -> StorageStatus:
    recording = service.recording
    chunks = [
        (chunk, size)
        for generation in generations(service.data)
        for chunk, size in chunks_of(service.data, generation)
    ]
    return StorageStatus(
        pending_rows=recording.rows,
        pending_bytes=recording.size_bytes,
        chunks=len(chunks),
        chunk_bytes=sum(size for _, size in chunks),
        rows_written=recording.totals.rows,
        bytes_written=recording.totals.size_bytes,
        rows_dropped=recording.totals.refused,
        merges=recording.totals.merges,
        stale_generations=len(stale(service.data)),
    )
