"""`argus bars follow`, against a control socket."""

import asyncio
import itertools
import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from argus.bars.candles import Candle, Maker
from argus.cli.bars.following import changes, line_of
from argus.cli.main import main
from argus.control.server import serve_control
from argus.daemon.ohlcv import LAST_MAX
from argus.errors import DaemonError

MINUTE = 60_000_000_000
CANDLE = Candle(
    ts_open=1_700_000_040 * 10**9,
    open=1.5,
    high=2.25,
    low=1.0,
    close=2.0,
    volume=1234.5,
    quote_volume=2500.0,
    buy_volume=600.0,
    trades=4321,
    closed=True,
    change=1,
)


def answers(*parts: list[Candle]):
    """What a recorder answers, one look after the other."""
    told = iter(parts)

    def ask_since(since: int) -> dict[str, object]:
        candles = next(told)
        assert since == 0 or all(c.change > since for c in candles)
        change = max((c.change for c in candles), default=since)
        return {"candles": msgspec.to_builtins(candles), "change": change}

    return ask_since


def asked(folder: Path, *words: str) -> Result:
    """Run the verb while a recorder listens whose candle changes at each look."""
    wishes = []

    async def candles(symbol: str, source: str, interval: str, last: int, since: int) -> object:
        assert (source, interval, last) == ("", "1m", 20)
        wishes.append({"symbol": symbol, "since": since})
        if symbol == "NOPE" and len(wishes) == 1:
            return {"candles": [], "change": 1}
        now = replace(CANDLE, change=len(wishes), closed=len(wishes) > 1, trades=len(wishes))
        return {"candles": msgspec.to_builtins([now]), "change": now.change}

    async def run() -> Result:
        async with serve_control(folder / "argus.sock", {"candles": candles}):
            arguments = ["bars", "follow", *words, "--data", str(folder)]
            return await asyncio.to_thread(CliRunner().invoke, main, arguments)

    result = asyncio.run(run())
    assert result.exit_code == 0, result.output
    assert [wish["since"] for wish in wishes] == list(range(len(wishes)))
    assert wishes[0]["symbol"] == words[0]
    return result


def test_each_change_is_given_once_with_waits_between_looks():
    later = replace(CANDLE, ts_open=CANDLE.ts_open + MINUTE, change=2)
    waits: list[int] = []
    ask_since = answers([CANDLE], [], [later])
    found = changes(ask_since, lambda: waits.append(1), ask_since(0))
    assert list(itertools.islice(found, 2)) == [CANDLE, later]
    assert len(waits) == 2


def test_answer_of_another_version_is_one_clear_error():
    def strange(_: int) -> dict[str, object]:
        return {"candles": [{"maker": "moon"}], "change": 1}

    with pytest.raises(DaemonError, match="not understood"):
        next(changes(strange, lambda: None, strange(0)))


def test_line_has_the_numbers_and_says_what_is_special():
    want = ["2023-11-14T22:14:00.000Z", "1.5", "2.25", "1", "2", "1234.5", "4,321"]
    assert line_of(CANDLE).split() == want
    special = replace(CANDLE, closed=False, maker=Maker.VENUE, gap=True)
    assert line_of(special).endswith("forming, from the venue, trades missing")


def test_candles_are_lines_under_their_names(tmp_path: Path):
    lines = asked(tmp_path, "BTCUSDT", "--count", "2").stdout.splitlines()
    assert lines[0].split() == ["begin", "open", "high", "low", "close", "volume", "trades"]
    assert lines[1].endswith("forming")
    assert not lines[2].endswith("forming")
    assert [line.index("2.25") for line in lines[1:]] == [lines[1].index("2.25")] * 2


def test_json_has_a_line_for_each_change(tmp_path: Path):
    lines = asked(tmp_path, "BTCUSDT", "--count", "2", "--json").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [(c["trades"], c["closed"], c["maker"]) for c in found] == [
        (1, False, "trades"),
        (2, True, "trades"),
    ]


def test_nobody_who_listens_is_one_clear_line(tmp_path: Path):
    result = CliRunner().invoke(main, ["bars", "follow", "BTCUSDT", "--data", str(tmp_path)])
    assert (result.exit_code, result.output) == (
        1,
        f"Error: no recorder is running; nothing listens at {tmp_path}/argus.sock\n",
    )


def test_symbol_without_candles_is_told(tmp_path: Path):
    result = asked(tmp_path, "NOPE", "--count", "1")
    assert result.stderr == "no candle of NOPE yet; waiting for its trades\n"
    assert len(result.stdout.splitlines()) == 2


def test_more_candles_than_there_may_be_are_refused(tmp_path: Path):
    for last in ("0", "5001"):
        words = ["bars", "follow", "BTCUSDT", "--last", last, "--data", str(tmp_path)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 2
        assert f"1<=x<={LAST_MAX}" in result.stderr
