"""`argus simulate`, as a process of its own."""

import json
import signal
import subprocess
import sys

from click.testing import CliRunner

from argus.cli.main import main


def test_simulator_says_where_it_listens_and_ends_at_a_signal():
    command = [sys.executable, "-m", "argus", "simulate", "--source", "binance_usdm", "--symbols"]
    with subprocess.Popen([*command, "BTCUSDT"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert list(ready["websocket_urls"]) == ["public", "market"]
    assert ready["rest_url"].startswith("http://127.0.0.1:")


def test_option_that_cannot_be_simulated_is_one_line():
    result = CliRunner().invoke(main, ["simulate", "--rate", "0"])
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: 0.0 as rate, where more than 0 events per second was expected\n",
    )
