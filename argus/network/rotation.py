"""Pure. The rotation planner of one shard: values in, commands out.

A shard is a set of streams carried by `1 + standby` connections, its slots. A connection gets a
successor before the venue cuts it; the predecessor's `Close` is given only together with the
successor's `Promote`, once every stream is sewn. A shard never has more than `connections_max`
connections (invariant I4), and one that is missing is dialled again (liveness).

`Rotation` is frozen; `step` returns the next value and the commands to carry out, in order. A bug
report is a list of inputs. Times are monotonic nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from argus.network.backoff import Backoff

LIVED_NS = 2_000_000_000
"""A connection that ends sooner counts as a failed dial: its venue accepts and cuts at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many connections, and how long each may live.

    The first rotation of each slot comes early by its share of the lifetime, so that two slots do
    not rotate together.
    """

    standby: int
    lifetime_ns: int
    backoff: Backoff

    @property
    def slots(self) -> int:
        """Return how many connections carry the shard when none is being replaced."""
        return 1 + self.standby

    @property
    def connections_max(self) -> int:
        """Return how many connections the shard may have: one successor at a time."""
        return self.slots + 1


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection as the planner sees it."""

    number: int
    slot: int
    ts_expires: int | None = None
    is_live: bool = False
    is_successor: bool = False
    ts_dialled: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """Dialling state of one slot: failures in a row, and when the next dial is allowed."""

    failures: int = 0
    ts_dial: int = 0
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Rotation:
    """The state of one shard."""

    policy: Policy
    slots: tuple[Slot, ...]
    connections: tuple[Connection, ...] = ()
    next_number: int = 0
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Live:
    """The venue has acknowledged all subscriptions of a connection."""

    number: int


@dataclass(frozen=True, slots=True)
class Sewn:
    """Every stream of a successor is sewn."""

    number: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A connection is gone, or could not be opened. `jitter` is a random number in [0, 1)."""

    number: int
    jitter: float


@dataclass(frozen=True, slots=True)
class Doomed:
    """A connection must be replaced: its end is announced, or one of its streams is silent."""

    number: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The shard is to end."""


type_of_input = Tick | Live | Sewn | Ended | Doomed | Stop


@dataclass(frozen=True, slots=True)
class Dial:
    """Open a connection and subscribe the shard's streams on it."""

    number: int
    slot: int


@dataclass(frozen=True, slots=True)
class Promote:
    """The successor takes its predecessor's slot."""

    number: int
    predecessor: int


@dataclass(frozen=True, slots=True)
class Close:
    """Close a connection."""

    number: int


type_of_command = Dial | Promote | Close


def start(policy: Policy) -> Rotation:
    """Return a shard without connections; the first `Tick` dials them."""
    return Rotation(policy, slots=(Slot(),) * policy.slots)


def step(
    state: Rotation, given: type_of_input, now_ns: int
) -> tuple[Rotation, list[type_of_command]]:
    """Return the next state and the commands to carry out in order.

    Inputs about connections that the state no longer holds are stale and change nothing.
    """
    match given:
        case Tick():
            return _tick(state, now_ns)
        case Live(number):
            return _live(state, number), []
        case Sewn(number):
            return _sewn(state, number)
        case Ended(number, jitter):
            return _ended(state, number, jitter, now_ns), []
        case Doomed(number):
            return _doomed(state, number, now_ns)
        case Stop():
            closes: list[type_of_command] = [Close(c.number) for c in state.connections]
            return replace(state, is_stopped=True, connections=()), closes


def find(state: Rotation, number: int) -> Connection | None:
    """Return a connection by its number."""
    return next((c for c in state.connections if c.number == number), None)


def successor(state: Rotation) -> Connection | None:
    """Return the connection that is to replace another one."""
    return next((c for c in state.connections if c.is_successor), None)


def _current(state: Rotation, slot: int) -> Connection | None:
    return next((c for c in state.connections if c.slot == slot and not c.is_successor), None)


def _change(state: Rotation, connection: Connection) -> Rotation:
    kept = [connection if c.number == connection.number else c for c in state.connections]
    return replace(state, connections=tuple(kept))


