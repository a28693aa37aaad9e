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
        now = replace(CANDLE, change=len(wishes), closed=len(wishes) > 1, trades=len(wishes))
        return {"candles": msgspec.to_builtins([now]), "change": now.change}

    async def run() -> Result:
        async with serve_control(folder / "argus.sock", {"candles": candles}):
            arguments = ["bars", "follow", *words, "--data", str(folder)]
            return await asyncio.to_thread(CliRunner().invoke, main, arguments)

    result = asyncio.run(run())
    assert result.exit_code == 0, result.output
    assert [wish["since"] for wish in wishes] == list(range(len(wishes)))
    assert wishes[0]["symbol"] == "BTCUSDT"
    return result


def test_each_change_is_given_once_with_waits_between_looks():
    later = replace(CANDLE, ts_open=CANDLE.ts_open + MINUTE, change=2)
    waits: list[int] = []
    found = changes(answers([CANDLE], [], [later]), lambda: waits.append(1))
    assert list(itertools.islice(found, 2)) == [CANDLE, later]
    assert len(waits) == 2


def test_answer_of_another_version_is_one_clear_error():
    def strange(_: int) -> dict[str, object]:
        return {"candles": [{"maker": "moon"}], "change": 1}

    with pytest.raises(DaemonError, match="not understood"):
        next(changes(strange, lambda: None))


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
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: no recorder is running; nothing listens at {tmp_path}/argus.sock\n",
    )
