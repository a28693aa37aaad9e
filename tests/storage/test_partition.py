from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.errors import ForeignFile
from argus.storage.partition import (
    DAY_NS,
    Partition,
    date_of,
    day_of,
    days,
    escaped,
    is_date,
    lake_times,
    partition_at,
    ts_end_of,
)
from tests.storage.facts import MIDNIGHT

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
dates = st.integers(0, 60_000).map(date_of)


@given(texts, texts, texts, dates)
def test_path_says_what_the_partition_is(source, data_type, symbol, date):
    partition = Partition(source, data_type, symbol, date)
    assert partition_at(partition.path) == partition
    assert len(partition.path.parts) == 7


@given(texts)
def test_escaped_text_means_nothing_to_a_path_a_key_or_a_glob(text):
    assert not set(escaped(text)) & set("/\\=*?[]{}\"'<>|:#&+ \0\n")
    assert escaped(text) != "__HIVE_DEFAULT_PARTITION__"


def test_path_is_the_one_of_the_design():
    assert str(Partition("binance_spot", "trade", "BTCUSDT", "2026-11-20").path) == (
        "lake/source=binance_spot/data_type=trade/symbol=BTCUSDT/year=2026/date=2026-11-20/"
        "data.parquet"
    )


def test_symbols_outside_ascii_stand_as_they_are():
    assert escaped("币安人生USDT") == "币安人生USDT"
    assert escaped("A/B=%") == "A%2FB%3D%25"


@pytest.mark.parametrize(
    "path",
    [
        "lake/data.parquet",
        "lake/source=s/data_type=t/symbol=A/year=2026/date=2026-11-20/other.parquet",
        "lake/source=s/data_type=t/symbol=A/year=2025/date=2026-11-20/data.parquet",
        "lake/source=s/data_type=t/symbol=A/year=2026/date=2026-11-31/data.parquet",
        "lake/source=s/data_type=t/symbol=A/year=2026/date=today/data.parquet",
        "lake/source=s/type=t/symbol=A/year=2026/date=2026-11-20/data.parquet",
    ],
)
def test_what_is_no_date_file_is_told(path):
    with pytest.raises(ForeignFile, match="expected lake/source="):
        partition_at(PurePosixPath(path))


def test_dates_and_days():
    assert (day_of("1970-01-02"), date_of(-1), date_of(day_of("2024-02-29"))) == (
        1, "1969-12-31", "2024-02-29",
    )  # fmt: skip
    assert ts_end_of("2023-11-14") == MIDNIGHT
    assert [is_date(t) for t in ("2024-02-29", "2023-02-29", "2024-2-29", "2024")] == [
        True, False, False, False,
    ]  # fmt: skip


def test_receive_time_stands_in_where_the_venue_gives_none():
    time = pa.timestamp("ns", tz="UTC")
    table = pa.table(
        {
            "ts_event": pa.array([MIDNIGHT - 1, None, MIDNIGHT], time),
            "ts_recv": pa.array([MIDNIGHT + 5, MIDNIGHT + 5, MIDNIGHT + 5], time),
        }
    )
    assert lake_times(table).tolist() == [MIDNIGHT - 1, MIDNIGHT + 5, MIDNIGHT]
    today = MIDNIGHT // DAY_NS
    assert days(table).tolist() == [today - 1, today, today]
    assert days(table).dtype == np.int64
