"""Dead letters: frames that could not be decoded are kept with their bytes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from argus.daemon import letters
from argus.daemon.letters import LetterBox

SECOND = 1_000_000_000
NOON = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()) * SECOND


def test_frames_are_appended_in_the_layout_of_recordings(tmp_path: Path):
    box = LetterBox(tmp_path)
    file = box("binance_spot", NOON + 7, b'{"stream":"a')
    assert box("binance_spot", NOON + 8, b"\xff\x00") == file
    assert Path(file) == tmp_path / "dead_letters/binance_spot/2026-11-20.txt"
    assert Path(file).read_bytes() == (
        b'%d {"stream":"a\n' % (NOON + 7) + b"%d \xff\x00\n" % (NOON + 8)
    )
    assert (box.kept.total(), box.lost) == (2, 0)


def test_line_breaks_inside_a_frame_do_not_break_the_line(tmp_path: Path):
    file = LetterBox(tmp_path)("a", NOON, b'{\n"x":1\n}')
    assert Path(file).read_bytes() == b'%d { "x":1 }\n' % NOON


def test_each_source_and_day_in_utc_has_its_file(tmp_path: Path):
    box = LetterBox(tmp_path)
    midnight = NOON + 12 * 3600 * SECOND
    files = [box("a", midnight - 1000, b"x"), box("a", midnight, b"x"), box("b", midnight, b"x")]
    assert [str(Path(f).relative_to(tmp_path / "dead_letters")) for f in files] == [
        *("a/2026-11-20.txt", "a/2026-11-21.txt", "b/2026-11-21.txt")
    ]


def test_what_is_there_from_before_is_kept(tmp_path: Path):
    LetterBox(tmp_path)("a", NOON, b"one")
    file = LetterBox(tmp_path)("a", NOON, b"two")
    assert Path(file).read_bytes() == b"%d one\n%d two\n" % (NOON, NOON)


def test_full_file_takes_no_more_and_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(letters, "FILE_BYTES_MAX", 60)
    box = LetterBox(tmp_path)
    told = [box("a", NOON, b"x" * 20) for _ in range(3)]
    assert told[0] == told[1].replace("not kept: ", "").replace(" is full", "")
    assert told[1:] == [f"not kept: {told[0]} is full"] * 2
    assert (box.kept.total(), box.lost) == (1, 2)


def test_folder_that_cannot_be_written_is_told_and_nothing_fails(tmp_path: Path):
    (tmp_path / "dead_letters").write_text("a file")
    box = LetterBox(tmp_path)
    assert box("a", NOON, b"x").startswith("not kept: ")
    assert (box.kept.total(), box.lost) == (0, 1)
