"""Real trades: imported, built in bulk into the lake, and beside them the frames fed one by one."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from argus.bars import NAMES, Profile, Series, Trades, profile
from argus.cli.main import main
from argus.lake.bars import stored_bars
from tests.daemon.test_recordings import imported, lines

OWN: dict[str, tuple[str, dict[str, Any]]] = {
    "ticks": ("tick", {"size": 250}),
    "sizes": ("volume", {"size": 20.0}),
    "dollars": ("dollar", {"size": 1_000_000.0}),
    "tick_imbalances": ("tick_imbalance", {"expected_ticks_initial": 50.0, "length_max": 400}),
    "volume_imbalances": ("volume_imbalance", {"expected_ticks_initial": 50.0}),
    "dollar_imbalances": ("dollar_imbalance", {"expected_ticks_initial": 50.0}),
    "tick_runs": ("tick_run", {"expected_ticks_initial": 50.0}),
    "volume_runs": ("volume_run", {"expected_ticks_initial": 50.0}),
    "dollar_runs": ("dollar_run", {"expected_ticks_initial": 50.0}),
}
DEFAULTS = ("1s", "1m", *NAMES)


def profiles() -> list[Profile]:
    own = [Profile.of(name, rule, **values) for name, (rule, values) in OWN.items()]
    return [*map(profile, DEFAULTS), *own]


def configuration(folder: Path) -> Path:
    path = folder / "argus.toml"
    text = [f"[bars]\nprofiles = {json.dumps([p.name for p in profiles()])}"]
    for name, (rule, values) in OWN.items():
        text.append(f'[bars.profile.{name}]\nrule = "{rule}"')
        text += [f"{key} = {value}" for key, value in values.items()]
    path.write_text("\n".join(text))
    return path


def raw(recordings: Path, source: str) -> list[tuple[float, float, int, int, int]]:
    """The trades as the frames have them, decoded by nothing of ours."""
    facts = [f["data"] for _, f in lines(recordings, source) if f.get("stream") == "btcusdt@trade"]
    return [
        (float(d["p"]), float(d["q"]), -1 if d["m"] else 1, d["T"] * 10**6, d["t"]) for d in facts
    ]


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_bars_built_in_bulk_are_those_of_the_frames_one_by_one(
    tmp_path: Path, recordings: Path, source: str
):
    data = tmp_path / "data"
    imported(recordings, source, data)
    words = ["bars", "build", "--data", str(data), "--config", str(configuration(tmp_path))]
    told = CliRunner().invoke(main, [*words, "--json"])
    assert told.exit_code == 0, told.output
    series = Series(profiles())
    bars = [bar for one in raw(recordings, source) for bar in series.feed(Trades.of([one]))]
    assert json.loads(told.stdout)["written"] == len(bars) > 1000
    for name in (p.name for p in profiles()):
        want = [bar for bar in bars if bar.profile == name]
        found = stored_bars(data, source, "BTCUSDT", name).drop_columns(["ts_recv"]).to_pylist()
        assert len(found) == len(want), name
        for row, bar in zip(found, want, strict=True):
            assert {k: _plain(v) for k, v in row.items()} == {k: getattr(bar, k) for k in row}
    assert CliRunner().invoke(main, [*words, "--compare"]).exit_code == 0


def _plain(value: object) -> object:
    return value.value if hasattr(value, "value") else value
