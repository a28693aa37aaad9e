"""The statements of a batch; what they do is tested with a server in `test_store.py`."""

import pytest

from argus.bars.sinks.postgres import statements
from argus.bars.sinks.postgres.packing import null_bits
from argus.bars.sinks.postgres.tables import BAR, FACTS, TABLES


@pytest.mark.parametrize("fact", FACTS.values(), ids=list(FACTS))
def test_staging_is_temporary_and_emptied_by_each_transaction(fact):
    made = statements.create_stage(fact)
    assert made.startswith(f"CREATE TEMP TABLE {statements.stage_name(fact)} (")
    assert made.endswith("ON COMMIT DELETE ROWS")
    assert statements.copy_stage(fact).endswith("FROM STDIN (FORMAT binary)")


@pytest.mark.parametrize("table", TABLES)
def test_what_is_there_gives_way_to_what_is_newer_only(table):
    fact = TABLES[table]
    text = statements.upsert(fact, table)
    assert f"ON CONFLICT ({', '.join(fact.key)}) DO UPDATE" in text
    newest, second = fact.newest
    assert text.endswith(
        f"WHERE (excluded.{newest}, excluded.{second}) > "
        f"(coalesce(old.{newest}, -1), coalesce(old.{second}, -1))"
    )


def test_nullable_columns_are_null_by_their_bit():
    text = statements.upsert(BAR, "fact__bar")
    assert [
        name for name, bit in null_bits(BAR).items() if f"WHEN s.nulls & {bit} = 0" not in text
    ] == []


def test_arguments_of_a_deletion_are_the_answer_to_where_revisions_begin():
    answered = statements.tell_revisions(BAR).rpartition("RETURNING ")[2].split(", ")
    assert answered == [
        *("coin_id", "quote_id", "exchange_id", "interval_id", "revision", "first_sequence"),
    ]
    text = statements.delete_superseded("fact__bar")
    assert text.endswith("revision < %s AND sequence >= %s")
    assert text.count("%s") == len(answered)
    assert "r.first_sequence <= s.sequence" in statements.drop_superseded(BAR)


def test_series_are_looked_up_one_by_one_or_all_at_once():
    names = "coin_id, quote_id, exchange_id, interval_id"
    assert statements.series_by_scan("fact__bar") == f"SELECT DISTINCT {names} FROM fact__bar"
    steps = statements.series_by_steps("fact__bar")
    assert steps.endswith(f"SELECT {names} FROM s")
    assert steps.count(f"ORDER BY {names} LIMIT 1") == 2
