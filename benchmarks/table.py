"""Pure. The figures as a Markdown table."""

from benchmarks.verdict import Outcome, Row, Spread, row

HEAD = (
    "contestant",
    "µs per fact (least-most)",
    "µs per message received",
    "µs per fact, with stopping",
    "facts/s/core",
    "CPU of a core",
    "wall s",
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
        f"{found.cpu_share:.1%}",
        f"{found.wall_s:.1f}",
        f"{found.rss_mb:.0f}",
        f"{found.bytes_per_row:.1f}",
        between(found.ratio) if found.ratio else "",
    ]


def between(found: Spread) -> str:
    """Return a median with its ends."""
    return f"{found.median:.2f} ({found.least:.2f}-{found.most:.2f})"
