"""What waits is tested against planning anew, in `test_plan`; here is what only it has."""

from argus.storage.backlog import Backlog, Gathered
from tests.storage.test_plan import stored


def test_nothing_waits_in_the_beginning():
    backlog = Backlog()
    assert (backlog.waiting(), backlog.finished(), backlog.chunks) == ([], [], set())


def test_shares_of_a_chunk_add_up():
    chunk = stored("g", 1, ("A", 3), ("B", 5))
    gathered = Gathered()
    for piece in chunk.pieces:
        gathered.add(chunk, piece)
    assert (gathered.rows, gathered.size_bytes) == (8, 80)
