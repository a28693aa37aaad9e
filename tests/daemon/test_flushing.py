"""What bars stand at is saved behind a flush, and only if all before it is durable."""

import asyncio
from types import SimpleNamespace
from typing import Any

from argus.daemon.flushing import flush, flush_finally
from tests.daemon.lives import Life, trade
from tests.storage.power import Platter


class Bars:
    """Notes what is asked of the bars, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def leave(self) -> None:
        self.asked.append("leave")

    async def mark(self) -> str:
        self.asked.append("mark")
        return "marks"

    async def save(self, marks: str) -> None:
        self.asked.append(f"save {marks}")

    def close(self) -> None:
        self.asked.append("close")


def rig(tmp_path) -> tuple[Life, Bars, Any]:
    life, bars = Life(Platter(tmp_path), "g1"), Bars()
    return life, bars, SimpleNamespace(bars=bars, recording=life.recording)


def break_off(life: Life) -> None:
    """Leave a flush as it is when it is cancelled while it writes."""
    life.recording.drain()
    (handler,) = life.recording._handlers.values()
    handler._sealed = handler._buffer.take()
    handler.sequence += 1


def test_states_are_saved_behind_a_flush(tmp_path):
    async def main() -> None:
        life, bars, service = rig(tmp_path)
        life.take(trade(1))
        await flush(service)
        assert bars.asked == ["mark", "save marks"]

    asyncio.run(main())


def test_states_are_not_saved_if_not_all_is_durable(tmp_path):
    async def main() -> None:
        life, bars, service = rig(tmp_path)
        life.take(trade(1))
        break_off(life)
        life.take(trade(2))
        await flush(service)
        assert bars.asked == ["mark"]
        await flush(service)
        assert bars.asked == ["mark", "mark", "save marks"]

    asyncio.run(main())


def test_states_are_saved_at_the_end_though_a_flush_was_broken_off(tmp_path):
    async def main() -> None:
        life, bars, service = rig(tmp_path)
        life.take(trade(1))
        break_off(life)
        life.take(trade(2))
        assert await flush_finally(service) == 0
        assert bars.asked == ["leave", "mark", "save marks", "close"]

    asyncio.run(main())


def test_without_bars_everything_is_flushed_all_the_same(tmp_path):
    async def main() -> None:
        life, _, service = rig(tmp_path)
        service.bars = None
        life.take(trade(1))
        await flush(service)
        assert life.recording.rows == 0
        life.take(trade(2))
        assert await flush_finally(service) == 0

    asyncio.run(main())
