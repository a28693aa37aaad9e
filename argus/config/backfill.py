"""Pure. The section `[backfill]` of the configuration; see `schema.py`."""

from dataclasses import dataclass
from typing import Annotated

from argus.config.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillConfig:
    """`[backfill]`: how what is missing is asked for over REST."""

    auto: Annotated[
        bool, Key("whether a running recorder fills gaps by itself, also those it finds open")
    ] = True
    weight_share: Annotated[
        float,
        Key(
            "asked for only while no more than this share of the venue's weight is used",
            minimum=0.01,
            maximum=1,
        ),
    ] = 0.5
    delay_s: Annotated[
        float,
        Key("a gap is filled so long after it was found, when REST has it too", minimum=0),
    ] = 15.0
    retry_s: Annotated[
        float,
        Key("what the venue did not answer is asked for again after so long", minimum=1),
    ] = 300.0
