"""A store that is gone, dies, hangs or refuses is told for what it is; nothing is half written."""

import random
import signal
import threading
import traceback
from dataclasses import replace
from urllib.parse import urlsplit

import psycopg
import pytest

from argus.bars.sinks.postgres.administration import examine, initialise
from argus.bars.sinks.postgres.connecting import address
from argus.bars.sinks.postgres.store import PostgresStore
from argus.config.timescale import TimescaleConfig
from argus.errors import RowsRefused, StoreError, StoreRefused, StoreUnreachable
from tests.bars.sinks.postgres.conftest import with_schema
from tests.bars.sinks.postgres.rows import ask, bar, kline, stored, table
from tests.bars.sinks.postgres.server import PASSWORD, free_port

pytestmark = pytest.mark.server


def write(store: PostgresStore, *bars) -> int:
    return store.write("binance_spot", "bar", table(bars))


def refusal(config: TimescaleConfig) -> str:
    store = PostgresStore(config)
    with pytest.raises(StoreRefused) as refused:
        write(store, bar(1))
    assert PASSWORD not in str(refused.value)
    return str(refused.value)


def test_server_that_is_not_there_is_unreachable():
    url = f"postgresql://argus:{PASSWORD}@127.0.0.1:{free_port()}/market"
    with pytest.raises(StoreUnreachable, match=r"postgresql://argus@127\.0\.0\.1:\d+/market") as e:
        PostgresStore(TimescaleConfig(url=url)).open()
    assert PASSWORD not in str(e.value)


def test_address_that_is_none_is_refused_without_repeating_it():
    with pytest.raises(StoreRefused) as refused:
        address(f"postgresql://argus:{PASSWORD}@[::1/market")
    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://argus:12/secret@h:5432/market",
        "postgresql://argus:not/secret@h:5432/market",
        "postgresql://argus:not@secret@h:5432/market",
        "postgresql://argus@h:secret/market",
    ],
)
def test_password_that_is_not_escaped_is_not_taken_for_something_else(url):
    with pytest.raises(StoreRefused, match="%2F, %40 and %3A") as refused:
        address(url)
    assert "secret" not in "".join(traceback.format_exception(refused.value))
    with pytest.raises(StoreRefused, match="%2F"):
        PostgresStore(TimescaleConfig(url=url)).open()


def test_address_is_told_without_its_password():
    assert address("postgresql://me%40there:p%40ss@h/d") == "postgresql://me@there@h/d"
    assert address("host=@argus dbname=d") == "postgresql://@argus/d"
    assert address(f"postgresql://u:{PASSWORD}@h:1/d?sslmode=require") == "postgresql://u@h:1/d"
    assert address("postgresql:///d") == "postgresql://localhost/d"


def test_wrong_password_unknown_user_and_unknown_database_are_refused(plain, postgres):
    name = urlsplit(plain.url).path[1:]
    wrong = replace(plain, url=postgres.url(name, password="not-it"))
    assert "PGPASSWORD" in refusal(wrong)
    assert "mend the user or the password" in refusal(replace(plain, url=postgres.url(name, "me")))
    assert "create the database" in refusal(replace(plain, url=postgres.url("nowhere")))


def test_password_comes_from_the_environment(plain, monkeypatch):
    bare = plain.url.replace(f":{PASSWORD}", "")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    assert "PGPASSWORD" in refusal(replace(plain, url=bare))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    store = PostgresStore(replace(plain, url=bare))
    assert write(store, bar(1)) == 1
    store.close()


