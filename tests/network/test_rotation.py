"""The rotation planner: what it never does, and what it does in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argus.network.backoff import Backoff
from argus.network.rotation import (
    LIVED_NS,
    Close,
    Dial,
    Doomed,
    Ended,
    Live,
    Policy,
    Promote,
    Rotation,
    Sewn,
    Stop,
    Tick,
    find,
    start,
    step,
    successor,
    type_of_command,
    type_of_input,
)

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
BACKOFF = Backoff(first_ns=SECOND, longest_ns=60 * SECOND)


def policy_of(standby: int, lifetime_ns: int = 12 * HOUR) -> Policy:
    return Policy(standby, lifetime_ns, BACKOFF)


# --- safety: whatever is put in, in whatever order -------------------------------------------


class RotationMachine(RuleBasedStateMachine):
    """Feeds the planner anything, stale inputs too, and keeps count of the open connections."""

    @initialize(standby=st.integers(0, 2), lifetime_s=st.integers(1, 100))
    def begin(self, standby: int, lifetime_s: int) -> None:
        self.now = 0
        self.state = start(policy_of(standby, lifetime_s * SECOND))
        self.open: dict[int, int] = {}  # number -> slot
        self.live: set[int] = set()
        self.dialled = 0
        self.is_stopped = False

    def put(self, given: type_of_input) -> list[type_of_command]:
        before = self.state
        self.state, commands = step(self.state, given, self.now)
        if self.is_stopped:
            assert commands == []
        number = getattr(given, "number", None)
        if number is not None and number not in self.open:
            assert (self.state, commands) == (before, []), "stale inputs change nothing"
        return commands

    def numbers(self) -> st.SearchStrategy[int]:
        return st.integers(0, self.dialled + 1)

    @rule(seconds=st.integers(0, 30))
    def tick(self, seconds: int) -> None:
        self.now += seconds * SECOND
        for command in self.put(Tick()):
            assert isinstance(command, Dial), "time alone closes nothing"
            assert command.number == self.dialled, "numbers rise"
            self.open[command.number] = command.slot
            self.dialled += 1

    @rule(data=st.data())
    def live_(self, data: st.DataObject) -> None:
        number = data.draw(self.numbers())
        assert self.put(Live(number)) == []
        if number in self.open:
            self.live.add(number)

    @rule(data=st.data())
    def sewn(self, data: st.DataObject) -> None:
        number = data.draw(self.numbers())
        was = successor(self.state)
        commands = self.put(Sewn(number))
        if commands:
            assert was is not None
            assert was.number == number
            assert number in self.live
            old = next(n for n, slot in self.open.items() if slot == was.slot and n != number)
            assert commands == [Promote(number, old), Close(old)]
            del self.open[old]
        else:
            assert was is None or was.number != number or number not in self.live

    @rule(data=st.data(), jitter=st.floats(0, 1, exclude_max=True))
    def ended(self, data: st.DataObject, jitter: float) -> None:
        number = data.draw(self.numbers())
        assert self.put(Ended(number, jitter)) == []
        self.open.pop(number, None)

    @rule(data=st.data())
    def doomed(self, data: st.DataObject) -> None:
        number = data.draw(self.numbers())
        was = successor(self.state)
        commands = self.put(Doomed(number))
        if was is not None and was.number == number:
            assert commands == [Close(number)], "a successor that cannot be sewn is given up"
            del self.open[number]
        else:
            assert commands == [], "nothing is closed before its successor is sewn"

    @precondition(lambda self: self.dialled > 3)
    @rule()
    def stop(self) -> None:
        commands = self.put(Stop())
        assert commands == [Close(number) for number in self.open]
        self.open.clear()
        self.is_stopped = True

    @invariant()
    def never_has_more_than_its_connections(self) -> None:
        assert len(self.open) <= self.state.policy.connections_max
        assert [c.number for c in self.state.connections] == list(self.open)

    @invariant()
    def never_has_more_than_one_successor_and_one_connection_a_slot(self) -> None:
        carrying = [c.slot for c in self.state.connections if not c.is_successor]
        assert len(carrying) == len(dict.fromkeys(carrying))
        assert sum(c.is_successor for c in self.state.connections) <= 1


TestRotation = RotationMachine.TestCase
TestRotation.settings = settings(max_examples=80, stateful_step_count=40)


# --- liveness: once faults are over ----------------------------------------------------------


@dataclass
class Network:
    """Carries out what the planner commands: dials take a while, and seams another.

    Until `ts_healed` it does what the weather says: refuses, cuts, never acknowledges or sews.
    """

    state: Rotation
    weather: Callable[[], str]
    ts_healed: int
    dial_ns: int = SECOND // 2
    seam_ns: int = 2 * SECOND
    now: int = 0
    ts_dialled: dict[int, int] = field(default_factory=dict)
    ts_live: dict[int, int] = field(default_factory=dict)
    fate: dict[int, str] = field(default_factory=dict)
    closed_uncovered: list[int] = field(default_factory=list)

    def put(self, given: type_of_input) -> None:
        self.state, commands = step(self.state, given, self.now)
        for command in commands:
            match command:
                case Dial(number):
                    self.ts_dialled[number] = self.now
                    self.fate[number] = self.weather() if self.now < self.ts_healed else "fair"
                case Close(number):
                    self.ts_dialled.pop(number)
                    self.ts_live.pop(number, None)
                case Promote():
                    pass

    def lose(self, number: int) -> None:
        self.ts_dialled.pop(number)
        self.ts_live.pop(number, None)
        self.put(Ended(number, 0.5))

    def turn(self, span_ns: int) -> None:
        self.now += span_ns
        for number, ts in list(self.ts_dialled.items()):
            self._carry(number, self.now - ts)
        self.put(Tick())

    def _carry(self, number: int, age: int) -> None:
        fate = self.fate[number]
        is_live = number in self.ts_live
        if self.now >= self.ts_healed and fate != "fair":
            self.lose(number)  # whatever hung is found out in the end
        elif fate == "refused" or (fate == "cut" and age > 5 * SECOND):
            self.lose(number)
        elif age >= self.dial_ns and not is_live and fate != "hangs":
            self.ts_live[number] = self.now
            self.put(Live(number))
        elif fate == "doomed" and age > 3 * SECOND:
            self.put(Doomed(number))
        new = successor(self.state)
        if (
            new is not None
            and new.number == number
            and number in self.ts_live
            and self.now - self.ts_live[number] >= self.seam_ns
            and fate != "unsewn"
        ):
            self.put(Sewn(number))


WEATHERS = ["fair", "refused", "cut", "hangs", "unsewn", "doomed"]


@settings(max_examples=60)
@given(
    standby=st.integers(0, 2),
    lifetime_s=st.integers(60, 300),
    bad_s=st.integers(0, 600),
    data=st.data(),
)
def test_once_faults_are_over_every_slot_has_a_connection_that_is_never_too_old(
    standby, lifetime_s, bad_s, data
):
    fates = data.draw(st.lists(st.sampled_from(WEATHERS), min_size=1, max_size=20))
    dealt = iter(range(10**9))
    policy = policy_of(standby, lifetime_s * SECOND)
    network = Network(
        start(policy), lambda: fates[next(dealt) % len(fates)], ts_healed=bad_s * SECOND
    )
    # Longest wait, dial, seam; and slots whose turn has come wait for one another.
    slack = BACKOFF.longest_ns + policy.slots * (network.dial_ns + network.seam_ns + 4 * SECOND)
    while network.now < network.ts_healed + slack:
        network.turn(SECOND)
    end = network.now + 3 * policy.lifetime_ns
    while network.now < end:
        network.turn(SECOND)
        live = [c for c in network.state.connections if c.number in network.ts_live]
        assert sorted({c.slot for c in live}) == list(range(policy.slots))
        ages = [network.now - network.ts_dialled[c.number] for c in live]
        assert max(ages) <= policy.lifetime_ns + slack


@settings(max_examples=30)
@given(standby=st.integers(0, 2), lifetime_s=st.integers(30, 300))
def test_in_fair_weather_no_connection_closes_before_its_successor_is_live(standby, lifetime_s):
    policy = policy_of(standby, lifetime_s * SECOND)
    network = Network(start(policy), lambda: "fair", ts_healed=0)
    for _ in range(5):
        network.turn(SECOND)
    while network.now < 4 * policy.lifetime_ns:
        network.turn(SECOND)
        assert len(network.ts_live) >= policy.slots


# --- by example ------------------------------------------------------------------------------


type_of_step = tuple[Any, int]  # an input and its instant


def run(state: Rotation, *inputs: type_of_step) -> tuple[Rotation, list[list[type_of_command]]]:
    answers = []
    for given_, now_ns in inputs:
        state, commands = step(state, given_, now_ns)
        answers.append(commands)
    return state, answers


def test_first_tick_dials_every_slot_and_no_more():
    state, answers = run(start(policy_of(1)), (Tick(), 0), (Tick(), 1))
    assert answers == [[Dial(0, 0), Dial(1, 1)], []]
    assert [c.number for c in state.connections] == [0, 1]


def test_expired_connection_gets_a_successor_and_is_closed_only_with_its_promotion():
    _, answers = run(
        start(policy_of(0)),
        (Tick(), 0),
        (Live(0), SECOND),
        (Tick(), 12 * HOUR - 1),
        (Tick(), 12 * HOUR),
        (Tick(), 13 * HOUR),
        (Sewn(1), 13 * HOUR),
        (Live(1), 13 * HOUR),
        (Sewn(1), 13 * HOUR),
        (Tick(), 13 * HOUR),
    )
    assert answers == [
        *[[Dial(0, 0)], [], [], [Dial(1, 0)], [], [], [], [Promote(1, 0), Close(0)], []]
    ]


def test_first_rotation_of_each_slot_comes_early_by_its_share():
    state, _ = run(start(policy_of(1)), (Tick(), 0), (Live(0), 1), (Live(1), 1))
    assert [c.ts_expires for c in state.connections] == [6 * HOUR, 12 * HOUR]


def test_slots_rotate_one_after_the_other():
    _, answers = run(
        start(policy_of(1)),
        *[(Tick(), 0), (Live(0), 0), (Live(1), 0), (Tick(), 20 * HOUR), (Tick(), 20 * HOUR)],
        *[(Live(2), 20 * HOUR), (Sewn(2), 20 * HOUR), (Tick(), 20 * HOUR)],
    )
    assert answers[3:] == [[Dial(2, 0)], [], [], [Promote(2, 0), Close(0)], [Dial(3, 1)]]


def test_doomed_connection_gets_a_successor_at_once():
    _, answers = run(start(policy_of(0)), (Tick(), 0), (Live(0), 1), (Doomed(0), 2), (Tick(), 2))
    assert answers == [[Dial(0, 0)], [], [], [Dial(1, 0)]]


def test_connection_that_is_doomed_before_it_is_live_stays_doomed():
    _, answers = run(
        start(policy_of(0)),
        *[(Tick(), 0), (Doomed(0), 1), (Live(0), 2), (Tick(), 3), (Live(1), 4), (Sewn(1), 5)],
    )
    assert answers[3:] == [[Dial(1, 0)], [], [Promote(1, 0), Close(0)]]


def test_doomed_successor_is_closed_and_another_dialled_after_a_while():
    _, answers = run(
        start(policy_of(0)),
        *[(Tick(), 0), (Live(0), 1), (Doomed(0), 2), (Tick(), 2), (Live(1), 3), (Doomed(1), 4)],
        *[(Tick(), 5), (Tick(), 4 + SECOND)],
    )
    assert answers[5:] == [[Close(1)], [], [Dial(2, 0)]]


def test_successors_that_fail_again_and_again_wait_ever_longer():
    state, _ = run(start(policy_of(0)), (Tick(), 0), (Live(0), 1), (Doomed(0), 2))
    now, waits = 2, []
    for number in range(1, 5):
        state, _ = run(state, (Tick(), now), (Doomed(number), now))
        waits.append((state.slots[0].ts_dial - now) / SECOND)
        now = state.slots[0].ts_dial
    assert waits == [0.75, 1.5, 3, 6]


def test_acknowledgement_that_comes_twice_does_not_prolong_a_life():
    state, _ = run(start(policy_of(0)), (Tick(), 0), (Live(0), 1), (Doomed(0), 2), (Live(0), 3))
    assert [c.ts_expires for c in state.connections] == [2]


def test_lost_connection_is_dialled_again_within_the_first_delay():
    lost = 10 + LIVED_NS
    state, _ = run(start(policy_of(0)), (Tick(), 0), (Live(0), 1), (Ended(0, 0.5), lost))
    assert state.slots[0].ts_dial == lost + SECOND // 2
    assert step(state, Tick(), lost + SECOND // 2 - 1)[1] == []
    assert step(state, Tick(), lost + SECOND // 2)[1] == [Dial(1, 0)]


def test_connection_that_is_cut_as_soon_as_it_lives_is_dialled_ever_more_rarely():
    state, waits, now = start(policy_of(0)), [], 0
    for number in range(4):
        state, _ = run(state, (Tick(), now), (Live(number), now), (Ended(number, 0.5), now + 1))
        waits.append(state.slots[0].ts_dial - (now + 1))
        now = state.slots[0].ts_dial
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]


def test_refused_dials_wait_ever_longer_up_to_the_longest():
    state, now, waits = start(policy_of(0)), 0, []
    for number in range(9):
        state, _ = run(state, (Tick(), now), (Ended(number, 0.0), now))
        waits.append((state.slots[0].ts_dial - now) / SECOND)
        now = state.slots[0].ts_dial
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_successor_takes_the_slot_at_once_when_its_predecessor_dies():
    state, answers = run(
        start(policy_of(0)),
        *[(Tick(), 0), (Live(0), 1), (Doomed(0), 2), (Tick(), 2), (Ended(0, 0.0), 3), (Tick(), 4)],
    )
    assert answers[4:] == [[], []]
    assert [(c.number, c.is_successor) for c in state.connections] == [(1, False)]


def test_stop_closes_everything_and_nothing_is_dialled_any_more():
    state, answers = run(
        start(policy_of(1)),
        *[(Tick(), 0), (Stop(), 1), (Tick(), 2), (Live(0), 3), (Ended(1, 0.1), 4), (Stop(), 5)],
    )
    assert answers == [[Dial(0, 0), Dial(1, 1)], [Close(0), Close(1)], [], [], [], []]
    assert find(state, 0) is None


@pytest.mark.parametrize("standby", [0, 1, 3])
def test_one_successor_at_a_time_is_allowed_beyond_the_slots(standby):
    policy = policy_of(standby)
    assert (policy.slots, policy.connections_max) == (1 + standby, 2 + standby)
