"""The states of a source's bars as bytes, and back."""

from zlib import crc32

import pytest
from msgspec import msgpack

from argus.bars import Profile, profile
from argus.daemon.bars.building import Building, Saved, beginning
from argus.daemon.bars.states import MAGIC, pack, unpack
from argus.errors import ForeignFile, TornFile
from tests.daemon.bars.shelf import trades_of

PROFILES = (profile("1s"), profile("vpin", bucket_size=500.0, buckets=3), profile("tib_small"))


def saved(*batches: range) -> Saved:
    building = Building(Saved(beginning(PROFILES)), kept_max=1)
    for batch in batches:
        building.feed(trades_of(batch))
    return building.saved()


def packed() -> bytes:
    symbols = {"BTCUSDT": saved(range(9), range(20, 50), range(60, 99)), "ETHUSDT": saved()}
    return pack("trade", PROFILES, symbols)


def opened(data: bytes, profiles=PROFILES, data_type: str = "trade"):
    return unpack(data, data_type=data_type, profiles=profiles, where="x.states")


def test_states_come_back_as_they_were():
    found = opened(packed())
    assert found is not None
    assert (found["BTCUSDT"].at.after, found["BTCUSDT"].forgotten) == (98, ((8, 20),))
    assert [(at.after, at.until) for at in found["BTCUSDT"].kept] == [(49, 60)]
    assert found["ETHUSDT"].at.after is None
    assert found["BTCUSDT"].at.last["sequence"].tolist()[0] == 20
    assert pack("trade", PROFILES, found) == packed()


def test_states_go_on_where_they_were():
    at = opened(packed())["BTCUSDT"]
    one, other = Building(at), Building(saved(range(9), range(20, 50), range(60, 99)))
    rest = trades_of(range(99, 300))
    assert [list(b) for b in one.feed(rest)] == [list(b) for b in other.feed(rest)]


def test_profiles_may_be_left_out_and_put_in_another_order():
    found = opened(packed(), (PROFILES[2], PROFILES[0]))
    assert found is not None
    assert found["BTCUSDT"].at.series.profiles == (PROFILES[2], PROFILES[0])
    assert found["BTCUSDT"].at.last["sequence"].tolist()[1] == 20


@pytest.mark.parametrize(
    "profiles",
    [
        (*PROFILES, profile("5s")),
        (profile("1s", empty=True), *PROFILES[1:]),
        (Profile.of("1s", "tick", size=5), *PROFILES[1:]),
    ],
)
def test_states_of_other_profiles_are_of_no_use(profiles):
    assert opened(packed(), profiles) is None


def test_states_of_other_trades_are_of_no_use():
    assert opened(packed(), data_type="agg_trade") is None


@pytest.mark.parametrize("size", [len(MAGIC) + 4, 200, -1])
def test_torn_states_are_told(size):
    with pytest.raises(TornFile, match=r"x\.states"):
        opened(packed()[:size])


@pytest.mark.parametrize("data", [b"", b"PAR1 something else", MAGIC.replace(b"2", b"3")])
def test_foreign_states_are_told(data):
    with pytest.raises(ForeignFile, match=r"x\.states"):
        opened(data)


def test_whole_file_of_something_else_is_told():
    body = msgpack.encode({"data_type": 5})
    with pytest.raises(ForeignFile, match="data_type"):
        opened(MAGIC + b"%08x\n" % crc32(body) + body)
