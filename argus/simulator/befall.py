"""Shell. What a fault does to one connection."""

from argus.simulator.faults import FRAME_KINDS, Fault, FaultKind
from argus.simulator.limits import SECOND_NS
from argus.simulator.session import Session
from argus.simulator.tamper import Tamper


def befall(session: Session, fault: Fault, now: int) -> None:
    """Let a fault that concerns connections begin on one of them."""
    value_ns = int(fault.value_s * SECOND_NS)
    if fault.kind in FRAME_KINDS:
        session.tamper = session.tamper or Tamper()
        session.tamper.add(fault, now)
        return
    match fault.kind:
        case FaultKind.CUT:
            session.abort()
        case FaultKind.HALF_OPEN:
            session.is_mute = True
            session.end_ns = fault.end_ns(now)
        case FaultKind.DELAY:
            session.delay_ns = value_ns
            session.jitter_ns = int(fault.jitter_s * SECOND_NS)
            session.delay_end_ns = fault.end_ns(now)
        case FaultKind.SLOW_PONG:
            session.pong_delay_ns = value_ns
        case FaultKind.SLOW_ACK:
            session.ack_delay_ns = value_ns
        case FaultKind.SERVER_SHUTDOWN:
            session.tell_shutdown(now)
            session.end_ns = now + value_ns
        case _:
            msg = f"{fault.kind} does not concern a connection"
            raise AssertionError(msg)
