"""What a configuration means for splices and connections."""

from argus.config.schema import SourceConfig
from argus.network.tuning import policy, splice_limits

SECOND = 1_000_000_000


def test_a_quiet_stream_is_trusted_three_times_as_late_as_a_fact_is_waited_for():
    limits = splice_limits(SourceConfig(name="venue", seam_patience_ms=4000))
    assert (limits.patience_ns, limits.quiet_ns) == (4 * SECOND, 12 * SECOND)


def test_without_patience_a_quiet_stream_is_still_listened_to_for_a_while():
    limits = splice_limits(SourceConfig(name="venue", seam_patience_ms=0))
    assert (limits.patience_ns, limits.quiet_ns) == (1, 3 * SECOND)


def test_connections_live_as_long_as_configured():
    wanted = policy(SourceConfig(name="venue", standby=2, connection_lifetime_s=60))
    assert (wanted.standby, wanted.lifetime_ns) == (2, 60 * SECOND)
