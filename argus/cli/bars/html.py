"""Shell. A chart of bars as a page that can be zoomed and needs nothing else (plotly)."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from argus.cli.bars.chart import Chart, instant_text, type_of_array
from argus.cli.bars.png import DOWN, FAINT, GAP, GRID, INK, MARKED, UP

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>html, body, body > div {{ height: 100%; margin: 0; overflow: hidden; }}</style>
</head>
<body>
{drawing}
</body>
</html>
"""


def write_html(chart: Chart, path: Path) -> None:
    """Write a chart as one HTML file, the program that draws it included.

    Raises:
        ImportError: plotly is not installed.
        OSError: the file cannot be written.
    """
    drawing = figure(chart).to_html(
        include_plotlyjs=True,
        full_html=False,
        config={"scrollZoom": True, "displaylogo": False, "responsive": True},
        default_height="100%",
    )
    page = _PAGE.format(title=escape(chart.title), drawing=drawing)
    path.write_text(page, "utf-8")


def figure(chart: Chart) -> "Figure":
    """Return a chart as a plotly figure: one candle per bar, panels below that zoom with it.

    Raises:
        ImportError: plotly is not installed.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    shares = [0.62, 0.19, 0.19] if chart.panel else [0.76, 0.24]
    made = make_subplots(
        rows=len(shares), cols=1, shared_xaxes=True, row_heights=shares, vertical_spacing=0.025
    )
    at = _places(chart)
    for trace in _prices(go, chart, at):
        made.add_trace(trace, row=1, col=1)
    for trace in _volumes(go, chart, at):
        made.add_trace(trace, row=2, col=1)
    for trace in _panel(go, chart, at):
        made.add_trace(trace, row=3, col=1)
    _dress(made, chart, rows=len(shares))
    return made


def _places(chart: Chart) -> list[str]:
    """Return where the bars stand: at their time, or side by side where that is uneven."""
    if chart.is_of_time:
        return [instant_text(ts) for ts in chart["ts_open"]]
    # Each place has a name of its own, so the number of the bar is part of it.
    pairs = zip(chart.stamps(), chart["sequence"], strict=True)
    return [f"{stamp}<br>#{sequence}" for stamp, sequence in pairs]


def _hover(chart: Chart) -> list[str]:
    names = (
        "sequence",
        "ts_first",
        "ts_last",
        "total_ticks",
        "buy_ticks",
        "sell_ticks",
        "revision",
    )
    rows = zip(*(chart[name] for name in names), chart["gap"], chart["clamped"], strict=True)
    texts = []
    for sequence, first, last, ticks, buys, sells, revision, gap, clamped in rows:
        words = [f"bar {sequence}: {instant_text(first)} to {instant_text(last)}"]
        words += [f"{ticks:,} trades, {buys:,} buys, {sells:,} sells"]
        marks = ["gap"] * bool(gap) + ["clamped"] * bool(clamped)
        marks += [f"revision {revision}"] if revision else []
        texts.append("<br>".join([*words, *([", ".join(marks)] if marks else [])]))
    return texts


def _prices(go: Any, chart: Chart, at: list[str]) -> list[Any]:  # noqa: ANN401 - the module
    line = {"width": 1}
    traces = [
        go.Candlestick(
            x=at, open=chart["open"], high=chart["high"], low=chart["low"], close=chart["close"],
            increasing={"line": {"color": UP, **line}, "fillcolor": UP},
            decreasing={"line": {"color": DOWN, **line}, "fillcolor": DOWN},
            text=_hover(chart), name=chart.profile, showlegend=False,
        ),
        go.Scatter(
            x=at, y=chart["vwap"], mode="lines", name="vwap", hoverinfo="skip", opacity=0.6,
            line={"color": INK, "width": 1.1},
        ),
    ]  # fmt: skip
    # Beside the candle, whatever its size.
    off = 0.02 * float(chart["high"].max() - chart["low"].min())
    marks = (
        ("clamped", chart["clamped"], "triangle-up", chart["low"] - off),
        ("revised", chart["revision"] > 0, "diamond", chart["high"] + off),
    )
    traces += [
        go.Scatter(
            x=[x for x, is_told in zip(at, told, strict=True) if is_told], y=prices[told],
            mode="markers", name=name, hoverinfo="skip",
            marker={"symbol": symbol, "color": MARKED, "size": 6},
        )
        for name, told, symbol, prices in marks
        if chart.is_worth_marking(told)
    ]  # fmt: skip
    return traces


def _volumes(go: Any, chart: Chart, at: list[str]) -> list[Any]:  # noqa: ANN401 - the module
    buys, sells = np.nan_to_num(chart["buy_volume"]), np.nan_to_num(chart["sell_volume"])
    parts: list[tuple[str, type_of_array, str]] = [("bought", buys, UP), ("sold", sells, DOWN)]
    if chart.rule == "vpin" or not (buys + sells).any():
        parts = [("volume", chart["volume"], FAINT)]
    else:
        rest = np.maximum(np.nan_to_num(chart["volume"]) - buys - sells, 0.0)
        parts += [("of unknown side", rest, FAINT)] if (rest > 1e-9 * buys.max()).any() else []
    return [
        go.Bar(
            x=at, y=y, name=name, marker={"color": colour, "line": {"width": 0}}, showlegend=False
        )
        for name, y, colour in parts
    ]


def _panel(go: Any, chart: Chart, at: list[str]) -> list[Any]:  # noqa: ANN401 - the module
    if not chart.panel:
        return []
    if chart.panel == "vpin":
        style = {"color": MARKED, "width": 1.4}
        fill = "rgba(122, 79, 208, 0.12)"
        return [
            go.Scatter(
                x=at, y=chart["vpin"], name="VPIN", mode="lines", line=style, fill="tozeroy",
                fillcolor=fill, showlegend=False,
            )
        ]  # fmt: skip
    theta, threshold = chart["theta"], np.abs(chart["threshold"])
    colours = np.where(theta >= 0, UP, DOWN)
    marker = {"color": colours, "line": {"width": 0}}
    return [
        go.Bar(x=at, y=theta, name="theta", marker=marker, showlegend=False),
        *(
            go.Scatter(
                x=at, y=sign * threshold, name="threshold", mode="lines", showlegend=False,
                line={"color": INK, "width": 1, "shape": "hvh"},
            )
            for sign in ((1, -1) if (theta < 0).any() else (1,))
        ),
    ]  # fmt: skip


def _dress(made: "Figure", chart: Chart, *, rows: int) -> None:
    below = f"<span style='font-size:13px;color:{FAINT}'>{escape(chart.subtitle)}</span>"
    title = f"<b>{escape(chart.title)}</b><br>{below}"
    made.update_layout(
        template="plotly_white", title={"text": title, "x": 0.012, "xanchor": "left"},
        font={"family": _FONT, "color": INK}, margin={"l": 20, "r": 80, "t": 80, "b": 40},
        barmode="relative", bargap=0.25, hovermode="x", dragmode="pan",
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom"},
    )  # fmt: skip
    kind = "date" if chart.is_of_time else "category"
    made.update_xaxes(range=None if chart.is_of_time else [-1, len(chart)])
    made.update_xaxes(
        type=kind, gridcolor=GRID, rangeslider_visible=False, showspikes=True, spikethickness=1,
        spikecolor=FAINT, spikemode="across", spikesnap="cursor", nticks=12, tickangle=0,
    )  # fmt: skip
    made.update_yaxes(side="right", gridcolor=GRID, zerolinecolor=GRID, fixedrange=False)
    made.update_yaxes(tickformat=",", row=1, col=1)
    names = ["price", "volume", {"vpin": "VPIN"}.get(chart.panel, chart.panel)]
    for row in range(1, rows + 1):
        made.update_yaxes(title={"text": names[row - 1], "font": {"color": FAINT}}, row=row, col=1)
    made.update_layout(
        shapes=[shape for i in np.flatnonzero(chart["gap"]) for shape in [_shade(chart, int(i))]]
    )


def _shade(chart: Chart, index: int) -> dict[str, Any]:
    """Return the shade of a bar with a gap, over all panels."""
    first: Any = index - 0.5
    last: Any = index + 0.5
    if chart.is_of_time:
        ts = chart["ts_open"]
        half = int(np.diff(ts).min()) // 2 if len(ts) > 1 else 30_000_000_000
        first, last = (str(np.datetime64(int(ts[index]) + d, "ns")) for d in (-half, half))
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": first, "x1": last, "y0": 0, "y1": 1,
        "fillcolor": GAP, "opacity": 0.28, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
