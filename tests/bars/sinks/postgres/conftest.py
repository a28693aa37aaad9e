"""Databases for the tests, each with a schema of its own."""

from collections.abc import Iterator

import pytest

from argus.bars.sinks.postgres.connecting import connect
from argus.bars.sinks.postgres.schema import migrate
from argus.config.timescale import TimescaleConfig
from tests.bars.sinks.postgres.server import Server, has_timescaledb, postgresql, timescaledb

KINDS = {"postgresql": postgresql, "timescaledb": timescaledb}

# TimescaleDB needs a root folder of its own, which not every machine makes: where it is missing,
# `test_timescaledb.py` says so, and nothing else asks for it.
THERE = [kind for kind in KINDS if kind != "timescaledb" or has_timescaledb()]


@pytest.fixture(scope="session")
def servers() -> Iterator[dict[str, Server]]:
    running: dict[str, Server] = {}
    yield running
    for server in running.values():
        server.remove()


def started(servers: dict[str, Server], kind: str) -> Server:
    if kind not in servers:
        server = Server(KINDS[kind]())
        servers[kind] = server
        server.create()
    return servers[kind]


@pytest.fixture
def postgres(servers) -> Server:
    """PostgreSQL without extensions; for all tests of a worker."""
    return started(servers, "postgresql")


@pytest.fixture(params=THERE)
def server(request, servers) -> Server:
    """Each kind of server that is there; for all tests of a worker."""
    return started(servers, request.param)


@pytest.fixture(params=THERE)
def own_server(request) -> Iterator[Server]:
    """Each kind of server that is there, which the test may kill."""
    server = Server(KINDS[request.param]())
    server.create()
    yield server
    server.remove()


@pytest.fixture
def config(server) -> Iterator[TimescaleConfig]:
    """A new database with the schema."""
    found = TimescaleConfig(url=server.database())
    yield with_schema(found)
    server.drop(found.url)


@pytest.fixture
def plain(postgres) -> Iterator[TimescaleConfig]:
    """A new database with the schema, on PostgreSQL without extensions."""
    found = TimescaleConfig(url=postgres.database())
    yield with_schema(found)
    postgres.drop(found.url)


def with_schema(config: TimescaleConfig) -> TimescaleConfig:
    with connect(config) as connection:
        migrate(connection, config)
    return config
