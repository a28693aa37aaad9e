import json

from click.testing import CliRunner

from argus.bars import NAMES
from argus.cli.main import main
from tests.cli.bars.lakes import BUILD, made, typed


def test_defaults_are_listed_with_their_parameters(tmp_path):
    told = json.loads(typed(tmp_path / "none", "bars", "list", "--json").stdout)
    profiles = {one["name"]: one for one in told["profiles"]}
    assert {*NAMES, "1s", "1m"} <= profiles.keys()
    assert profiles["tib_small"]["rule"] == "tick_imbalance"
    assert profiles["tib_small"]["parameters"]["expected_ticks_initial"] == 100
    assert told["series"] == []


def test_profiles_of_the_configuration_come_first_and_are_marked(tmp_path):
    config = tmp_path / "argus.toml"
    config.write_text(
        '[bars]\nprofiles = ["vpin", "mine"]\n[bars.profile.mine]\nrule = "tick"\nsize = 9\n'
    )
    words = ["bars", "list", "--config", str(config), "--data", str(tmp_path)]
    text = CliRunner().invoke(main, words).stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[2].startswith("vpin* vpin raven bucket_size=10000")
    assert lines[3].startswith("mine* tick afml size=9")
    assert text.count("vpin*") == 1
    assert "no bars are stored; `argus bars build` builds some" in text


def test_series_that_are_stored_are_counted(tmp_path):
    data = made(tmp_path)
    typed(data, *BUILD)
    series = json.loads(typed(data, "bars", "list", "--symbol", "A", "--json").stdout)["series"]
    assert [(s["symbol"], s["profile"], s["sequence"] == s["bars"]) for s in series] == [
        ("A", "1m", True), ("A", "tib_small", True),
    ]  # fmt: skip
    text = typed(data, "bars", "list").stdout
    assert "tib_small  venue_spot" in text
    assert "2023-11-15T00:00:0" in text
