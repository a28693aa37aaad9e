"""Where `tools/timescaledb` was run, all tests of the store are run with its server, too."""

from argus.bars.sinks.postgres.administration import examine
from argus.bars.sinks.postgres.layout import Layout
from argus.config.timescale import TimescaleConfig
from tests.bars.sinks.postgres.conftest import started, with_schema


def test_server_has_the_extension_and_tables_are_hypertables(servers):
    config = with_schema(TimescaleConfig(url=started(servers, "timescaledb").database()))
    found = examine(config)
    assert found.timescale
    assert set(found.layouts.values()) == {Layout.HYPERTABLE}
