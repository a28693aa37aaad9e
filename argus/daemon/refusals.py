"""Pure. What is not asked for any more in a run, since its venue would not answer otherwise."""

from __future__ import annotations

from argus.daemon.wanted import type_of_path
from argus.errors import Refused, VenueError

BAD_REQUEST = 400


class Refusals:
    """Errors of venues, each with what it concerns."""

    def __init__(self) -> None:
        self._found: dict[type_of_path, VenueError] = {}

    def add(self, path: type_of_path, error: VenueError) -> None:
        """Note the error that a request for a path had.

        A request that is wrong (400) is so for its symbol; one that needs a key for its data type;
        a venue that does not answer at all is left alone.
        """
        source, data_type, _ = path
        scope = source, "", ""
        if isinstance(error, Refused) and error.is_final:
            scope = path if error.status == BAD_REQUEST else (source, data_type, "")
        self._found[scope] = error

    def of(self, path: type_of_path) -> VenueError | None:
        """Return the error because of which a path is not asked for; None if it may be."""
        source, data_type, _ = path
        scopes = (source, "", ""), (source, data_type, ""), path
        return next((self._found[scope] for scope in scopes if scope in self._found), None)
