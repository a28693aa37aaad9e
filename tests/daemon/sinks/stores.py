"""A store in memory that makes whatever trouble a test asks for."""

import threading
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from argus.errors import RowsRefused, StoreRefused, StoreUnreachable


class Shelf:
    """Keeps rows by what tells them apart.

    Attributes:
        trouble: is called at each opening and each write with its name; raises, or waits.
        rows: what it has: data type and id to the row.
        written: ids in the order in which they came.
    """

    def __init__(self, *, name: str = "shelf", data_types: tuple[str, ...] = ("trade",)) -> None:
        self.name = name
        self.data_types = frozenset(data_types)
        self.trouble: Callable[[str], None] = lambda _: None
        self.rows: dict[tuple[str, str, Any], dict[str, Any]] = {}
        self.written: list[int] = []
        self.openings = 0
        self.is_open = False
        self.refuses: set[int] = set()

    def open(self) -> None:
        self.openings += 1
        self.trouble("open")
        self.is_open = True

    def write(self, source: str, data_type: str, table: pa.Table) -> int:
        assert self.is_open
        self.trouble("write")
        key = {"trade": "trade_id", "bar": "sequence"}[data_type]
        wrong = []
        for index, row in enumerate(table.to_pylist()):
            if row[key] in self.refuses:
                wrong.append(index)
                continue
            self.rows[data_type, row["symbol"], row[key]] = row
            self.written.append(row[key])
        if wrong:
            taken = table.num_rows - len(wrong)
            raise RowsRefused(table.take(pa.array(wrong)), "it does not like them", taken=taken)
        return table.num_rows

    def close(self) -> None:
        self.is_open = False

    def ids(self) -> list[int]:
        return sorted(number for data_type, _, number in self.rows if data_type == "trade")


class Away:
    """Gives no answer until it is back."""

    def __init__(self, *, at: str = "open") -> None:
        self.is_back = threading.Event()
        self.at = at
        self.times = 0

    def __call__(self, verb: str) -> None:
        if verb == self.at and not self.is_back.is_set():
            self.times += 1
            raise StoreUnreachable("no answer from there")


class Refusing(Away):
    """Answers, and refuses until it is back."""

    def __call__(self, verb: str) -> None:
        if verb == self.at and not self.is_back.is_set():
            self.times += 1
            raise StoreRefused("status 401: wrong token")


class Hanging(Away):
    """Never answers until it is let go."""

    def __call__(self, verb: str) -> None:
        if verb == self.at and not self.is_back.is_set():
            self.times += 1
            self.is_back.wait()
