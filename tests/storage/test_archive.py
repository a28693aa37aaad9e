"""The raw archive: journal segments that are kept."""

from pathlib import Path

from argus.daemon.recorded import lines, open_recording
from argus.storage.archive import PART_BYTES, archive, forget
from argus.storage.disk import LocalDisk
from argus.storage.journal import segment_path
from argus.storage.partition import DAY_NS, day_of

TS = day_of("2026-11-20") * DAY_NS + 5
DISK = LocalDisk("run", is_durable=False)


def segment(data: Path, number: int, content: bytes) -> Path:
    path = segment_path(data, "run", "venue_spot", number)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read(path: Path) -> list[tuple[int, bytes]]:
    with open_recording(path) as file:
        return list(lines(file, torn=lambda: None, is_strict=True))


def test_segment_is_packed_under_its_first_day_and_read_like_any_recording(tmp_path: Path):
    frame = b"x" * 1000
    wanted = [(TS + n, frame) for n in range(3 * PART_BYTES // 1000)]
    source = segment(tmp_path, 7, b"".join(b"%d %b\n" % line for line in wanted))
    kept = archive(DISK, tmp_path, source)
    assert kept == tmp_path / f"raw/source=venue_spot/date=2026-11-20/{TS}_run_00000007.zst"
    assert read(kept) == wanted
    assert kept.stat().st_size < source.stat().st_size / 10


def test_segment_without_a_line_leaves_nothing(tmp_path: Path):
    assert archive(DISK, tmp_path, segment(tmp_path, 1, b"")) is None
    assert not (tmp_path / "raw").exists()


def test_archive_is_kept_for_whole_days(tmp_path: Path):
    kept = []
    for day in range(4):
        line = b"%d {}\n" % (TS + day * DAY_NS)
        kept.append(archive(DISK, tmp_path, segment(tmp_path, day, line)))
    left = lambda: [path for path in kept if path is not None and path.exists()]  # noqa: E731
    now = TS + 3 * DAY_NS
    assert forget(DISK, tmp_path, 3.5, now) == 0
    assert left() == kept
    assert forget(DISK, tmp_path, 2, now) == 1
    assert left() == kept[1:]
    assert forget(DISK, tmp_path, 0.5, now) == 1
    assert left() == kept[2:]
