"""Shell. `argus bars show`: bars as a chart in the terminal, a table, a picture or a page."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from argus.cli.bars.building import Order, Outcome, bars_of
from argus.cli.bars.candles import candles
from argus.cli.bars.chart import Chart
from argus.cli.bars.choosing import chosen_origin, chosen_profiles, chosen_symbols, words
from argus.cli.command import Command, Failed, Misused, config_option, data_option, json_option
from argus.cli.moments import Moment
from argus.cli.output import answer_json, console, show, table
from argus.cli.rows import numbers, plain, texts
from argus.cli.settings import existing_data, settings
from argus.config import Config
from argus.lake.bars import sources_of_bars, stored_bars
from argus.lake.query import UNREAD
from argus.lake.span import Span

LAST = 100
ROWS = 10

WIDTH = 100
"""Columns of a chart that is not written to a terminal."""

TABLE = (
    *("sequence", "ts_open", "ts_last", "open", "high", "low", "close", "volume", "vwap"),
    *("buy_volume", "sell_volume", "total_ticks", "theta", "threshold", "vpin"),
    *("gap", "clamped", "revision"),
)


@click.command(
    "show",
    cls=Command,
    examples=(
        "argus bars show BTCUSDT --profile 1m --last 100",
        "argus bars show BTCUSDT --profile tib_small --from 2026-11-20 --html tib.html",
        "argus bars show BTCUSDT --profile vpin --png vpin.png --json",
    ),
)
@click.argument("symbol")
@click.option("--profile", default="1m", show_default=True, metavar="PROFILE", help="Which bars.")
@click.option("--source", metavar="SOURCE", help="Of which source; needed if there are several.")
@click.option(
    "--last", "count", type=click.IntRange(min=1), metavar="N",
    help=f"Only the last N bars; {LAST} if neither --from nor --to is given.",
)  # fmt: skip
@click.option("--from", "first", type=Moment(), help="Bars from here on (UTC).")
@click.option("--to", "until", type=Moment(is_end=True), help="Bars that begin before this.")
@click.option(
    "--rows", type=click.IntRange(min=0), default=ROWS, show_default=True,
    help="Rows of the table; JSON has all bars.",
)  # fmt: skip
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE", help="Draw a picture.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Draw a page.")
@config_option
@data_option
@json_option
def show_(
    *,
    symbol: str,
    profile: str,
    source: str | None,
    count: int | None,
    first: int | None,
    until: int | None,
    rows: int,
    png: Path | None,
    html: Path | None,
    config: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show bars of a symbol: a chart in the terminal and the last of them in a table.

    The chart has prices, volumes, and marks below bars with a gap, clamped and revised ones. If no
    bars of the profile are stored, they are built of the recorded trades for this once.
    """
    found = settings(config, data)
    folder = existing_data(config, data)
    count = LAST if count is None and first is None and until is None else count
    chart = charted(found, folder, symbol, profile, source=source, span=(first, until), last=count)
    drawn = [(png, _png), (html, _html)]
    for path, draw in drawn:
        if path is not None:
            written(draw, chart, path)
    if as_json:
        answer_json({**_plain(chart), "bars": plain(chart.bars)})
        return
    writing = console()
    width = writing.width if writing.is_terminal else shutil.get_terminal_size((WIDTH, 0)).columns
    for line in candles(chart, width=width, is_coloured=writing.color_system is not None):
        show(line)
    shown = _table(chart, rows)
    if shown is not None:
        show(shown)
    for path, _ in drawn:
        if path is not None:
            click.echo(f"drawn into {path}")


