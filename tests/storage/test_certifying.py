import errno
import json
from hashlib import sha256

import pytest

from argus.storage import certifying
from argus.storage.audit import verify
from argus.storage.certificate import certificate_of, path_of
from argus.storage.certifying import Certified, certificate_at, certify
from argus.storage.holding import NO_LINKS
from argus.storage.partition import Partition
from tests.storage.facts import Crash, FailingDisk, files, partition, trades
from tests.storage.test_audit import AFTER, BEFORE, gap, record

NOW = 1_700_000_000 * 10**9
HOUR = 3600 * 10**9


def certified(data, *, argus="1.0", now_ns=NOW, disk=None):
    disk = disk or FailingDisk("token")
    return certify(data, verify(data).days, argus=argus, now_ns=now_ns, disk=disk)


def on_disk(data):
    found = [name for name in files(data) if name.startswith("certificates")]
    stats = {name: (data / name).stat() for name in found}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}


def test_each_path_and_day_gets_its_certificate_beside_the_lake(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-1, 2])}, "gap": {"A": [gap(0, 1)]}})
    assert certified(tmp_path) == Certified(tmp_path / "certificates", written=3)
    assert list(on_disk(tmp_path)) == [
        "certificates/source=venue_spot/data_type=gap/symbol=A/year=2023/date=2023-11-14.json",
        "certificates/source=venue_spot/data_type=trade/symbol=A/year=2023/date=2023-11-14.json",
        "certificates/source=venue_spot/data_type=trade/symbol=A/year=2023/date=2023-11-15.json",
    ]
    found = json.loads((tmp_path / list(on_disk(tmp_path))[2]).read_bytes())
    content = (tmp_path / partition("A", AFTER).path).read_bytes()
    assert found["file"]["sha256"] == sha256(content).hexdigest()
    assert {name: found[name] for name in ("rows", "expected", "missing", "grade", "verdict")} == {
        "rows": 1,
        "expected": 3,
        "missing": 2,
        "grade": "A",
        "verdict": "complete but for recorded gaps",
    }
    assert (found["argus"], found["made"]) == ("1.0", "2023-11-14T22:13:20Z")


def test_certificate_is_read_as_it_was_made(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-1, 2])}})
    certified(tmp_path)
    for day in verify(tmp_path).days:
        made = certificate_of(day, argus="1.0", now_ns=NOW)
        assert certificate_at(tmp_path, day.partition) == made
    assert certificate_at(tmp_path, Partition("no", "trade", "A", AFTER)) is None


def test_certificate_that_says_the_same_is_left_as_it_is(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-1, 0]), "B": trades([1])}})
    certified(tmp_path)
    before = on_disk(tmp_path)
    again = certified(tmp_path, now_ns=NOW + HOUR)
    assert (again.written, again.unchanged) == (0, 3)
    assert on_disk(tmp_path) == before
    record(tmp_path, {"trade": {"A": trades([1])}})
    again = certified(tmp_path, now_ns=NOW + HOUR)
    assert (again.written, again.unchanged) == (1, 2)
    found = certificate_at(tmp_path, partition("A", AFTER))
    assert found is not None
    assert (found.rows, found.made) == (2, "2023-11-14T23:13:20Z")
    assert certified(tmp_path, argus="1.1").written == 3


def test_damaged_certificate_is_written_anew(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-1])}})
    certified(tmp_path)
    path = tmp_path / path_of(partition("A", BEFORE))
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert certified(tmp_path).written == 1
    assert path.read_bytes() == whole


def test_empty_lake_gets_no_folder(tmp_path):
    assert certified(tmp_path) == Certified(tmp_path / "certificates")
    assert files(tmp_path) == []


@pytest.mark.parametrize("code", sorted(NO_LINKS))
def test_read_only_folder_is_told_and_is_no_error(tmp_path, monkeypatch, code):
    def refused(*_):
        raise OSError(code, "not here")

    record(tmp_path, {"trade": {"A": trades([-1])}})
    monkeypatch.setattr(certifying, "passing_folder", refused)
    assert certified(tmp_path) == Certified(tmp_path / "certificates", refused="not here")


def test_full_disk_is_an_error(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-1])}})
    with pytest.raises(OSError, match="ENOSPC"):
        certified(tmp_path, disk=FailingDisk("token", fails_at=1, error=errno.ENOSPC))


def test_a_crash_at_any_step_leaves_no_half_certificate_and_no_litter(tmp_path):
    record(tmp_path, {"trade": {"A": trades([-1]), "B": trades([-1])}})
    certified(tmp_path, argus="2.0")
    steps = FailingDisk("token")
    certified(tmp_path, disk=steps)
    before = {name: (tmp_path / name).read_bytes() for name in on_disk(tmp_path)}
    for number in range(steps.steps):
        with pytest.raises(Crash):
            certified(tmp_path, argus="2.0", disk=FailingDisk("token", fails_at=number))
        for symbol in "AB":
            found = certificate_at(tmp_path, partition(symbol, BEFORE))
            assert found is not None
            assert found.argus in {"1.0", "2.0"}
        certified(tmp_path)
        assert {name: (tmp_path / name).read_bytes() for name in on_disk(tmp_path)} == before
