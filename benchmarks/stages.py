"""Shell. Where Argus' CPU goes: `python -m benchmarks.stages` prints the cost of each stage.

Each stage runs in a process of its own, with everything before it and nothing after it, against the
same venue as `benchmarks.ingest`; the stages take turns within a round.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median

from benchmarks import venue
from benchmarks.arena import Arena, Contestant, Load
from benchmarks.contestants.argus_stages import PIPELINES, STAGES
from benchmarks.table import stages_markdown
from benchmarks.traffic import PROFILES

HERE = Path(__file__).parent


def contestants() -> list[Contestant]:
    """Return the stages that can be run, in their order."""
    return [
        Contestant(
            name=stage,
            python=Path(sys.executable),
            script="argus_stages",
            options=(("stage", number),),
        )
        for number, stage in enumerate(STAGES)
        if stage in PIPELINES
    ]


def measured(arena: Arena, load: Load, rounds: int) -> dict[str, float]:
    """Return the median CPU microseconds per message up to and with each stage."""
    costs: dict[str, list[float]] = {}
    for _ in range(rounds):
        for contestant in contestants():
            outcome = arena.outcome(contestant, load)
            if outcome.fault:
                raise SystemExit(f"{contestant.name}: {outcome.fault}")
            costs.setdefault(contestant.name, []).append(outcome.us_per_message)
    return {stage: median(values) for stage, values in costs.items()}


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description="CPU per message of Argus, stage by stage.")
    parser.add_argument("--messages", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "stages.json")
    args = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    with venue.opened() as arena:
        for profile in PROFILES:
            load = Load(profile=profile, messages=args.messages, is_tls=args.tls)
            found[profile] = measured(arena, load, args.rounds)
    print(stages_markdown(found))
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
