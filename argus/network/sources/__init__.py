"""Pure. One small declarative file per venue's feed."""

from argus.network.source import Source
from argus.network.sources.binance_spot import BINANCE_SPOT
from argus.network.sources.binance_usdm import BINANCE_USDM

SOURCES: dict[str, Source] = {s.name: s for s in (BINANCE_SPOT, BINANCE_USDM)}
"""Every source by its name."""
