"""Pure. The lines of a journal: `<ts_recv ns> <frame>`, in the layout of hftbacktest's collector.

What came over no stream stands between the frames as a generated one. A book snapshot is the
venue's answer, named as that collector names it; any other fact is its own fields as JSON, named
after its data type.
"""

from collections.abc import Sequence

import msgspec

from argus.events import BookSnapshot, Event

GENERATED = b'{"stream":"%b@%b","generated":true,"data":%b}'
SNAPSHOT = b"depthSnapshot"
LOST = b"lost"
"""Stands where lines are missing, since they could not be written."""

BEGIN = b"begin"
"""Stands before the first frame of a path in a run; its data is the data type."""

_encode = msgspec.json.Encoder().encode


def generated(spelling: str, data_type: str, fact: Event, answer: bytes = b"") -> bytes:
    """Return the frame of a fact that came over no stream.

    Args:
        spelling: its symbol as in the names of streams.
        data_type: its data type.
        fact: the fact.
        answer: for a book snapshot, the venue's answer.
    """
    if isinstance(fact, BookSnapshot):
        return GENERATED % (spelling.encode(), SNAPSHOT, answer)
    return GENERATED % (spelling.encode(), data_type.encode(), _encode(fact))


def begin(spelling: str, data_type: str) -> bytes:
    """Return the frame that says a path begins here."""
    return GENERATED % (spelling.encode(), BEGIN, b'"%b"' % data_type.encode())


def lost(lines: int) -> bytes:
    """Return the frame that says so many lines are missing here."""
    return GENERATED % (b"", LOST, b"%d" % lines)


def joined(lines: Sequence[int | bytes]) -> bytes:
    """Return lines as they stand in a file; a line break within a frame becomes a blank.

    JSON gives neither a meaning.

    Args:
        lines: stamp, frame, stamp, frame, … Pairs would cost a fifth of all that a journal does.
    """
    count = len(lines) // 2
    whole = b"%d %b\n" * count % tuple(lines)
    if whole.count(b"\n") == count:
        return whole
    mended = [x.replace(b"\n", b" ") if isinstance(x, bytes) else x for x in lines]
    return b"%d %b\n" * count % tuple(mended)
