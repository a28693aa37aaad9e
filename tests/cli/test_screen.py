"""What is seen of a recorder."""

from argus.cli.screen import line
from tests.cli.test_running import STATUS


def test_status_in_one_line():
    assert line(STATUS) == (
        "1 h 2 min  streams 10  connections 0  facts 1,234  (0/s)  rotations 0  gaps 3  "
        "chunks 5  date files 0"
    )
