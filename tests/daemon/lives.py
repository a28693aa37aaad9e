"""A recorder without its network: frames, journal, buffers and chunks, on a disk that may die."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path as FilePath
from typing import Any

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.config.journal import JournalConfig
from argus.config.schema import StorageConfig
from argus.daemon.downtime import Downtime
from argus.daemon.journaling import Journaling
from argus.daemon.merging import Merging
from argus.daemon.past import seam_of
from argus.daemon.recording import Recording
from argus.daemon.recovery import Recovery, type_of_last
from argus.daemon.replay import Means
from argus.daemon.site import Site
from argus.events import Event, Gap, Origin
from argus.network.sources import SOURCES
from argus.storage.generation import accept, begin_run, remove_if_finished
from tests.daemon.checker import stored
from tests.daemon.recorder import Notes
from tests.network.doubles import TestClock
from tests.storage.power import Platter, PowerDisk

SPOT = SOURCES["binance_spot"]
TS = 1_731_628_790_000_000_000  # ten seconds before midnight
SYMBOLS = ("BTCUSDT", "ETHUSDT")


class Inline(Executor):
    """Does its work at once, so that a test knows which step comes after which."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            future.set_exception(error)
        return future


def inline(_: str) -> Executor:
    return Inline()


def ts(number: int) -> int:
    return TS + number * 500_000_000


def trade(number: int, symbol: str = "BTCUSDT") -> bytes:
    data = {"e": "trade", "E": ts(number) // 10**6, "s": symbol, "t": number, "p": "1.5"}
    data |= {"q": "2", "T": ts(number) // 10**6, "m": bool(number % 2), "M": True}
    return _frame(symbol, "trade", data)


def diff(number: int, symbol: str = "BTCUSDT") -> bytes:
    """Each diff covers ten updates."""
    data = {"e": "depthUpdate", "E": ts(number) // 10**6, "s": symbol, "U": number * 10}
    data |= {"u": number * 10 + 9, "b": [["1.5", str(number)]], "a": []}
    return _frame(symbol, "depth@100ms", data)


def fact_of(frame: bytes) -> Event:
    """What a frame says."""
    stream = SPOT.identify(json.loads(frame)["stream"])
    assert stream is not None
    return stream.channel.decode(frame, 1, Origin.LIVE)


def _frame(symbol: str, stream: str, data: dict[str, Any]) -> bytes:
    whole = {"stream": f"{symbol.lower()}@{stream}", "data": data}
    return json.dumps(whole, separators=(",", ":")).encode()


class Life:
    """One run of a recorder of spot.

    Attributes:
        given: the key of each fact taken, by path, in order.
        handed: how many of them the kernel had been given when the process died.
        synced: how many of them were durable.
    """

    def __init__(
        self, platter: Platter, generation: str, *, is_known: bool = True, keep_days: float = 0
    ) -> None:
        self.data, self.generation = platter.folder, generation
        self.given: dict[Path, list[int]] = {}
        self.handed: dict[Path, int] = {}
        self.synced: dict[Path, int] = {}
        self.notes = Notes()
        self.agora = Agora({"": 1024})
        site = Site(self.data, generation, PowerDisk(platter, generation))
        begin_run(self.data, generation, disk=site.disk)
        if is_known:
            accept(self.data, generation, disk=site.disk)
        self.journaling = Journaling(
            JournalConfig(keep_days=keep_days),
            site=site, clock=TestClock(), threads=inline, report=self.notes,
        )  # fmt: skip
        self.journaling.is_releasing = is_known
        self.journal = self.journaling.of(SPOT)
        self.recording = Recording(
            self.agora, StorageConfig(data=str(self.data)),
            site=site, clock=TestClock(), threads=inline, tell_gap=self.tell_gap,
            journaling=self.journaling, report=self.notes,
        )  # fmt: skip
        self.downtime = Downtime(seam_of, self.tell_gap)

    def take(self, *frames: bytes) -> None:
        """Take frames as a worker does."""
        for frame in frames:
            name = json.loads(frame)["stream"]
            stream = SPOT.identify(name)
            assert stream is not None
            fact = stream.channel.decode(frame, 0, Origin.LIVE)
            assert stream.channel.seam.key is not None
            number = getattr(fact, str(stream.channel.seam.key))
            ts_recv = (fact.ts_event or ts(number)) + 5
            fact = stream.channel.decode(frame, ts_recv, Origin.LIVE)
            if stream.path not in self.given:
                self.given[stream.path] = []
                self.journal.begin(stream.path, fact)
                self.downtime.begin(stream.path, fact)
            self.journal.append((ts_recv, frame))
            self.agora.publisher(stream.path).publish(fact)
            self.given[stream.path].append(number)

    def tell_gap(self, path: Path, gap: Gap) -> None:
        ledger = Path(path.source, "gap", path.symbol)
        self.journal.note(ledger, gap)
        self.agora.publisher(ledger).publish(gap)

    def write(self) -> None:
        self.journal.seal()
        self.journal.write()
        self.handed = {path: len(ids) for path, ids in self.given.items()}

    def sync(self) -> None:
        self.journal.sync()
        self.synced = dict(self.handed)

    async def flush(self) -> None:
        await self.recording.flush()
        self.handed = {path: len(ids) for path, ids in self.given.items()}
        self.synced = dict(self.handed)


def means(platter: Platter, notes: Notes) -> Means:
    return Means(
        data=platter.folder,
        storage=StorageConfig(data=str(platter.folder), flush_rows_max=2),
        disk=lambda generation: PowerDisk(platter, generation),
        threads=inline,
        clock=TestClock(),
        report=notes,
    )


async def look_back(
    platter: Platter, own: str, *, is_kept: bool = False, notes: Notes | None = None
) -> type_of_last:
    """Recover as the next run does at its start; return the last fact of each path."""
    disk = PowerDisk(platter, own)
    begin_run(platter.folder, own, disk=disk)
    recovery = Recovery(SOURCES, means=means(platter, notes or Notes()), own=own, is_kept=is_kept)
    return await recovery.run()


async def merge(platter: Platter, own: str) -> None:
    site = Site(platter.folder, own, PowerDisk(platter, own))
    config = StorageConfig(data=str(platter.folder))
    merging = Merging(config, site=site, thread=Inline(), report=Notes())
    await merging.merge_all()
    await merging.merge_all()
    remove_if_finished(platter.folder, own, disk=site.disk)


def restarted(platter: Platter, own: str = "next", *, is_kept: bool = False) -> type_of_last:
    """Recover, merge everything, and end."""

    async def main() -> type_of_last:
        last = await look_back(platter, own, is_kept=is_kept)
        await merge(platter, own)
        return last

    return asyncio.run(main())


KEYS = {"trade": "trade_id", "bbo": "update_id", "book_delta": "last_update_id"}


def ids(data: FilePath, path: Path) -> list[int]:
    """The keys of a path's facts in the lake, in its order."""
    rows = stored(data, path.source, path.data_type, path.symbol, (KEYS[path.data_type],))
    return [row[0] for row in rows]


def key(path: Path, fact: Event) -> int:
    found: int = getattr(fact, KEYS[path.data_type])
    return found


GAP = ("of_data_type", "first_missing_id", "last_missing_id", "reason", "state")


def gaps(data: FilePath, symbol: str = "BTCUSDT") -> list[tuple[Any, ...]]:
    """The gaps of a symbol in the lake."""
    return stored(data, "binance_spot", "gap", symbol, GAP)
