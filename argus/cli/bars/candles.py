"""Shell. Candles for a terminal: the finest step is half a cell, in volumes an eighth.

With colour bars that rose are green and the others red; without, bodies of bars that fell are
blocks and the others lines.
"""

from textwrap import wrap

import numpy as np
from rich.text import Text

from argus.cli.bars.chart import Chart, stamps, type_of_array

UP, DOWN, DIM, MARKED = "green", "red", "bright_black", "yellow"

HEIGHT, VOLUME_HEIGHT = 18, 3

_NONE, _WICK, _BODY = 0, 1, 2
_LINES = {
    (_NONE, _NONE): " ", (_WICK, _NONE): "╵", (_NONE, _WICK): "╷", (_WICK, _WICK): "│",
    (_BODY, _NONE): "╹", (_NONE, _BODY): "╻", (_BODY, _BODY): "┃",
    (_BODY, _WICK): "╿", (_WICK, _BODY): "╽",
}  # fmt: skip
_BLOCKS = {**_LINES, (_BODY, _NONE): "▀", (_NONE, _BODY): "▄", (_BODY, _BODY): "█"}
_BLOCKS |= {(_BODY, _WICK): "▀", (_WICK, _BODY): "▄"}
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_MEANING = {"!": "! = gap", "^": "^ = clamped", "*": "* = revised"}


def candles(chart: Chart, *, width: int, is_coloured: bool, height: int = HEIGHT) -> list[Text]:
    """Draw bars with a price axis, their volumes and a time axis.

    Args:
        chart: the bars; those that do not fit are left out, the last ones stay.
        width: columns there are.
        is_coloured: whether colours are seen.
        height: lines for prices.

    Returns:
        The lines, none of them wider than `width`.
    """
    labels = _labels(chart["low"].min(), chart["high"].max(), height)
    gutter = max(map(len, labels)) + 2
    room = max(width - gutter, 8)
    step = 2 if len(chart) * 2 <= room else 1
    shown = chart.last(room // step)
    # What is left out shall not set the scale.
    low, high = float(shown["low"].min()), float(shown["high"].max())
    labels = _labels(low, high, height)
    drawn = step * len(shown)
    lines = _head(chart, shown, width)
    lines += _prices(shown, labels, step=step, is_coloured=is_coloured)
    lines += _volumes(shown, step=step)
    lines += _marks(shown, step=step)
    lines.append(_times(shown, step=step, width=max(drawn, len(labels[0])) + gutter))
    return lines


def _head(chart: Chart, shown: Chart, width: int) -> list[Text]:
    more = len(chart) - len(shown)
    left_out = [f"the first {more:,} do not fit"] if more else []
    meaning = [text for mark, text in _MEANING.items() if mark in _marked(shown)]
    words = [chart.subtitle, *left_out, *meaning]
    below = [Text(line, DIM) for line in wrap(", ".join(words), max(width, 20))]
    return [Text(chart.title[:width], "bold"), *below]


def _labels(low: float, high: float, height: int) -> list[str]:
    """Return a price for each line, from the highest on."""
    size = (high - low) / max(height, 1)
    digits = 2 if size <= 0 else int(np.clip(1 - np.floor(np.log10(size)), 0, 10))
    return [f"{high - (line + 0.5) * size:,.{digits}f}" for line in range(height)]


def _prices(chart: Chart, labels: list[str], *, step: int, is_coloured: bool) -> list[Text]:
    cells = _cells(chart, len(labels))
    lines = []
    for number, label in enumerate(labels):
        row = []
        for index, up in enumerate(chart.is_up):
            drawn = _LINES if is_coloured or up else _BLOCKS
            top, bottom = cells[index, 2 * number], cells[index, 2 * number + 1]
            row.append(drawn[int(top), int(bottom)])
        # The axis names every third line.
        lines.append(_line(chart, row, step, label if number % 3 == 0 else ""))
    return lines


def _line(chart: Chart, cells: list[str], step: int, label: str) -> Text:
    """Return a line of one cell per bar, and a word of the axis."""
    line = Text(no_wrap=True)
    for cell, up in zip(cells, chart.is_up, strict=True):
        line.append(cell, (UP if up else DOWN) if cell != " " else "")
        line.append(" " * (step - 1))
    line.append(f" {label}", DIM)
    line.rstrip()
    return line


def _cells(chart: Chart, height: int) -> type_of_array:
    """Return what stands in each half line of each bar, the highest first."""
    low, high = float(chart["low"].min()), float(chart["high"].max())
    halves = 2 * height
    scale = (halves - 1) / (high - low) if high > low else 0.0

    def place(prices: type_of_array) -> type_of_array:
        middle = 0 if scale else (halves - 1) / 2
        return np.rint((high - prices) * scale + middle).astype(int)

    body = np.sort(np.stack([place(chart["open"]), place(chart["close"])]), axis=0)
    wick = place(chart["high"]), place(chart["low"])
    at = np.arange(halves)[None, :]
    cells = np.where((at >= wick[0][:, None]) & (at <= wick[1][:, None]), _WICK, _NONE)
    return np.where((at >= body[0][:, None]) & (at <= body[1][:, None]), _BODY, cells)


def _volumes(chart: Chart, *, step: int) -> list[Text]:
    volume = np.nan_to_num(chart["volume"])
    most = float(volume.max())
    eighths = np.ceil(volume / (most or 1.0) * 8 * VOLUME_HEIGHT).astype(int)
    lines = []
    for number in reversed(range(VOLUME_HEIGHT)):
        row = [_EIGHTHS[int(np.clip(count - 8 * number, 0, 8))] for count in eighths]
        label = f"{most:,.4g}" if number == VOLUME_HEIGHT - 1 else ""
        lines.append(_line(chart, row, step, label))
    return lines


def _marked(chart: Chart) -> list[str]:
    """Return the mark of each bar; a gap hides the others."""
    marks = [" "] * len(chart)
    for mark, told in (("*", chart["revision"] > 0), ("^", chart["clamped"]), ("!", chart["gap"])):
        if mark == "!" or chart.is_worth_marking(told):
            marks = [mark if is_told else m for m, is_told in zip(marks, told, strict=True)]
    return marks


def _marks(chart: Chart, *, step: int) -> list[Text]:
    """Return a line that marks bars, if any is marked."""
    line = Text("".join(mark.ljust(step) for mark in _marked(chart)), MARKED, no_wrap=True)
    line.rstrip()
    return [line] if line.plain else []


def _times(chart: Chart, *, step: int, width: int) -> Text:
    texts = stamps(chart["ts_open"])
    apart = -(-(len(texts[0]) + 3) // step)
    line = ""
    for index in range(0, len(texts), apart):
        if index * step + len(texts[index]) <= width:
            line = line.ljust(index * step) + texts[index]
    return Text(line, DIM, no_wrap=True)
