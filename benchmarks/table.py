"""Pure. The figures as a Markdown table."""

from benchmarks.verdict import Outcome, Row, Spread, ratios, row, spread

HEAD = (
    "contestant",
    "µs per fact (least-most)",
    "µs per message received",
    "µs per fact, with stopping",
    "facts/s/core",
    "CPU of a core at this pace",
    "s sending / until flushed",
    "peak RSS MB",
    "bytes/row",
    "costs x Argus (least-most)",
)


def markdown(rounds: list[dict[str, Outcome]], names: list[str], ours: str) -> str:
    """Return the table of one load; a contestant without figures has its reason instead."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for name in names:
        found = row(rounds, name, ours)
        cells = [name, f"no figure: {found}"] if isinstance(found, str) else cells_of(found)
        lines.append("| " + " | ".join(cells + [""] * (len(HEAD) - len(cells))) + " |")
    return "\n".join(lines)


def cells_of(found: Row) -> list[str]:
    """Return one line's cells."""
    return [
        found.contestant,
        between(found.us_per_fact),
        f"{found.us_per_message:.2f}",
        f"{found.us_all_per_fact:.2f}",
        f"{found.messages_per_s:,.0f}",
        "" if found.cpu_share is None else f"{found.cpu_share:.1%}",
        f"{found.sent_s:.1f} / {found.wall_s:.1f}",
        f"{found.rss_mb:.0f}",
        f"{found.bytes_per_row:.1f}",
        between(found.ratio) if found.ratio else "",
    ]


def between(found: Spread) -> str:
    """Return a median with its ends."""
    return f"{found.median:.2f} ({found.least:.2f}-{found.most:.2f})"


def share_lines(rounds: list[dict[str, Outcome]], names: list[str], peer: str) -> str:
    """Return what part of the peer's CPU the others need at a set pace."""
    lines = []
    for name in names:
        costs = ratios(rounds, peer, name)  # how many times the peer's cost
        if name != peer and costs:
            lines.append(f"- CPU of {name} / {peer}: {between(spread(costs))}")
    return "\n".join(lines)


def stages_markdown(costs: dict[str, dict[str, float]]) -> str:
    """Return what each stage adds, in microseconds per message, for each profile."""
    lines = ["| traffic | stage | µs up to here | µs of this stage |", "|---|---|---|---|"]
    for profile, stages in costs.items():
        before = 0.0
        for stage, cost in stages.items():
            lines.append(f"| {profile} | {stage} | {cost:.2f} | {cost - before:.2f} |")
            before = cost
    return "\n".join(lines)
