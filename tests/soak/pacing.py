"""Let time pass between two readings of an instrument: not a guess that something is ready."""

from threading import Event


def pause(seconds: float) -> None:
    """Wait for so long."""
    Event().wait(seconds)