def test_user_without_rights_is_told_what_it_lacks(plain, postgres):
    name = urlsplit(plain.url).path[1:]
    user = f"reader_{name}"
    ask(plain, f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
    reader = replace(plain, url=postgres.url(name, user))
    assert refusal(reader).endswith("the user may not use schema mart: GRANT USAGE on it")
    ask(plain, f"GRANT USAGE ON SCHEMA mart TO {user}")
    ask(plain, f"GRANT SELECT ON ALL TABLES IN SCHEMA mart TO {user}")
    assert "may not INSERT, UPDATE, DELETE in mart.fact__bar: GRANT INSERT" in refusal(reader)
    ask(plain, f"GRANT ALL ON ALL TABLES IN SCHEMA mart TO {user}")
    assert "does not own mart.fact__bar" in refusal(reader)
    ask(plain, f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
    assert "may not make temporary tables" in examine(reader).problems[-1]
    ask(plain, f"GRANT TEMPORARY ON DATABASE {name} TO {user}")
    with pytest.raises(StoreRefused, match="permission denied for database"):
        initialise(replace(reader, schema="other"), {})


def test_standby_is_refused(plain):
    store = PostgresStore(plain)
    ask(
        plain, f"ALTER DATABASE {urlsplit(plain.url).path[1:]} SET default_transaction_read_only=on"
    )
    with pytest.raises(StoreError, match="read-only"):
        write(store, bar(1))


def test_rows_that_cannot_be_stored_are_handed_back_and_the_others_are_there(plain):
    ask(plain, "ALTER TABLE fact__tick_imbalance ADD CHECK (close < 1e6)")
    rows = [bar(n) for n in range(1, 41)]
    rows[3] = bar(4, open=float("nan"))
    rows[17] = bar(18, volume=float("inf"))
    rows[30] = bar(31, close=2e6)
    store = PostgresStore(plain)
    with pytest.raises(RowsRefused) as refused:
        write(store, *rows)
    bad = refused.value
    assert bad.rows.column("sequence").to_pylist() == [4, 18, 31]
    assert bad.rows.schema == table(rows).schema
    assert (bad.taken, bad.why) == (37, "open is nan, expected a finite number")
    assert [n for _, n, _, _ in stored(plain)] == [n for n in range(1, 41) if n not in {4, 18, 31}]
    # It goes on as if nothing had been.
    assert write(store, bar(41)) == 1
    store.close()


def test_symbol_that_is_no_text_for_the_database_is_handed_back(plain):
    store = PostgresStore(plain)
    with pytest.raises(RowsRefused, match="NUL"):
        store.write("binance_spot", "kline", table([kline(1)], "BTC\0USDT"))
    assert store.write("binance_spot", "kline", table([kline(1)])) == 1
    store.close()


def test_table_that_takes_no_row_at_all_is_not_asked_for_ever(plain, monkeypatch):
    monkeypatch.setattr("argus.bars.sinks.postgres.store.ATTEMPTS_MAX", 40)
    ask(plain, "ALTER TABLE fact__tick_imbalance ADD CHECK (close < 0)")
    store = PostgresStore(plain)
    with pytest.raises(StoreRefused, match="refuses row after row"):
        write(store, *(bar(n) for n in range(1, 1001)))


def test_schema_that_goes_while_rows_are_written_is_refused_and_then_taken(plain):
    store = PostgresStore(plain)
    write(store, bar(1))
    ask(plain, "DROP SCHEMA mart CASCADE")
    with pytest.raises(StoreRefused, match="argus db init"):
        write(store, bar(2))
    with_schema(plain)
    assert write(store, bar(1), bar(2)) == 2
    assert len(stored(plain)) == 2
    store.close()


def test_connection_that_is_ended_by_the_server_is_made_again(plain):
    store = PostgresStore(plain)
    write(store, bar(1))
    ask(
        plain,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'argus' AND datname = current_database()",
    )
    with pytest.raises(StoreUnreachable):
        write(store, bar(2))
    assert write(store, bar(2)) == 1
    store.close()


def test_table_that_is_locked_by_somebody_is_waited_for_no_longer_than_told(plain):
    store = PostgresStore(replace(plain, statement_timeout_s=1.0))
    write(store, bar(1))
    with psycopg.connect(plain.url) as other:
        other.execute("LOCK TABLE mart.fact__tick_imbalance")
        with pytest.raises(StoreUnreachable, match="lock timeout"):
            write(store, bar(2))
        other.rollback()
    assert write(store, bar(2)) == 1
    store.close()


def test_server_that_stands_still_is_given_up(own_server, monkeypatch):
    monkeypatch.setattr("argus.bars.sinks.postgres.connecting.GRACE_S", 0.2)
    config = with_schema(TimescaleConfig(url=own_server.database(), statement_timeout_s=1.0))
    store = PostgresStore(config)
    write(store, bar(1))
    own_server.send(signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnreachable):
            write(store, bar(2))
    finally:
        own_server.send(signal.SIGCONT)
    assert write(store, bar(2)) == 1
    assert len(stored(config)) == 2
    store.close()


def test_server_killed_again_and_again_while_rows_are_written_has_each_of_them_once(own_server):
    config = with_schema(TimescaleConfig(url=own_server.database()))
    draws = random.Random(4)
    store, stop, kills = PostgresStore(config), threading.Event(), 0
    written, failures = [], []

    def feed() -> None:
        """Write batches in order, each until it is taken, as the feeder of a spool does."""
        for first in range(1, 4000, 40):
            part = [bar(n, n // 1000) for n in range(first, first + 40)]
            while not stop.is_set():
                try:
                    write(store, *part)
                except StoreUnreachable as error:
                    failures.append(error)
                    continue
                written.extend(part)
                break

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        while feeder.is_alive() and kills < 6:
            feeder.join(draws.uniform(0.05, 0.4))
            own_server.kill()
            own_server.start()
            kills += 1
        feeder.join(60)
    finally:
        stop.set()
        feeder.join()
    assert (len(written), kills > 0, bool(failures)) == (4000, True, True)
    assert [(n, r) for _, n, r, _ in stored(config)] == [(b.sequence, b.revision) for b in written]
    store.close()


def test_two_stores_write_the_same_rows_at_once(plain):
    """As the direct way and the spool do."""
    rows = [bar(n, n // 50) for n in range(1, 200)]
    errors = []

    def feed(seed: int) -> None:
        store, draws = PostgresStore(plain), random.Random(seed)
        try:
            for _ in range(20):
                write(store, *draws.sample(rows, 30))
            write(store, *rows)
        except (StoreError, psycopg.Error) as error:
            errors.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=feed, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [(n, r) for _, n, r, _ in stored(plain)] == [(b.sequence, b.revision) for b in rows]
