"""Recordings come out as they went in: the same bytes, in the same order, at any speed."""

import gzip
import json
from itertools import islice
from pathlib import Path

import pytest

from argus.simulator import Source, Venue
from argus.simulator.errors import NotByReplay, RecordingError
from argus.simulator.replay import Replay, lines_of
from tests.simulator.client import dial, play, venue_of
from tests.simulator.readers import tops_at_diffs
from tests.simulator.test_rest import Rest

FILES = {
    Source.BINANCE_SPOT: "binance_spot/btcusdt_20240808.gz",
    Source.BINANCE_USDM: "binance_usdm/btcusdt_20240808.gz",
}
LINES = 4000
FAR_NS = 10**19


@pytest.fixture(params=list(Source))
def slice_of(request, recordings, tmp_path) -> tuple[Source, Path]:
    """The beginning of a recording, in a file of its own."""
    source = request.param
    path = tmp_path / "slice.gz"
    with gzip.open(recordings / FILES[source], "rb") as whole, gzip.open(path, "wb") as part:
        part.writelines(islice(whole, LINES))
    return source, path


def recorded(path: Path) -> list[tuple[str, bytes]]:
    return [(line.name, line.payload) for line in lines_of(path) if not line.is_snapshot]


def test_all_payloads_come_out_untouched_and_in_order(slice_of):
    source, path = slice_of
    facts = Replay(source, (path,)).advance(FAR_NS)
    assert [(f[0].name, f[3]) for f in facts] == recorded(path)
    assert all(f'"{key}":{f[2]}'.encode() in f[3] for f in facts for key in (_id_key(f[0].kind),))


def _id_key(kind: str) -> str:
    return {"trade": "t", "bookTicker": "u", "depth": "u"}[kind]


def test_facts_are_due_at_their_recorded_instants(slice_of):
    source, path = slice_of
    replay = Replay(source, (path,))
    middle = replay.now_ns + 5 * 10**9
    first = replay.advance(middle)
    assert first[-1][1] <= middle < replay.advance(FAR_NS)[0][1]
    assert replay.is_finished


def test_the_first_snapshot_is_answered_byte_for_byte_until_a_diff_passes_it(slice_of):
    source, path = slice_of
    replay = Replay(source, (path,))
    snapshot = next(line.payload for line in lines_of(path) if line.is_snapshot)
    assert replay.depth("BTCUSDT", 1000) == snapshot
    assert len(json.loads(replay.depth("BTCUSDT", 5) or b"")["bids"]) == 5
    facts = replay.advance(FAR_NS)
    later = json.loads(replay.depth("BTCUSDT", 1000) or b"")
    last = [json.loads(f[3]) for f in facts if f[0].kind == "depth"][-1]
    assert later["lastUpdateId"] == last["u"]


@pytest.mark.parametrize("seconds", [0, 5, 10])
def test_the_book_has_the_recorded_top_whenever_it_is_asked_for(slice_of, seconds):
    source, path = slice_of
    replay = Replay(source, (path,))
    before = replay.advance(replay.now_ns + seconds * 10**9)
    snapshot = json.loads(replay.depth("BTCUSDT", 1000) or b"")
    kinds = {"depth", "bookTicker"}
    events = [json.loads(f[3]) for f in before + replay.advance(FAR_NS) if f[0].kind in kinds]
    pairs = tops_at_diffs(snapshot, events)
    assert len(pairs) > 20
    assert [book for book, _ in pairs] == [best for _, best in pairs]


def test_a_played_recording_reaches_a_client_whole(slice_of):
    source, path = slice_of
    names = sorted({name for name, _ in recorded(path)})

    async def scene(venue: Venue) -> None:
        url = venue.websocket_urls.get("public", venue.websocket_url)
        client = await dial(url, f"/stream?streams={'/'.join(names)}")
        await venue.finished.wait()
        for name in names:
            payloads = [payload for found, payload in recorded(path) if found == name]
            assert await client.has(name, len(payloads)) == payloads

    play(scene, lambda: venue_of(source, replay=(path,), speed=0, wait_for_connections=1))


def test_rest_answers_from_the_recording(slice_of):
    source, path = slice_of
    trades = [json.loads(p) for name, p in recorded(path) if name == "btcusdt@trade"]

    async def scene(venue: Venue) -> None:
        await venue.finished.wait()
        rest = Rest(venue)
        rows = await rest.rows(
            f"historicalTrades?symbol=BTCUSDT&fromId={trades[10]['t']}&limit=50",
            {"X-MBX-APIKEY": "any"},
        )
        assert [(r["id"], r["price"], r["time"]) for r in rows] == [
            (t["t"], t["p"], t["T"]) for t in trades[10:60]
        ]
        info = await rest.rows("exchangeInfo")
        assert [one["symbol"] for one in info["symbols"]] == ["BTCUSDT"]

    play(scene, lambda: venue_of(source, replay=(path,), speed=100.0 * 100))


def test_files_are_merged_by_their_instants(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(
        b'1 {"stream":"a@trade","data":{"s":"A","t":1}}\n'
        b'5 {"stream":"a@trade","data":{"s":"A","t":2}}\n'
    )
    second.write_bytes(b'3 {"stream":"b@depth@0ms","data":{"s":"B","U":1,"u":2,"b":[],"a":[]}}\n')
    replay = Replay(Source.BINANCE_USDM, (first, second))
    assert [spec.symbol for spec in replay.listed()] == ["A", "B"]
    assert [f[1] for f in replay.advance(FAR_NS)] == [1, 3, 5]
    assert replay.delisted() == []
    assert replay.open_interest("A") == "0.000"
    assert replay.open_interest("C") is None


def test_a_wrapped_snapshot_belongs_to_the_symbol_of_its_name(tmp_path):
    path = tmp_path / "journal"
    book = b'{"lastUpdateId":7,"bids":[["1.0","2.0"]],"asks":[]}'
    path.write_bytes(
        b'1 {"stream":"a@trade","data":{"s":"A","t":1}}\n'
        b'2 {"stream":"b@trade","data":{"s":"B","t":1}}\n'
        b'3 {"stream":"b@depthSnapshot","generated":true,"data":' + book + b"}\n"
    )
    replay = Replay(Source.BINANCE_SPOT, (path,))
    assert replay.depth("B", 10) == book
    assert replay.depth("A", 10) is None
    assert len(replay.advance(FAR_NS)) == 2


def test_what_is_no_recording_is_refused_with_its_line(tmp_path):
    path = tmp_path / "notes"
    path.write_bytes(b'1 {"stream":"a@trade","data":{"s":"A","t":1}}\nhello\n')
    with pytest.raises(RecordingError, match="line 2") as raised:
        Replay(Source.BINANCE_SPOT, (path,))
    assert raised.value.line == 2


def test_a_recording_cannot_list_or_delist(tmp_path):
    path = tmp_path / "recording"
    path.write_bytes(b'1 {"stream":"a@trade","data":{"s":"A","t":1}}\n')
    replay = Replay(Source.BINANCE_SPOT, (path,))
    replay.shift_clock(5)
    for wish in (
        lambda: replay.list_symbol("B"),
        lambda: replay.delist_symbol("A"),
        lambda: replay.skip_ids("A", "trade", 1),
    ):
        with pytest.raises(NotByReplay):
            wish()
