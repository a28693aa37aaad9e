"""Pure. When silence is a fault: by lead, by first-frame deadline, by declared limit.

A timeout alone cannot tell a dead stream from a quiet one. Another connection can: how far it
leads is counted (must-win: an acknowledged stream that serves nothing). Without another
connection, the limit declared for the channel helps, while sibling streams still flow.
"""

from dataclasses import dataclass, replace

LEAD_FACTS = 20
LEAD_NS = 3_000_000_000
SLOW_LEAD_NS = 30_000_000_000
FIRST_FRAME_S = 30.0


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a stream may be silent; None: quiet is normal. Seconds.

    Attributes:
        first_frame_s: after the acknowledgement.
        silence_s: between two frames.
    """

    first_frame_s: float | None
    silence_s: float | None


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard of one stream on one connection.

    Attributes:
        ts_acknowledged: when the venue said that it serves it; None if it has not.
        ts_moved: when a fact was last seen; None if none ever was.
        lead: facts that other connections delivered since.
        ts_behind: since when they are ahead.
        ts_sibling: when any other stream of the connection last moved.
    """

    ts_acknowledged: int | None
    ts_moved: int | None
    lead: int
    ts_behind: int | None
    ts_sibling: int | None


def deadlines(
    silence_s: float | None, *, first_frame_s: float | None, override_s: float | None
) -> Deadlines:
    """Return a channel's deadlines; what a user configures wins over what the channel declares."""
    silence = silence_s if override_s is None else override_s
    first = first_frame_s
    if first is None and silence is not None:
        first = max(FIRST_FRAME_S, silence) if override_s is None else silence
    return Deadlines(first, silence)


def since_step(heard: Hearing, ts_step: int, now_ns: int, *, is_back: bool) -> Hearing:
    """Return what was heard as if nothing had been known before the wall clock stepped.

    An instant from before a step is no measure of silence: after one forward every stream would
    have been silent for that long, after one back none would be for that long.

    Args:
        heard: what was heard, by the wall clock.
        ts_step: the wall clock when the step was seen.
        now_ns: the wall clock.
        is_back: whether the clock was set back.
    """

    def known(ts: int | None) -> int | None:
        if ts is None or not (ts > now_ns or (ts < ts_step and not is_back)):
            return ts
        return ts_step

    return replace(
        heard,
        ts_acknowledged=known(heard.ts_acknowledged),
        ts_moved=known(heard.ts_moved),
        ts_behind=known(heard.ts_behind),
    )


def fault(heard: Hearing, limits: Deadlines, now_ns: int) -> str | None:
    """Return why a stream's silence is a fault, or None if it is none."""
    if heard.ts_acknowledged is None:
        return None
    if heard.ts_behind is not None:
        behind_ns = now_ns - heard.ts_behind
        if behind_ns >= (LEAD_NS if heard.lead >= LEAD_FACTS else SLOW_LEAD_NS):
            return f"{heard.lead} facts behind another connection for {behind_ns / 1e9:.1f} s"
    if heard.ts_moved is None:
        since, limit_s, what = heard.ts_acknowledged, limits.first_frame_s, "no first frame"
    else:
        since, limit_s, what = heard.ts_moved, limits.silence_s, "no frame"
    if limit_s is None or now_ns - since < limit_s * 1e9:
        return None
    if heard.ts_sibling is None or heard.ts_sibling <= since:
        return None
    return f"{what} for {(now_ns - since) / 1e9:.1f} s while other streams flow"
