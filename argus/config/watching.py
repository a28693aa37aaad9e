"""Pure. The sections of what a recorder watches of its machine."""

from dataclasses import dataclass
from typing import Annotated

from argus.config.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsConfig:
    """`[limits]`: what a recorder may take of its machine."""

    memory_bytes_max: Annotated[
        int,
        Key(
            "memory at which all buffers are flushed early, told from 90 % on; 0 for the limit of "
            "the control group, if there is one",
            minimum=0,
        ),
    ] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockConfig:
    """`[clock]`: how the time of this machine is watched; nothing stored is corrected."""

    step_ms: Annotated[
        float,
        Key(
            "a change of the wall clock by so much at once is told as a step",
            minimum=10,
            maximum=60_000,
        ),
    ] = 100.0
    offset_every_s: Annotated[
        float,
        Key("each venue is asked for its time so often", minimum=1, maximum=86_400),
    ] = 300.0
    offset_s_max: Annotated[
        float, Key("a larger offset of a venue's clock is told as a warning", minimum=0.001)
    ] = 1.0
