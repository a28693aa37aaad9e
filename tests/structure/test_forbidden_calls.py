"""Calls that belong into one place stay there (rules 14, 17, 25, 28 and 38)."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.structure.tree import Module, dotted, modules, references

CLOCK = "argus/clock.py"
SUPERVISOR = "argus/daemon/supervisor.py"
SPAWNERS = (SUPERVISOR, "argus/network/dispatcher.py", "argus/simulator/")
LOGGERS = ("argus/telemetry/", "argus/daemon/", "argus/cli/")
WAITING = "tests/waiting.py"

READINGS_OF_THE_CLOCK = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    *(
        f"time.{name}{unit}"
        for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")
        for unit in ("", "_ns")
    ),
}


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    names = {id(node): name for node, name in references(module)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and id(node.func) in names:
            yield node, names[id(node.func)]


def is_zero(call: ast.Call) -> bool:
    return len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and not call.args[0].value


def readings_of_the_clock(module: Module) -> Iterator[str]:
    if module.path != CLOCK:
        for node, name in references(module):
            if name in READINGS_OF_THE_CLOCK:
                yield f"{module.at(node)}: {name}; take `now`, or a Clock"


def sleeps(module: Module) -> Iterator[str]:
    if module.path not in {CLOCK, WAITING}:
        for call, name in calls(module):
            if name == "time.sleep" or (name == "asyncio.sleep" and not is_zero(call)):
                yield f"{module.at(call)}: {name}; wait for the fact, or pace with a Clock"


def loose_tasks(module: Module) -> Iterator[str]:
    if not module.path.startswith(SPAWNERS):
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            is_bare = owner in {"", "asyncio"} or "loop" in owner
            if name == "ensure_future" or (name == "create_task" and is_bare):
                yield f"{module.at(node)}: {name}; use a TaskGroup"


def broad_excepts(module: Module) -> Iterator[str]:
    if module.path != SUPERVISOR:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            for kind in caught:
                name = "everything" if kind is None else dotted(kind)
                if name in {"everything", "Exception", "BaseException"}:
                    yield f"{module.at(node)}: catches {name}; only supervisor.py may"


def silent_suppressions(module: Module) -> Iterator[str]:
    lines = module.text.splitlines()
    for call, name in calls(module):
        if name == "contextlib.suppress":
            around = lines[max(call.lineno - 2, 0) : call.lineno]
            if not any("#" in line for line in around):
                yield f"{module.at(call)}: suppress without a comment that says why"


def prints(module: Module) -> Iterator[str]:
    for call, name in calls(module):
        if name == "print":
            yield f"{module.at(call)}: print; report it, or click.echo in a command"


def loggers(module: Module) -> Iterator[str]:
    if not module.path.startswith(LOGGERS):
        for node, name in references(module):
            if name == "logging.getLogger":
                yield f"{module.at(node)}: {name}; report an event of telemetry.py"


RULES: list[Callable[[Module], Iterator[str]]] = [
    readings_of_the_clock,
    sleeps,
    loose_tasks,
    broad_excepts,
    silent_suppressions,
    prints,
    loggers,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks_the_rule(rule: Callable[[Module], Iterator[str]]):
    assert [found for module in modules("argus") for found in rule(module)] == []


def test_no_test_sleeps_instead_of_waiting_for_a_fact():
    assert [found for module in modules("tests") for found in sleeps(module)] == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (readings_of_the_clock, "import time\ntime.monotonic()"),
        (readings_of_the_clock, "from time import time_ns as now\nnow()"),
        (readings_of_the_clock, "import datetime as dt\ndt.datetime.now(dt.UTC)"),
        (readings_of_the_clock, "from datetime import datetime\nf(now=datetime.now)"),
        (sleeps, "import time\ntime.sleep(0)"),
        (sleeps, "import asyncio\nasyncio.sleep(delay_s)"),
        (sleeps, "from asyncio import sleep\nsleep(0.5)"),
        (loose_tasks, "asyncio.create_task(f())"),
        (loose_tasks, "asyncio.get_running_loop().create_task(f())"),
        (loose_tasks, "self.loop.create_task(f())"),
        (loose_tasks, "create_task(f())"),
        (loose_tasks, "asyncio.ensure_future(f())"),
        (broad_excepts, "try: f()\nexcept Exception: raise"),
        (broad_excepts, "try: f()\nexcept: pass"),
        (broad_excepts, "try: f()\nexcept (OSError, BaseException) as e: g(e)"),
        (silent_suppressions, "import contextlib\nwith contextlib.suppress(OSError): f()"),
        (silent_suppressions, "from contextlib import suppress\nwith suppress(OSError): f()"),
        (prints, "print('x')"),
        (loggers, "import logging\nlogging.getLogger('x')"),
    ],
)
def test_breach_is_found(rule: Callable[[Module], Iterator[str]], code: str):
    assert len(list(rule(Module("argus/x.py", code)))) == 1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (readings_of_the_clock, "clock.time_ns()\nself.time()"),
        (sleeps, "import asyncio\nasyncio.sleep(0)\nclock.sleep(delay_s)"),
        (loose_tasks, "group.create_task(f())\nself._tasks.create_task(f())"),
        (broad_excepts, "try: f()\nexcept (OSError, ArgusError): g()"),
        (silent_suppressions, "import contextlib\n# Why.\nwith contextlib.suppress(OSError): f()"),
        (prints, "self.print('x')"),
    ],
)
def test_what_is_allowed_is_let_be(rule: Callable[[Module], Iterator[str]], code: str):
    assert list(rule(Module("argus/x.py", code))) == []
