"""A recorder that dies at a step of its takeover: `python -m tests.daemon.dying STEP WORDS…`.

Steps: `positions:3` before the third question, `accepting` before its generation is accepted,
`accepted` right after, `leaving` before the old one is asked to leave, `left` after its answer.
"""

import dataclasses
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import argus.daemon.takeover
import argus.daemon.world
from argus.cli.main import main
from argus.control.client import consult
from argus.storage.generation import accept

STEPS = ("positions:1", "positions:2", "positions:5", "accepting", "accepted", "leaving", "left")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def begin(step: str) -> None:
    asked = 0

    async def ask(path: Path, verb: str, args: Mapping[str, object]) -> object:
        nonlocal asked
        asked += verb == "positions"
        if (verb == "positions" and step == f"positions:{asked}") or (verb, step) == (
            *("leave", "leaving"),
        ):
            die()
        answer = await consult(path, verb, args)
        if (verb, step) == ("leave", "left"):
            die()
        return answer

    def accepted(*args: Any, **keys: Any) -> None:
        if step == "accepting":
            die()
        accept(*args, **keys)
        if step == "accepted":
            die()

    real = argus.daemon.world.this_machine
    argus.daemon.world.this_machine = lambda: dataclasses.replace(real(), consult=ask)
    argus.daemon.takeover.accept = accepted  # type: ignore[attr-defined]


if __name__ == "__main__":
    begin(sys.argv.pop(1))
    main()
