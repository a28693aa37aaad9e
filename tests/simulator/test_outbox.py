"""Delays never change the order of what is sent."""

from hypothesis import given
from hypothesis import strategies as st

from argus.simulator.outbox import Outbox


@given(delays=st.lists(st.integers(0, 20), max_size=30))
def test_what_was_put_first_is_taken_first_and_not_before_it_is_due(delays):
    outbox, sent = Outbox(), b""
    for now, delay in enumerate(delays):
        outbox.put(bytes([now]), now + delay)
        sent += outbox.take(now)
    due = [max(n + d for n, d in enumerate(delays[: k + 1])) for k in range(len(delays))]
    assert len(sent) == sum(instant < len(delays) for instant in due)
    sent += outbox.take(1000)
    assert sent == bytes(range(len(delays)))
    assert len(outbox) == 0


def test_a_cleared_outbox_has_nothing_to_send():
    outbox = Outbox()
    outbox.put(b"x", 1)
    outbox.clear()
    assert outbox.take(5) == b""
