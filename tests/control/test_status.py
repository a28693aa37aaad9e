"""A status survives the way over the socket."""

import json

import msgspec
import pytest

from argus.control.status import (
    ConnectionState,
    ConnectionStatus,
    SourceStatus,
    Status,
    StorageStatus,
    from_json,
    to_json,
)

STATUS = Status(
    generation="a1b2",
    data="data",
    ts_now=1_700_000_000_000_000_000,
    ts_started=1_600_000_000_000_000_000,
    uptime_s=1.5,
    sources=(
        SourceStatus(
            source="binance_spot",
            symbols=2,
            streams=10,
            connections=(
                ConnectionStatus(
                    shard="0", connection=1, state=ConnectionState.ACTIVE, age_s=3.0, streams=10
                ),
            ),
            facts_by_data_type={"trade": 7},
        ),
    ),
    storage=StorageStatus(pending_rows=5),
    counters={"argus_gap_found_total": 1},
)


def test_status_is_read_back_as_it_was_written():
    assert from_json(json.loads(json.dumps(to_json(STATUS)))) == STATUS


def test_field_of_a_later_version_is_ignored():
    assert from_json({**to_json(STATUS), "later": 1}) == STATUS


def test_status_without_its_generation_is_refused():
    plain = to_json(STATUS)
    del plain["generation"]
    with pytest.raises(msgspec.ValidationError, match="generation"):
        from_json(plain)
