"""What can happen: one line and one count each, and no flood of lines."""

import dataclasses
import logging
import re
from dataclasses import dataclass
from typing import ClassVar

import pytest

import argus.telemetry as declared
from argus.telemetry import (
    ConnectionLost,
    ConnectionOpened,
    GapFound,
    Happening,
    SymbolUnknown,
    Telemetry,
    message,
)
from tests.network.doubles import TestClock

HAPPENINGS = [
    kind
    for name in declared.__all__
    if isinstance(kind := getattr(declared, name), type)
    and issubclass(kind, Happening)
    and kind is not Happening
]


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


def lines(caplog) -> list[tuple[str, str]]:
    return [(record.levelname, record.message) for record in caplog.records]


def test_happening_is_one_line_of_its_docstring_and_its_data(clock, caplog):
    caplog.set_level(logging.INFO, "argus")
    Telemetry(clock)(ConnectionOpened("binance_spot", "0", 7))
    assert lines(caplog) == [
        ("INFO", "Connection opened: source=binance_spot shard=0 connection=7")
    ]


def test_happening_without_data_is_its_docstring():
    @dataclass(frozen=True, slots=True)
    class SunRisen(Happening):
        """Sun risen.

        More is not said.
        """

    assert message(SunRisen()) == "Sun risen"


def test_every_happening_is_counted_also_when_its_line_is_folded(clock, caplog):
    telemetry = Telemetry(clock)
    for _ in range(5):
        telemetry(GapFound("a/b/c", "cut", 3))
    telemetry(ConnectionOpened("a", "0", 1))
    assert dict(telemetry.counters) == {
        "argus_gap_found_total": 5,
        "argus_connection_opened_total": 1,
    }


def test_counter_may_rise_by_more_than_one(clock):
    @dataclass(frozen=True, slots=True)
    class RowsWritten(Happening):
        """Rows written."""

        rows: int
        counter: ClassVar[str] = "argus_rows_written_total"

        def amount(self) -> int:
            return self.rows

    telemetry = Telemetry(clock)
    telemetry(RowsWritten(5))
    telemetry(RowsWritten(7))
    assert dict(telemetry.counters) == {"argus_rows_written_total": 12}


def test_repeated_warning_is_one_line_with_a_count(clock, caplog):
    telemetry = Telemetry(clock, fold_every_s=10)
    lost = ConnectionLost("a", "0", 1, "cut")
    for second in (0, 1, 9.9, 10, 30):
        clock.set(second)
        telemetry(lost)
    text = message(lost)
    assert lines(caplog) == [
        ("WARNING", text),
        ("WARNING", f"{text} (2 more of this kind since the last line)"),
        ("WARNING", text),
    ]


def test_other_kinds_are_not_folded_together_and_news_is_never_folded(clock, caplog):
    caplog.set_level(logging.INFO, "argus")
    telemetry = Telemetry(clock)
    happenings = [
        *[ConnectionOpened("a", "0", n) for n in range(3)],
        ConnectionLost("a", "0", 1, "cut"),
        GapFound("a/b/c", "cut", None),
    ]
    for happening in happenings:
        telemetry(happening)
    assert [text for _, text in lines(caplog)] == [message(h) for h in happenings]


def test_each_unknown_symbol_has_its_line(clock, caplog):
    telemetry = Telemetry(clock)
    wrong = [SymbolUnknown("a", symbol, "BTCUSDT") for symbol in ("BTCUSD", "BTCUST")]
    for happening in wrong:
        telemetry(happening)
    assert [text for _, text in lines(caplog)] == [message(h) for h in wrong]


@pytest.mark.parametrize("kind", HAPPENINGS, ids=lambda kind: kind.__name__)
def test_happening_says_what_happened_and_names_its_counter(kind):
    assert re.fullmatch(r"argus_[a-z]+(_[a-z]+)*_total", kind.counter)
    assert kind.__doc__.endswith(".")
    assert kind.level in {logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR}
    assert dataclasses.is_dataclass(kind)


def test_no_two_happenings_share_a_counter():
    counters = [kind.counter for kind in HAPPENINGS]
    assert counters == list(dict.fromkeys(counters))
    assert len(HAPPENINGS) > 20
