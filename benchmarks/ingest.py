"""Shell. The benchmark of recording: `python -m benchmarks.ingest` prints a table and writes JSON.

Contestants take turns within a round (A B C, A B C, ...), so that a slow minute of the machine
meets them all.
"""

import argparse
import json
import platform
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import environments
from benchmarks.arena import Arena, Contestant, Load
from benchmarks.certificate import made
from benchmarks.process import load as machine_load
from benchmarks.table import markdown, share_lines
from benchmarks.verdict import Outcome

HERE = Path(__file__).parent
OURS = "argus"
NAUTILUS_MESSAGES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One load, and who runs under it."""

    title: str
    load: Load
    contestants: list[Contestant]
    ours: str = OURS


def contestants() -> dict[str, Contestant]:
    """Return everyone, with the peers' environments installed."""
    own = Path(sys.executable)
    argus = Contestant(name=OURS, python=own, script="argus_recorder", copies=2, is_endless=True)
    cryptofeed = environments.python_of(environments.CRYPTOFEED)
    nautilus = environments.python_of(environments.NAUTILUS)
    everyone = [
        argus,
        replace(argus, name="argus, 1 ms", options=(("coalesce_ms", 1),)),
        replace(argus, name="argus, 1 connection", copies=1, options=(("standby", 0),)),
        Contestant(name="cryptofeed", python=cryptofeed, script="cryptofeed_recorder"),
        Contestant(
            name="nautilus",
            python=nautilus,
            script="nautilus_recorder",
            messages_max=NAUTILUS_MESSAGES,
            without_tls="its websocket client trusts only the authorities compiled into it",
        ),
    ]
    return {each.name: each for each in everyone}


def matches(args: argparse.Namespace, everyone: dict[str, Contestant]) -> list[Match]:
    """Return what is to be run, in order."""
    wanted = [each.strip() for each in args.contestants.split(";")] if args.contestants else None
    full = [OURS, "argus, 1 connection", "cryptofeed", "nautilus"]
    paced = [OURS, "argus, 1 ms", "cryptofeed"]
    found = []
    for profile in ("agg_trade", "mix"):
        for is_tls in (False, True):
            load = Load(profile=profile, messages=args.messages, is_tls=is_tls)
            found.append((f"{profile}, back to back", load, full, OURS))
    for rate in (10_000, 40_000):
        for is_tls in (False, True):
            count = rate * args.paced_s
            load = Load(profile="mix", messages=count, rate_per_s=rate, is_tls=is_tls)
            found.append((f"mix, {rate:,}/s", load, paced, "argus, 1 ms"))
    return [
        Match(
            title=f"{title}, {'TLS' if load.is_tls else 'plain'}",
            load=load,
            contestants=[everyone[name] for name in names if wanted is None or name in wanted],
            ours=ours,
        )
        for title, load, names, ours in found
        if args.only in f"{title}, {'TLS' if load.is_tls else 'plain'}"
    ]


def play(arena: Arena, match: Match, rounds: int) -> list[dict[str, Outcome]]:
    """Run the rounds of a match; who fails is not asked again."""
    played: list[dict[str, Outcome]] = []
    failed: set[str] = set()
    for n in range(rounds):
        each: dict[str, Outcome] = {}
        for contestant in match.contestants:
            if contestant.name in failed:
                continue
            outcome = arena.outcome(contestant, match.load)
            each[contestant.name] = outcome
            failed.update([contestant.name] if outcome.fault else [])
            note = outcome.fault or f"{outcome.us_per_fact:.2f} us per fact"
            print(f"  round {n + 1}  {contestant.name:20} {note}", file=sys.stderr, flush=True)
        played.append(each)
    return played


def report(match: Match, rounds: list[dict[str, Outcome]]) -> str:
    """Return one match in Markdown."""
    names = [each.name for each in match.contestants]
    is_paced = match.load.rate_per_s > 0
    parts = [
        f"### {match.title}",
        markdown(rounds, names, ours=match.ours, is_paced=is_paced),
        share_lines(rounds, names, "cryptofeed") if is_paced else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def machine() -> dict[str, Any]:
    """Return what the figures depend on besides the contestants."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown",
    )
    return {"cpu": model, "python": platform.python_version(), "load_before": machine_load()}


def arguments() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(description="Argus and other recorders, side by side.")
    parser.add_argument("--messages", type=int, default=500_000, help="back to back, per run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--paced-s", type=int, default=20, help="seconds of each paced run")
    parser.add_argument("--quick", action="store_true", help="a smoke test; figures mean little")
    parser.add_argument("--only", default="", help="only matches whose title holds this text")
    parser.add_argument("--contestants", default="", help="only these, separated by semicolons")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "ingest.json")
    args = parser.parse_args()
    if args.quick:
        args.messages, args.rounds, args.paced_s = 30_000, 1, 3
    return args


def main() -> None:
    """Run, print, and write."""
    args = arguments()
    everyone = contestants()
    arena = Arena(HERE / ".work", made(HERE / ".work" / "tls"))
    facts: dict[str, Any] = {"machine": machine(), "rounds": args.rounds, "matches": []}
    try:
        for match in matches(args, everyone):
            print(match.title, file=sys.stderr, flush=True)
            rounds = play(arena, match, args.rounds)
            text = report(match, rounds)
            print(text, flush=True)
            outcomes = [{name: asdict(found) for name, found in each.items()} for each in rounds]
            load = asdict(match.load)
            facts["matches"].append(
                {"title": match.title, "load": load, "rounds": outcomes, "markdown": text}
            )
            args.json.parent.mkdir(parents=True, exist_ok=True)
            args.json.write_text(json.dumps(facts, indent=1, ensure_ascii=False))
    finally:
        arena.close()


if __name__ == "__main__":
    main()
