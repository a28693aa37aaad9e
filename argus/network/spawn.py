"""Shell. What starts tasks, as those who need it see it."""

import asyncio
from collections.abc import Coroutine
from typing import Protocol


class Spawn(Protocol):
    """Starts a task whose failures are reported."""

    def __call__(self, name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start `work`."""
        ...
