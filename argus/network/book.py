"""Pure. When a book needs a snapshot: one small value per symbol.

A snapshot joins the recorded diffs if it is not older than the first of them: its id is at least
the id before that diff. One that is older is asked for again. After a hole in the diffs, and
once in a while, a fresh one is asked for. One symbol's trouble stays with that symbol.

Rules: the venue's guide to a local order book, as gathered in `docs/adding-a-source.md`.
"""

from dataclasses import dataclass, replace

RETRY_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class BookSync:
    """What is known of one symbol's book.

    Attributes:
        first_update_id: first id of the diffs since the last hole; None before the first diff.
        is_joined: whether a snapshot joins them.
        ts_due: when a snapshot is wanted next.
    """

    first_update_id: int | None = None
    is_joined: bool = False
    ts_due: int = 0

    def heard(self, first_update_id: int) -> "BookSync":
        """Note a diff."""
        if self.first_update_id is None:
            return replace(self, first_update_id=first_update_id)
        return self

    def broken(self, now_ns: int) -> "BookSync":
        """Note a hole in the diffs: the next diff begins a new stretch."""
        return replace(self, first_update_id=None, is_joined=False, ts_due=now_ns)

    def is_wanted(self, now_ns: int) -> bool:
        """Return whether a snapshot should be asked for now."""
        return self.first_update_id is not None and now_ns >= self.ts_due

    def failed(self, now_ns: int) -> "BookSync":
        """Note that a request failed; ask again a little later."""
        return replace(self, ts_due=now_ns + RETRY_NS)

    def answered(self, last_update_id: int, now_ns: int, every_ns: int) -> "BookSync":
        """Note a snapshot: it joins, or it is older than the first diff and is asked for again."""
        if self.first_update_id is None or last_update_id < self.first_update_id - 1:
            return replace(self, is_joined=False, ts_due=now_ns + RETRY_NS)
        return replace(self, is_joined=True, ts_due=now_ns + every_ns)
