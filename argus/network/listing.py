"""Shell. Asks a venue what it lists."""

from __future__ import annotations

from argus.errors import Refused, VenueError
from argus.events import Instrument
from argus.network.rest import Get
from argus.network.source import UNDECODABLE, Source
from argus.telemetry import Report, RequestFailed

RETRY_S = 5.0


async def ask(source: Source, get: Get, report: Report) -> tuple[int, dict[str, Instrument]] | None:
    """Return when the venue answered, and symbol -> definition; None if it did not answer well."""
    request = source.rest.universe
    try:
        ts_recv, answer = await get(request)
        listed = source.rest.instruments(answer, ts_recv)
        if not listed:
            raise Refused(request.path, 200, "lists no symbols at all")
    except (VenueError, *UNDECODABLE) as error:
        report(RequestFailed(source.name, str(error), RETRY_S))
        return None
    return ts_recv, listed
