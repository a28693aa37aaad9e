"""Pure. The book of a recorded symbol, so that a depth request can be answered at any moment.

The first snapshot of the recording is the base: until a diff goes beyond it, it is answered byte
for byte (also before its own moment: a book ahead of the stream is joined by waiting). After that
the answer is the base with the diffs applied, prices and sizes in the recorded digits.
"""

import json
from decimal import Decimal

# Diffs that wait to be applied; a request, or this many of them, applies them.
_WAITING_MAX = 2000


class ReplayBook:
    """Snapshot and diffs of one recorded symbol."""

    __slots__ = ("_base", "_bids_asks", "_event", "_last_id", "_levels", "_waiting")

    def __init__(self, base: bytes | None) -> None:
        """Begin with the recorded snapshot, or with nothing where there is none."""
        self._base = base
        self._waiting: list[bytes] = []
        self._event: dict[str, int] = {}
        book = json.loads(base or b'{"lastUpdateId":0,"bids":[],"asks":[]}')
        self._last_id: int = book["lastUpdateId"]
        self._bids_asks: tuple[dict[str, str], dict[str, str]] = (
            dict(book["bids"]),
            dict(book["asks"]),
        )
        self._levels = max(len(book["bids"]), len(book["asks"]))

    def add(self, last_id: int, payload: bytes) -> None:
        """Take a diff that was sent."""
        if last_id <= self._last_id:
            return
        self._waiting.append(payload)
        if len(self._waiting) >= _WAITING_MAX:
            self._apply()

    def answer(self, limit: int) -> bytes | None:
        """Return the answer to a depth request, `None` while nothing is known."""
        if self._base is not None and not self._waiting and self._levels <= limit:
            return self._base
        self._apply()
        if not self._last_id:
            return None
        bids, asks = (
            sorted(side.items(), key=lambda level: Decimal(level[0]), reverse=is_bid)[:limit]
            for side, is_bid in zip(self._bids_asks, (True, False), strict=True)
        )
        body = {"lastUpdateId": self._last_id, **self._event, "bids": bids, "asks": asks}
        return json.dumps(body, separators=(",", ":")).encode()

    def _apply(self) -> None:
        for payload in self._waiting:
            diff = json.loads(payload)
            self._last_id = diff["u"]
            if "T" in diff:
                self._event = {"E": diff["E"], "T": diff["T"]}
            for side, levels in zip(self._bids_asks, (diff["b"], diff["a"]), strict=True):
                for price, size in levels:
                    if float(size):
                        side[price] = size
                    else:
                        side.pop(price, None)
            self._base = None
        self._waiting.clear()
