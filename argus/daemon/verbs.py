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
from argus.daemon.backfill_verbs import backfill_verbs
from argus.daemon.sinks.loading import load_verbs
from argus.daemon.watch.status import clock_status, machine_status
from argus.errors import DaemonError, StorageError
from argus.storage.generation import accept, generations, stale

if TYPE_CHECKING:
    from argus.daemon.service import Service
    from argus.network.dispatcher import Dispatcher


def verbs(service: Service, stop: asyncio.Event) -> Mapping[str, Verb]:
    """Return verb -> coroutine function for one service."""

    async def status() -> object:
        return to_json(await asyncio.to_thread(status_of, service))

    async def flush(
        source: str | None = None,
        data_type: str | None = None,
        symbol: str | None = None,
        generation: str | None = None,
    ) -> object:
        if service.hand_over.is_claimed:
            raise DaemonError("another recorder is taking over; ask again in a moment")
        known = generations(service.data)
        if generation is not None and generation not in known:
            msg = f'"{generation}" is not a generation; found: {", ".join(known)}'
            raise StorageError(msg)
        recording = service.recording
        flushed = []
        if generation in {None, service.generation}:
            flushed = await recording.flush(source=source, data_type=data_type)
        merged = await service.merging.merge_all(
            None if symbol is None else [symbol],
            source=source,
            data_type=data_type,
            generation=generation,
        )
        return {"chunks": len(flushed), **asdict(merged)}

    async def stale_generations() -> object:
        return [asdict(s) for s in await asyncio.to_thread(stale, service.data)]

    async def end() -> object:
        stop.set()
        return {"stopping": service.generation}

    return {
        "status": status,
        "flush": flush,
        **_bump(service),
        **backfill_verbs(service),
        **load_verbs(service),
        **service.candles.verbs(),
        **service.hand_over.verbs(),
        "stale": stale_generations,
        "stop": end,
    }


def _bump(service: Service) -> Mapping[str, Verb]:
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

    return {"bump": bump}


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
        machine=machine_status(service),
        bars=service.bars.status() if service.bars is not None else (),
        sinks=service.sinks.status(),
        loop_lag_ms=service.lateness.last_ns / 1e6,
        loop_lag_ms_max=service.lateness.max_ns / 1e6,
        loop_lag_ms_percentiles=service.lateness.percentiles_ms(),
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
        rotations=dispatcher.rotations,
        reconnects=sum(s.reconnects for s in shards),
        gaps=dispatcher.gaps,
        dead_letters=service.letters.kept[name],
        ts_last_fact=max(newest, default=None),
        clock=clock_status(service, name),
        frozen_s=max((s.venue_time.frozen_ns for s in shards), default=0) / 1e9,
    )


def _storage(service: Service) -> StorageStatus:
    recording, found = service.recording, service.on_disk.count(service.clock.monotonic_ns())
    return StorageStatus(
        pending_rows=recording.rows,
        pending_bytes=recording.size_bytes,
        chunks=found.chunks,
        chunk_rows=found.chunk_rows,
        chunk_bytes=found.chunk_bytes,
        date_files=found.date_files,
        rows_written=recording.totals.rows,
        bytes_written=recording.totals.size_bytes + service.merging.total.size_bytes,
        rows_dropped=recording.totals.refused,
        merges=service.merging.total.partitions,
        stale_generations=len(stale(service.data)),
        journal_bytes=service.journaling.size_bytes,
    )
