"""Shell. The benchmark of recording: `python -m benchmarks.ingest` prints a table and writes JSON.

Contestants take turns within a round (A B C, A B C, ...), so that a slow minute of the machine
meets them all.
"""

import argparse
import json
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import environments, venue
from benchmarks.arena import Arena, Contestant, Load
from benchmarks.process import load as machine_load
from benchmarks.table import markdown, share_lines
from benchmarks.verdict import Outcome

HERE = Path(__file__).parent
OURS, COALESCED, ALONE = "argus", "argus, 1 ms", "argus, 1 connection"
UNJOURNALED = "argus, no journal"
NAUTILUS_MESSAGES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One load, and who runs under it."""

    load: Load
    contestants: list[Contestant]
    ours: str


def contestants() -> list[Contestant]:
    """Return everyone who can take part; a peer's interpreter is that of its environment."""
    argus = Contestant(
        name=OURS, python=Path(sys.executable), script="argus_recorder", copies=2, is_endless=True
    )
    return [
        argus,
        replace(argus, name=COALESCED, options=(("coalesce_ms", 1),)),
        replace(argus, name=ALONE, copies=1, options=(("standby", 0),)),
        replace(argus, name=UNJOURNALED, options=(("journal", 0),)),
        peer(environments.CRYPTOFEED, "cryptofeed_recorder"),
        replace(
            peer(environments.NAUTILUS, "nautilus_recorder"),
            messages_max=NAUTILUS_MESSAGES,
            without_tls="its websocket client trusts only the authorities compiled into it",
        ),
    ]


def peer(recorder: environments.Peer, script: str) -> Contestant:
    """Return a peer, installed; if that fails, it takes part without figures."""
    try:
        python = environments.python_of(recorder)
    except subprocess.CalledProcessError as error:
        why = f"it could not be installed: {error}"
        return Contestant(name=recorder.name, python=Path(), script=script, absent=why)
    return Contestant(name=recorder.name, python=python, script=script)


def matches(args: argparse.Namespace, everyone: list[Contestant]) -> list[Match]:
    """Return what is to be run, in order."""
    full = (OURS, UNJOURNALED, ALONE, "cryptofeed", "nautilus")
    paced = (OURS, UNJOURNALED, COALESCED, "cryptofeed")
    # Without TLS and with it.
    loads = [
        (Load(profile=profile, messages=args.messages, is_tls=is_tls), full, OURS)
        for profile in ("agg_trade", "mix")
        for is_tls in (False, True)
    ] + [
        (
            Load(profile="mix", messages=rate * args.paced_s, rate_per_s=rate, is_tls=is_tls),
            paced,
            COALESCED,
        )
        for rate in (10_000, 40_000)
        for is_tls in (False, True)
    ]
    wanted = [each.strip() for each in args.contestants.split(";") if each]
    return [
        Match(
            load=load,
            contestants=[
                each
                for each in everyone
                if each.name in names and (not wanted or each.name in wanted)
            ],
            ours=ours,
        )
        for load, names, ours in loads
        if args.only in title(load)
    ]


def title(load: Load) -> str:
    """Return what a load is called in the report."""
    pace = f"{load.rate_per_s:,}/s, one segment each" if load.rate_per_s else "back to back"
    return f"{load.profile}, {pace}, {'TLS' if load.is_tls else 'plain'}"


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
    parts = [
        f"### {title(match.load)}",
        markdown(rounds, names, match.ours),
        share_lines(rounds, names, "cryptofeed") if match.load.rate_per_s else "",
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


def packages(everyone: list[Contestant]) -> dict[str, list[str]]:
    """Return what each contestant runs on."""
    present = [each for each in everyone if not each.absent]
    return {each.name: environments.versions(each.python) for each in present}


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
    facts: dict[str, Any] = {
        "machine": machine(),
        "packages": packages(everyone),
        "rounds": args.rounds,
        "matches": [],
    }
    args.json.parent.mkdir(parents=True, exist_ok=True)
    with venue.opened() as arena:
        for match in matches(args, everyone):
            print(title(match.load), file=sys.stderr, flush=True)
            rounds = play(arena, match, args.rounds)
            text = report(match, rounds)
            print(text, flush=True)
            facts["matches"].append(
                {
                    "title": title(match.load),
                    "load": asdict(match.load),
                    "rounds": [
                        {name: asdict(found) for name, found in each.items()} for each in rounds
                    ],
                    "markdown": text,
                }
            )
            args.json.write_text(json.dumps(facts, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
