"""Shell. `argus prove`: whether a path is complete, and if not, what is missing and why."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from argus.cli.command import (
    Command,
    Failed,
    config_option,
    data_option,
    dry_run_option,
    json_option,
)
from argus.cli.gaps import id_range, plain_entry
from argus.cli.output import answer, progress
from argus.cli.settings import existing_data, settings
from argus.cli.stopping import run as run_loop
from argus.cli.words import amount, instant, lasting, many
from argus.clock import SystemClock
from argus.config import Config
from argus.telemetry import Telemetry

if TYPE_CHECKING:
    from argus.storage.holes import Hole
    from argus.storage.ledger import GapEntry
    from argus.storage.proof import Proof

SHOWN_MAX = 20
"""Holes, gaps and stretches shown of a path; JSON has them all."""

_DATE = click.DateTime(formats=["%Y-%m-%d"])

_STYLES = {
    "complete": "bold green",
    "complete but for recorded gaps": "bold yellow",
    "incomplete": "bold red",
    "unproven": "bold yellow",
}


@click.command(
    cls=Command,
    examples=(
        "argus prove binance_spot/trade/BTCUSDT",
        "argus prove 'binance_spot/trade/*' --from 2026-11-20 --until 2026-11-20",
        "argus prove binance_usdm/book_delta/BTCUSDT --json",
        "argus prove '*/trade/*' --close --dry-run",
    ),
    exit_codes={0: "every path is proven to be complete", 1: "it failed, or a path is not"},
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--from", "first", type=_DATE, metavar="DATE", help="Only this date and later ones.")
@click.option(
    "--until", "last", type=_DATE, metavar="DATE", help="Only this date and earlier ones."
)
@click.option(
    "--close", is_flag=True, help="Close open gaps of which the ids prove that nothing is missing."
)
@config_option
@data_option
@dry_run_option
@json_option
@click.pass_context
def prove(
    context: click.Context,
    *,
    paths: tuple[str, ...],
    first: Any,  # noqa: ANN401 - a datetime of click's
    last: Any,  # noqa: ANN401 - a datetime of click's
    close: bool,
    config: Path | None,
    data: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Prove that paths are complete, or say what is missing.

    A path is source/data_type/symbol; * and ? stand for any text within a part. Only the lake and
    the chunks that wait are read. The ids of trade, agg_trade and book_delta form a chain and prove
    that nothing is missing between two facts, whatever the gaps say. Of other data types nothing
    can be proven: the answer then tells in which stretches no gap is open. Before the first fact
    that was ever recorded of a path, and after the last one, nothing is proven.

    What one recorder missed another one may have delivered; with --close gaps that are disproved so
    are closed in the ledger, without asking any venue. With --dry-run they are shown only.
    """
    from argus.storage.proving import prove as prove_path

    folder = existing_data(config, data)
    dates = [date and f"{date:%Y-%m-%d}" for date in (first, last)]
    proofs = []
    with progress() as bar:
        task = bar.add_task("proving", total=None)
        for path in _matching(folder, paths):
            bar.update(task, advance=1, description=f"proving {path}")
            proofs.append(prove_path(folder, path, first=dates[0], last=dates[1]))
    texts = [line for proof in proofs for line in _lines(proof)]
    disproved = [gap for proof in proofs for gap in proof.disproved]
    if close:
        count = len(disproved) if dry_run else _closed(settings(config, data), disproved)
        word = "would be closed" if dry_run else "closed"
        texts.append(Text(f"{many(count, 'gap')} {word}"))
    answer([plain(p) for p in proofs], as_json=as_json, shown=Text("\n").join(texts))
    context.exit(0 if all(proof.verdict == "complete" for proof in proofs) else 1)


def _closed(config: Config, gaps: list["GapEntry"]) -> int:
    from argus.daemon.closing import close_gaps

    clock = SystemClock()
    return run_loop(close_gaps(config, gaps, clock=clock, report=Telemetry(clock)))


def _matching(data: Path, patterns: tuple[str, ...]) -> list[str]:
    """Return the recorded paths that the patterns name, each once.

    Raises:
        Failed: a pattern names none.
    """
    from argus.storage.proving import paths

    found = []
    for pattern in patterns:
        matching = paths(data, pattern)
        if not matching:
            raise Failed(f'found no path like "{pattern}", expected source/data_type/symbol')
        found += matching
    return list(dict.fromkeys(found))


