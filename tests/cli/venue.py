"""A simulated venue in a process of its own, and a configuration that records it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ARGUS = [sys.executable, "-m", "argus"]


@contextmanager
def simulated(*words: str) -> Iterator[dict[str, Any]]:
    """Simulate a venue; give what it says about itself."""
    with subprocess.Popen(
        [*ARGUS, "simulate", *words], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def configured(folder: Path, venue: dict[str, Any], **keys: object) -> Path:
    """Write a configuration that records a simulated spot venue into `folder/data`."""
    settings = {
        "websocket_url": venue["websocket_url"],
        "rest_url": venue["rest_url"],
        "symbols": ["BTCUSDT"],
        **keys,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    file = folder / "argus.toml"
    file.write_text(
        "\n".join(
            [
                "[storage]",
                f"data = {json.dumps(str(folder / 'data'))}",
                "flush_every_s = 0.5",
                "[sources.binance_spot]",
                *lines,
            ]
        )
    )
    return file
