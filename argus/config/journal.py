"""Pure. The section `[journal]` of the configuration."""

from dataclasses import dataclass
from typing import Annotated

from argus.config.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalConfig:
    """`[journal]`: what survives the death of the process."""

    write_ms: Annotated[
        float,
        Key("accepted frames are handed to the kernel so often", minimum=1, maximum=1000),
    ] = 5.0
    fsync_ms: Annotated[
        float,
        Key("and made durable so often: a power cut loses no more", minimum=10, maximum=60_000),
    ] = 200.0
    keep_days: Annotated[
        float,
        Key(
            "frames are kept as the raw archive for so many days; 0 deletes them once their "
            "chunks are durable",
            minimum=0,
        ),
    ] = 0.0