def plain(proof: "Proof") -> dict[str, Any]:
    """Return a proof as plain JSON values, instants as UTC nanoseconds."""
    seen, tally = proof.seen, proof.seen.tally
    return {
        "source": seen.source,
        "data_type": seen.data_type,
        "symbol": seen.symbol,
        "grade": str(seen.grade),
        "verdict": str(proof.verdict),
        "rows": tally.rows,
        "expected": proof.expected,
        "previous_id": tally.previous_id,
        "first_id": tally.first_id,
        "last_id": tally.last_id,
        "ts_first": seen.ts_first,
        "ts_last": seen.ts_last,
        "ts_before": seen.ts_before,
        "ts_after": seen.ts_after,
        "repeats": tally.repeats,
        "disorder": tally.disorder,
        "errors": list(seen.errors),
        "holes": [asdict(hole) for hole in proof.holes],
        "holes_left_out": tally.holes_left_out,
        "gaps": [plain_entry(gap) for gap in proof.gaps],
        "disproved": [plain_entry(gap) for gap in proof.disproved],
        "stretches": [{"ts_from": a, "ts_until": b} for a, b in proof.stretches],
    }


def _lines(proof: "Proof") -> Iterator[Text]:
    """Return a proof as a person reads it."""
    yield Text.assemble(
        (f"{proof.seen.path}: ", "bold"), (_sentence(proof), _STYLES[str(proof.verdict)])
    )
    lines = [*_facts(proof), *proof.seen.errors, *_wrong(proof)]
    lines += _some(list(_missing(proof)))
    if proof.holes or proof.gaps:
        word = "complete" if proof.seen.is_chain else "no doubt"
        spans = [f"{word} from {instant(a)} to {instant(b)}" for a, b in proof.stretches]
        lines += _some(spans)
    if proof.disproved:
        lines.append(f"{many(len(proof.disproved), 'open gap')} disproved: all ids are there")
    yield from (Text(f"  {line}") for line in lines)


def _sentence(proof: "Proof") -> str:
    """Return the verdict with what it rests on."""
    if proof.seen.ts_first is None:
        return f"{proof.verdict}; nothing was recorded"
    if proof.verdict == "complete":
        return "complete, proven by its ids"
    if proof.verdict == "unproven":
        doubt = "a gap is open" if proof.gaps else "no gap is open"
        return f"unproven, as a missing fact would not show; {doubt}"
    return str(proof.verdict)


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN_MAX
    return lines if more <= 0 else [*lines[:SHOWN_MAX], f"{amount(more)} more; --json has all"]


def _facts(proof: "Proof") -> Iterator[str]:
    seen, tally = proof.seen, proof.seen.tally
    if seen.ts_first is None:
        return
    text = many(tally.rows, "fact")
    if proof.expected is not None:
        text += f" of {amount(proof.expected)}"
    if tally.first_id is not None:
        text += f", ids {id_range(tally.first_id, tally.last_id)}"
    yield f"{text}, from {instant(seen.ts_first)} to {instant(seen.ts_last)}"
    if seen.ts_before is not None:
        yield f"tied to the fact before, of {instant(seen.ts_before)}"
    if seen.ts_after is not None:
        yield f"tied to the fact after, of {instant(seen.ts_after)}"


def _wrong(proof: "Proof") -> Iterator[str]:
    tally = proof.seen.tally
    if tally.repeats:
        yield f"{many(tally.repeats, 'fact')} there more than once"
    if tally.disorder:
        yield f"{many(tally.disorder, 'fact')} behind a later one"
    if tally.holes_left_out:
        yield f"{many(tally.holes_left_out, 'hole')} more than can be told"


def _missing(proof: "Proof") -> Iterator[str]:
    told: list[GapEntry] = []
    for hole in proof.holes:
        admitting = proof.admitting(hole)
        told += admitting
        yield _hole(hole, sorted({gap.reason for gap in admitting}))
    for gap in proof.gaps:
        if gap not in told:
            number = "" if gap.missing is None else f", {many(gap.missing, 'fact')}"
            yield f"may be missing from {_time(gap)}{number}: {gap.reason}"


def _hole(hole: "Hole", reasons: list[str]) -> str:
    number = "" if hole.missing is None else f", {many(hole.missing, 'fact')},"
    why = ", ".join(reasons) if hole.is_covered else "no gap says so"
    ids = "" if hole.first_id is None else f" {id_range(hole.first_id, hole.last_id)}"
    return f"missing{ids}{number} from {_time(hole)}: {why}"


def _time(stretch: "Hole | GapEntry") -> str:
    lasts = lasting(max(0, stretch.ts_until - stretch.ts_from))
    return f"{instant(stretch.ts_from)} for {lasts}"