def charted(
    config: Config,
    data: Path,
    symbol: str,
    profile: str,
    *,
    source: str | None,
    span: tuple[int | None, int | None],
    last: int | None,
) -> Chart:
    """Return the chart of what is stored, else of what is built now of the recorded trades.

    Raises:
        Failed: there are neither bars nor trades.
        Misused: there are several sources, or no such profile.
    """
    first, until = span
    known = [s for s in sources_of_bars(data, symbol, profile) if source in {None, s}]
    if len(known) > 1:
        raise Misused(f"bars of several sources are stored; name one with --source: {words(known)}")
    if known:
        of = known[0]
        bars = stored_bars(data, of, symbol, profile, ts_from=first, ts_until=until, last=last)
        for file in (bars.schema.metadata or {}).get(UNREAD, b"").decode().splitlines():
            click.echo(f"Warning: not read, as it is torn or not ours: {file}", err=True)
        note = ""
    else:
        of, bars = _built_now(config, data, symbol, profile, source=source, span=span, last=last)
        note = "none are stored, built now"
    if not bars.num_rows:
        what = "is stored" if known else "comes of its trades"
        raise Failed(f"no bar {profile} of {symbol} {what} in that time")
    return Chart(of, symbol, profile, bars, note)


def _built_now(
    config: Config,
    data: Path,
    symbol: str,
    profile: str,
    *,
    source: str | None,
    span: tuple[int | None, int | None],
    last: int | None,
) -> tuple[str, pa.Table]:
    first, until = span
    profiles = chosen_profiles(config, [profile])
    origin = chosen_origin(config, data, source=source, data_type=None)
    symbols = chosen_symbols(origin, [symbol])
    # From its first trade on, whatever is shown: a series that begins elsewhere has other bars.
    order = Order(data, origin, symbols, profiles, Span(ts_until=until))
    kept: list[pa.Table] = []
    for _, bars in bars_of(order, outcome := Outcome(origin.source, origin.data_type)):
        kept.append(bars if first is None else bars.filter(_ends_after(bars, first)))
        kept = _last(kept, last)
    for path in outcome.unread:
        click.echo(f"Warning: not read, as it is torn or not ours: {path}", err=True)
    from argus.columns import lake_schema
    from argus.events import Bar

    whole = pa.concat_tables([lake_schema(Bar).empty_table(), *kept]).unify_dictionaries()
    found = whole.combine_chunks()
    return origin.source, found if last is None else found.slice(max(0, found.num_rows - last))


def _ends_after(bars: pa.Table, ts: int) -> pa.Array:
    import pyarrow.compute as pc

    return pc.greater_equal(bars["ts_last"].cast(pa.int64()), ts)


def _last(tables: list[pa.Table], count: int | None) -> list[pa.Table]:
    """Return the last tables that have so many rows together."""
    rows = 0
    for index in range(len(tables) - 1, -1, -1):
        rows += tables[index].num_rows
        if count is not None and rows >= count:
            return tables[index:]
    return tables


def written(draw: Callable[[Chart, Path], None], chart: Chart, path: Path) -> None:
    """Draw a chart into a file.

    Raises:
        Failed: what draws is not installed.
    """
    try:
        draw(chart, path)
    except ImportError as error:
        raise Failed(
            f"{path} needs {(error.name or 'a library').partition('.')[0]}, which is not "
            "installed: pip install argus-recorder[plot]"
        ) from error


def _png(chart: Chart, path: Path) -> None:
    from argus.cli.bars.png import write_png

    write_png(chart, path)


def _html(chart: Chart, path: Path) -> None:
    from argus.cli.bars.html import write_html

    write_html(chart, path)


def _plain(chart: Chart) -> dict[str, Any]:
    return {
        "source": chart.source,
        "symbol": chart.symbol,
        "profile": chart.profile,
        "is_stored": not chart.note,
    }


def _table(chart: Chart, rows: int) -> Any:  # noqa: ANN401 - rich's
    """Return the last bars with those columns that say something; None for no rows."""
    shown = chart.last(rows).bars
    if not shown.num_rows:
        return None
    names = [
        name
        for name in TABLE
        if shown[name].null_count < shown.num_rows
        and (name not in {"gap", "clamped", "revision"} or any(shown[name].to_pylist()))
    ]
    picked = shown.select(names)
    cells = [[_cell(text) for text in row] for row in texts(picked, rows_max=rows)]
    return table(names, cells, right=numbers(picked))


def _cell(text: str) -> str:
    """Return a cell as it is read: numbers to eight digits, instants to the millisecond."""
    if len(text) > 23 and text[10:11] == "T":  # noqa: PLR2004 - a date, T, and milliseconds
        return text[:23]
    try:
        return text if text.lstrip("-").isdigit() else f"{float(text):.8g}"
    except ValueError:
        return text
