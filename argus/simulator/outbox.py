"""Pure. What waits to be sent over one connection; order is kept however delays change."""

from collections import deque


class Outbox:
    """Frames with the instant at which each is due; the head of the queue holds up the rest."""

    __slots__ = ("_queue",)

    def __init__(self) -> None:
        """Begin empty."""
        self._queue: deque[tuple[int, bytes]] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, data: bytes, due_ns: int) -> None:
        """Add frames that are to be sent at an instant, or later if what is before them is."""
        self._queue.append((due_ns, data))

    def take(self, now_ns: int) -> bytes:
        """Return what is due, joined."""
        queue, due = self._queue, list[bytes]()
        while queue and queue[0][0] <= now_ns:
            due.append(queue.popleft()[1])
        return b"".join(due)

    def clear(self) -> None:
        """Forget what waits."""
        self._queue.clear()
