"""Shell. A recorder's status as a person sees it: one screen for `argus status` and the demo."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from argus.cli.output import table
from argus.cli.words import amount, instant, size, span
from argus.control.status import BarsStatus, SinkState, SinkStatus, SourceStatus, Status


def screen(status: Status) -> RenderableType:
    """Return everything there is to see: sources, their connections, and the files."""
    return Group(
        *(_head(status), "", _sources(status), "", _connections(status), "", _files(status), ""),
        _machine(status),
        *(("", bars(status.bars)) if status.bars else ()),
        *(("", stores(status.sinks)) if status.sinks else ()),
    )


def line(status: Status) -> str:
    """Return a status in one line, for where there is no screen."""
    s, files = status.sources, status.storage
    words = [
        f"{span(status.uptime_s)}",
        f"streams {amount(sum(x.streams for x in s))}",
        f"connections {amount(sum(len(x.connections) for x in s))}",
        f"facts {amount(sum(x.facts for x in s))}",
        f"({amount(sum(x.facts_per_s for x in s))}/s)",
        f"rotations {amount(sum(x.rotations for x in s))}",
        f"gaps {amount(sum(x.gaps for x in s))}",
        f"chunks {amount(files.chunks)}",
        f"date files {amount(files.date_files)}",
    ]
    return "  ".join(words)


def _head(status: Status) -> Text:
    text = Text()
    text.append(f"generation {status.generation}", style="bold")
    text.append(f"  up {span(status.uptime_s)}  data {status.data}")
    text.append(f"  loop lag {status.loop_lag_ms:.1f} ms (at most {status.loop_lag_ms_max:.1f})")
    if status.memory_bytes:
        text.append(f"  memory {size(status.memory_bytes)}")
    return text


def _sources(status: Status) -> RenderableType:
    columns = (
        *("source", "symbols", "streams", "connections", "facts", "facts/s"),
        *("rotations", "reconnects", "repeats", "held", "gaps", "last fact"),
    )
    rows = [_source(s) for s in status.sources]
    return table(columns, rows, right=columns[1:-1])


def _source(s: SourceStatus) -> tuple[str | Text, ...]:
    return (
        s.source,
        amount(s.symbols),
        amount(s.streams),
        amount(len(s.connections)),
        amount(s.facts),
        amount(s.facts_per_s),
        amount(s.rotations),
        amount(s.reconnects),
        amount(s.repeats),
        amount(s.held),
        Text(amount(s.gaps), style="red" if s.gaps else ""),
        instant(s.ts_last_fact),
    )


def _connections(status: Status) -> RenderableType:
    columns = ("source", "shard", "connection", "state", "age", "streams")
    return table(columns, _connection_rows(status), right=("connection", "age", "streams"))


def _connection_rows(status: Status) -> Iterator[tuple[str, ...]]:
    for s in status.sources:
        for c in s.connections:
            numbers = (span(c.age_s), amount(c.streams))
            yield (s.source, c.shard, str(c.connection), str(c.state), *numbers)


def _files(status: Status) -> RenderableType:
    files = status.storage
    columns = ("in memory", "chunks", "in chunks", "date files", "rows written", "bytes written")
    row = (
        f"{amount(files.pending_rows)} rows",
        amount(files.chunks),
        size(files.chunk_bytes),
        amount(files.date_files),
        amount(files.rows_written),
        size(files.bytes_written),
    )
    return table(columns, [row])


def bars(sources: Sequence[BarsStatus]) -> RenderableType:
    """Return what bars are built of each source."""
    columns = (
        "bars of",
        "profiles",
        "symbols",
        "behind",
        "bars",
        "revised",
        "trades ahead",
        "error",
    )
    return table(columns, [_bars(source) for source in sources], right=columns[2:-1])


def _bars(source: BarsStatus) -> tuple[str | Text, ...]:
    failing = next(iter(source.errors.items()), None)
    return (
        f"{source.source} {source.of_data_type}",
        ", ".join(source.profiles),
        amount(source.symbols),
        amount(source.behind),
        amount(source.bars),
        amount(source.revised),
        amount(source.trades_behind),
        "-" if failing is None else Text(f"{failing[0]}: {failing[1]}", style="red"),
    )


def stores(sinks: Sequence[SinkStatus]) -> RenderableType:
    """Return what becomes of rows for each store."""
    columns = (
        *("store", "state", "waiting", "size", "oldest", "to read again"),
        *("rows written", "rows refused", "error"),
    )
    rows = [_store(sink) for sink in sinks]
    return table(columns, rows, right=columns[2:-1])


def _store(sink: SinkStatus) -> tuple[str | Text, ...]:
    is_well = sink.state in {SinkState.FEEDING, SinkState.OPENING}
    return (
        sink.store,
        Text(str(sink.state), style="" if is_well else "red"),
        f"{amount(sink.chunks)} chunks",
        size(sink.chunk_bytes),
        "-" if sink.oldest_s is None else span(sink.oldest_s),
        f"{amount(sink.notes)} days",
        amount(sink.rows_written),
        Text(amount(sink.rows_refused), style="red" if sink.rows_refused else ""),
        sink.error or "-",
    )


def _machine(status: Status) -> RenderableType:
    machine = status.machine
    columns = (
        "disk",
        "free",
        "descriptors",
        "memory",
        "clock steps",
        "venues' clocks",
    )
    row = (
        Text(machine.disk, style="" if machine.disk == "ok" else "red"),
        size(machine.disk_free_bytes),
        _of(amount(machine.descriptors), machine.descriptors_max, amount),
        _of(size(machine.memory_bytes), machine.memory_bytes_max, size),
        amount(machine.clock_steps),
        ", ".join(_offset(s) for s in status.sources if s.clock is not None) or "-",
    )
    return table(columns, [row])


def _of(used: str, limit: int | None, show: Callable[[int], str]) -> str:
    return used if limit is None else f"{used} of {show(limit)}"


def _offset(s: SourceStatus) -> str:
    assert s.clock is not None
    return f"{s.source} {s.clock.offset_s * 1e3:+.1f} ± {s.clock.error_s * 1e3:.1f} ms"
