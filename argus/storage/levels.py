"""Pure. The numbers of many order books' levels at once, from the venue's text.

Commas become line ends, brackets and quotes go, and Arrow's CSV reader casts one column: 5 us for
the 115 numbers of a depth frame, outside of the interpreter's lock. Reading each text by itself
costs 11 us, within the lock.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv

from argus.events import Levels

_LINES = bytes.maketrans(b",", b"\n")
_NOISE = b'[]" \t\r\n'
_COLUMN = "number"

BLOCK_TEXTS = 2048
"""Texts read at once: joining and cleaning them holds the interpreter's lock, for a millisecond."""

type_of_numbers = np.ndarray[Any, np.dtype[Any]]


def numbers(texts: Sequence[bytes], counts: type_of_numbers) -> type_of_numbers:
    """Return price, size, price, size, … of all texts, one after the other.

    Args:
        texts: JSON arrays of pairs.
        counts: levels in each.

    Returns:
        float64, two for each level. A level that cannot be read is not lost to its neighbours: its
        text's numbers are NaN.
    """
    found = np.empty(2 * int(counts.sum(dtype=np.int64)))
    at = 0
    for start in range(0, len(texts), BLOCK_TEXTS):
        stop = start + BLOCK_TEXTS
        block = _block(texts[start:stop], counts[start:stop])
        found[at : at + len(block)] = block
        at += len(block)
    return found


def _block(texts: Sequence[bytes], counts: type_of_numbers) -> type_of_numbers:
    wanted = 2 * int(counts.sum(dtype=np.int64))
    if not wanted:
        return np.empty(0)
    lines = b",".join([t for t, n in zip(texts, counts.tolist(), strict=True) if n])
    try:
        found = _read(lines.translate(_LINES, _NOISE))
    except pa.ArrowInvalid:
        found = np.empty(0)
    return found if len(found) == wanted else _one_by_one(texts, counts)


def _read(lines: bytes) -> type_of_numbers:
    table = pa.csv.read_csv(
        pa.BufferReader(lines),
        read_options=pa.csv.ReadOptions(
            use_threads=False, column_names=[_COLUMN], block_size=max(1 << 20, len(lines))
        ),
        parse_options=pa.csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
        convert_options=pa.csv.ConvertOptions(
            column_types={_COLUMN: pa.float64()}, null_values=[], strings_can_be_null=False
        ),
    )
    return np.asarray(table[_COLUMN])


def _one_by_one(texts: Sequence[bytes], counts: type_of_numbers) -> type_of_numbers:
    parts = []
    for text, count in zip(texts, counts.tolist(), strict=True):
        try:
            pairs = np.array(list(Levels(text)), np.float64).reshape(-1)
        except (msgspec.MsgspecError, ValueError):
            pairs = np.empty(0)
        parts.append(pairs if len(pairs) == 2 * count else np.full(2 * count, np.nan))
    return np.concatenate(parts)
