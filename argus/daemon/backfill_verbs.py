"""Shell. What a running recorder can be asked to fill over its control socket.

A backfill may take hours: `backfill` begins one and answers with its number, `backfilled` says how
far it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from argus.control.protocol import Verb
from argus.daemon.asked import Asked
from argus.errors import DaemonError

if TYPE_CHECKING:
    from argus.daemon.backfiller import Backfiller
    from argus.daemon.service import Service


def backfill_verbs(service: Service) -> Mapping[str, Verb]:
    """Return verb -> coroutine function for one service."""

    def backfiller() -> Backfiller:
        if service.backfiller is None:
            raise DaemonError("the recorder has only just begun; ask again in a moment")
        return service.backfiller

    async def backfill(
        source: str | None = None,
        data_type: str | None = None,
        symbol: str | None = None,
        ts_from: int | None = None,
        ts_until: int | None = None,
        first_id: int | None = None,
        last_id: int | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002 arguments come by name
    ) -> object:
        asked = Asked(source, data_type, symbol, ts_from, ts_until, first_id, last_id)
        # What is in memory only would count as missing; so it is made chunks first.
        await service.recording.flush(source=source)
        number, work = backfiller().begin(asked, dry_run=dry_run)
        service.supervisor.spawn(f"backfill {number}", work)
        return {"job": number}

    async def backfilled(job: int) -> object:
        return backfiller().told(job)

    return {"backfill": backfill, "backfilled": backfilled}
