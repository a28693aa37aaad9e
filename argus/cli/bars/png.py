"""Shell. A chart of bars as a picture (matplotlib)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from argus.cli.bars.chart import Chart, type_of_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UP, DOWN, INK, FAINT = "#12967f", "#d9485f", "#2b2f36", "#8a919c"
GRID, GAP, MARKED = "#e8eaee", "#f4b942", "#7a4fd0"

WIDTH_IN, DPI = 12.0, 120
CANDLE = 0.72
"""Share of a bar's place that its body takes."""

BARS_MIN = 24
"""Room that is left for bars, however few there are."""

CANDLES_MAX = 400
"""With more bars the bodies touch each other."""

TICKS_MAX = 9


def write_png(chart: Chart, path: Path) -> None:
    """Draw a chart into a PNG file.

    Raises:
        ImportError: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shares = [3.4, 1.0, 1.0] if chart.panel else [3.4, 1.0]
    figure = Figure(figsize=(WIDTH_IN, 1.5 * sum(shares)), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        len(shares), 1, height_ratios=shares, hspace=0.07, left=0.02, right=0.915, top=0.9,
        bottom=0.07,
    )  # fmt: skip
    axes: list[Axes] = [figure.add_subplot(grid[0])]
    axes += [figure.add_subplot(grid[i], sharex=axes[0]) for i in range(1, len(shares))]
    at = chart.places
    for ax in axes:
        _dress(ax, chart)
    _prices(axes[0], chart, at)
    _volumes(axes[1], chart, at)
    if chart.panel:
        _panel(axes[2], chart, at)
    _times(axes, chart)
    figure.text(0.02, 0.955, chart.title, color=INK, fontsize=14, weight="bold")
    figure.text(0.02, 0.92, chart.subtitle, color=FAINT, fontsize=9.5)
    figure.savefig(path, format="png")


def _dress(ax: "Axes", chart: Chart) -> None:
    """Give a panel its frame and the shades of the bars with a gap."""
    ax.set_facecolor("white")
    ax.set_axisbelow(True)
    ax.grid(color=GRID, linewidth=0.8)
    ax.yaxis.tick_right()
    ax.tick_params(colors=FAINT, labelsize=9, length=0, labelbottom=False)
    for side in ax.spines.values():
        side.set_color(GRID)
    for at in chart.places[chart["gap"]]:
        ax.axvspan(at - 0.5, at + 0.5, color=GAP, alpha=0.28, linewidth=0, zorder=0)


def _prices(ax: "Axes", chart: Chart, at: type_of_array) -> None:
    from matplotlib.ticker import StrMethodFormatter

    colours = [UP if up else DOWN for up in chart.is_up]
    ax.vlines(at, chart["low"], chart["high"], colors=colours, linewidth=_line(chart), zorder=2)
    span = float(chart["high"].max() - chart["low"].min())
    # A body without height would not be seen.
    height = np.maximum(np.abs(chart["close"] - chart["open"]), span * 0.002)
    base = np.minimum(chart["close"], chart["open"])
    ax.bar(at, height, CANDLE, bottom=base, color=colours, linewidth=0, zorder=3)
    ax.plot(at, chart["vwap"], color=INK, linewidth=0.8, alpha=0.4, zorder=4, label="vwap")
    for name, told, marker, place in _marks(chart):
        _mark(ax, at[told], chart[place][told], name, marker, is_above=place == "high")
    if chart["gap"].any():
        ax.bar([at[0]], [0], color=GAP, alpha=0.28, bottom=base[0], label="gap", linewidth=0)
    ax.margins(x=0, y=0.08)
    # A few bars do not fill the picture.
    half = max(at[-1] / 2 + 1, BARS_MIN / 2)
    ax.set_xlim(at[-1] / 2 - half, at[-1] / 2 + half)
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    ax.legend(
        loc="upper left", frameon=False, ncols=4, fontsize=9, labelcolor=FAINT, handlelength=1.2
    )


def _marks(chart: Chart) -> list[tuple[str, type_of_array, str, str]]:
    """Return what is marked: its name, which bars, how, and at which price."""
    found = [
        ("clamped", chart["clamped"], "^", "low"),
        ("revised", chart["revision"] > 0, "D", "high"),
    ]
    return [mark for mark in found if chart.is_worth_marking(mark[1])]


def _mark(
    ax: "Axes", at: type_of_array, price: type_of_array, name: str, marker: str, *, is_above: bool
) -> None:
    from matplotlib.transforms import ScaledTranslation

    # Beside the candle by some points, whatever the scale.
    figure = ax.figure
    shift = ScaledTranslation(0, (7 if is_above else -7) / 72, figure.dpi_scale_trans)
    ax.scatter(
        at, price, s=14, marker=marker, color=MARKED, linewidth=0, zorder=5, label=name,
        transform=ax.transData + shift,
    )  # fmt: skip


def _volumes(ax: "Axes", chart: Chart, at: type_of_array) -> None:
    buys = np.nan_to_num(chart["buy_volume"])
    sells = np.nan_to_num(chart["sell_volume"])
    rest = np.maximum(np.nan_to_num(chart["volume"]) - buys - sells, 0.0)
    # Of many bars the distances between would be seen as stripes.
    width = CANDLE if len(chart) <= CANDLES_MAX else 1.0
    style: dict[str, Any] = {"width": width, "linewidth": 0, "zorder": 2}
    is_plain = chart.rule == "vpin" or not (buys + sells).any()
    if is_plain:
        ax.bar(at, chart["volume"], color=FAINT, **style)
    else:
        ax.bar(at, buys, color=UP, **style)
        ax.bar(at, sells, bottom=buys, color=DOWN, **style)
        ax.bar(at, rest, bottom=buys + sells, color=FAINT, **style)
    ax.set_ylim(0, 1.3 * max(float(np.nanmax(chart["volume"])), 1e-12))
    _name(ax, "volume" if is_plain else "volume bought and sold")


def _panel(ax: "Axes", chart: Chart, at: type_of_array) -> None:
    if chart.panel == "vpin":
        ax.plot(at, chart["vpin"], color=MARKED, linewidth=1.2, zorder=3)
        ax.fill_between(at, chart["vpin"], color=MARKED, alpha=0.12, linewidth=0)
        ax.set_ylim(0, 1.3 * max(float(np.nanmax(chart["vpin"])), 1e-12))
        _name(ax, "VPIN")
        return
    theta, threshold = chart["theta"], np.abs(chart["threshold"])
    ax.bar(at, theta, CANDLE, color=np.where(theta >= 0, UP, DOWN), linewidth=0, zorder=2)
    for sign in (1, -1) if (theta < 0).any() else (1,):
        ax.step(at, sign * threshold, where="mid", color=INK, linewidth=0.9, zorder=3)
    least, most = ax.get_ylim()
    ax.set_ylim(least, most + 0.25 * (most - least))
    ax.axhline(0, color=FAINT, linewidth=0.8)
    _name(ax, "theta and threshold")


def _name(ax: "Axes", text: str) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5}
    ax.text(
        0.008, 0.9, text, transform=ax.transAxes, color=FAINT, fontsize=9, va="top", zorder=6,
        bbox=box,
    )  # fmt: skip


def _times(axes: "list[Axes]", chart: Chart) -> None:
    texts = chart.stamps()
    step = max(1, -(-len(texts) // TICKS_MAX))
    shown = range(step // 2, len(texts), step)
    axes[-1].set_xticks([chart.places[i] for i in shown], [texts[i] for i in shown])
    axes[-1].tick_params(labelbottom=True)


def _line(chart: Chart) -> float:
    return float(np.clip(220 / len(chart), 0.5, 1.4))