def _tick(state: Rotation, now_ns: int) -> tuple[Rotation, list[type_of_command]]:
    if state.is_stopped:
        return state, []
    commands: list[type_of_command] = []
    for slot in range(state.policy.slots):
        if _current(state, slot) is None and state.slots[slot].ts_dial <= now_ns:
            state, dial = _dial(state, slot, now_ns, is_successor=False)
            commands.append(dial)
    if successor(state) is None:
        old = _most_overdue(state, now_ns)
        if old is not None:
            state, dial = _dial(state, old.slot, now_ns, is_successor=True)
            commands.append(dial)
    return state, commands


def _most_overdue(state: Rotation, now_ns: int) -> Connection | None:
    due = [
        (c.ts_expires, c.number, c)
        for c in state.connections
        if c.ts_expires is not None
        and c.ts_expires <= now_ns
        and state.slots[c.slot].ts_dial <= now_ns
    ]
    return min(due, key=lambda d: d[:2])[2] if due else None


def _dial(state: Rotation, slot: int, now_ns: int, *, is_successor: bool) -> tuple[Rotation, Dial]:
    number = state.next_number
    connection = Connection(number, slot, is_successor=is_successor, ts_dialled=now_ns)
    assert len(state.connections) < state.policy.connections_max
    grown = replace(state, connections=(*state.connections, connection), next_number=number + 1)
    return grown, Dial(number, slot)


def _lifetime_ns(state: Rotation, slot: int) -> int:
    policy = state.policy
    if state.slots[slot].generation == 0:
        return policy.lifetime_ns * (slot + 1) // policy.slots
    return policy.lifetime_ns


def _live(state: Rotation, number: int) -> Rotation:
    connection = find(state, number)
    if connection is None or connection.is_live:
        return state
    expires = connection.ts_dialled + _lifetime_ns(state, connection.slot)
    if connection.ts_expires is not None:
        expires = min(expires, connection.ts_expires)
    state = _change(state, replace(connection, is_live=True, ts_expires=expires))
    slot = state.slots[connection.slot]
    return _put_slot(state, connection.slot, replace(slot, generation=slot.generation + 1))


def _put_slot(state: Rotation, index: int, slot: Slot) -> Rotation:
    slots = (*state.slots[:index], slot, *state.slots[index + 1 :])
    return replace(state, slots=slots)


def _sewn(state: Rotation, number: int) -> tuple[Rotation, list[type_of_command]]:
    new = find(state, number)
    if new is None or not new.is_successor or not new.is_live:
        return state, []
    old = _current(state, new.slot)
    assert old is not None
    kept = tuple(
        replace(c, is_successor=False) if c is new else c for c in state.connections if c is not old
    )
    commands: list[type_of_command] = [Promote(number, old.number), Close(old.number)]
    return replace(state, connections=kept), commands


def _ended(state: Rotation, number: int, jitter: float, now_ns: int) -> Rotation:
    gone = find(state, number)
    if gone is None:
        return state
    kept = tuple(c for c in state.connections if c is not gone)
    if not gone.is_successor:
        # Promote at once: the successor delivers what it can, the ids decide what is missing.
        kept = tuple(replace(c, is_successor=False) if c.slot == gone.slot else c for c in kept)
    slot = state.slots[gone.slot]
    has_lived = gone.is_live and now_ns - gone.ts_dialled >= LIVED_NS
    failures = 0 if has_lived else slot.failures + 1
    backoff = state.policy.backoff
    wait_ns = backoff.delay_ns(failures, jitter) if failures else int(jitter * backoff.first_ns)
    slot = Slot(failures, now_ns + wait_ns, slot.generation)
    return _put_slot(replace(state, connections=kept), gone.slot, slot)


def _doomed(state: Rotation, number: int, now_ns: int) -> tuple[Rotation, list[type_of_command]]:
    doomed = find(state, number)
    if doomed is None:
        return state, []
    if doomed.is_successor:
        kept = tuple(c for c in state.connections if c is not doomed)
        slot = state.slots[doomed.slot]
        wait_ns = state.policy.backoff.delay_ns(slot.failures + 1, 0.5)
        slot = Slot(slot.failures + 1, now_ns + wait_ns, slot.generation)
        return _put_slot(replace(state, connections=kept), doomed.slot, slot), [Close(number)]
    return _change(state, replace(doomed, ts_expires=now_ns)), []
