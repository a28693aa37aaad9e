"""Log lines on stderr."""

import json
import logging
import re

import pytest

from argus.cli.logs import configure
from argus.config import LogConfig, LogFormat, LogLevel


@pytest.fixture(autouse=True)
def untouched():
    logger = logging.getLogger("argus")
    before = (logger.handlers[:], logger.level, logger.propagate)
    yield
    logger.handlers[:], logger.level, logger.propagate = before


def test_line_for_people(capsys: pytest.CaptureFixture[str]):
    configure(LogConfig())
    logging.getLogger("argus").info("Chunk flushed")
    logging.getLogger("argus").debug("too much")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info    Chunk flushed\n", capsys.readouterr().err
    )


def test_line_for_programs(capsys: pytest.CaptureFixture[str]):
    configure(LogConfig(level=LogLevel.ERROR, format=LogFormat.JSON))
    logging.getLogger("argus").warning("too much")
    logging.getLogger("argus").error('Gap found: path="a"')
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["text"]) == ("error", 'Gap found: path="a"')
