"""Pure. What a source's configuration means for its splices and its connections."""

from argus.agora.splice import Limits
from argus.config.schema import SourceConfig
from argus.network.backoff import Backoff
from argus.network.rotation import Policy

QUIET_NS_MIN = 3_000_000_000


def splice_limits(config: SourceConfig) -> Limits:
    """Return how long facts are held back; a quiet stream is trusted three times as late."""
    return Limits(
        patience_ns=max(1, int(config.seam_patience_ms * 1e6)),
        quiet_ns=max(QUIET_NS_MIN, int(config.seam_patience_ms * 3e6)),
    )


def policy(config: SourceConfig) -> Policy:
    """Return how many connections there are and how long they live."""
    return Policy(
        standby=config.standby,
        lifetime_ns=int(config.connection_lifetime_s * 1e9),
        backoff=Backoff(),
    )
