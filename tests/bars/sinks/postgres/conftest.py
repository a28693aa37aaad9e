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


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL that the test may kill."""
    server = Server(postgresql())
    server.create()
    yield server
    server.remove()


@pytest.fixture
def config(server) -> TimescaleConfig:
    """A new database with the schema."""
    return with_schema(TimescaleConfig(url=server.database()))


@pytest.fixture
def plain(postgres) -> TimescaleConfig:
    """A new database with the schema, on PostgreSQL without extensions."""
    return with_schema(TimescaleConfig(url=postgres.database()))


def with_schema(config: TimescaleConfig) -> TimescaleConfig:
    with connect(config) as connection:
        migrate(connection, config)
    return config
