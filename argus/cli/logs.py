"""Shell. Log lines on stderr: for people, or as JSON objects."""

import json
import logging
import sys

from argus.cli.words import instant
from argus.config import LogConfig, LogFormat, LogLevel


class _ForPeople(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return time, level and text in one line."""
        ts = instant(int(record.created * 1e9))
        return f"{ts} {record.levelname.lower():<7} {record.getMessage()}"


class _ForPrograms(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON object in one line."""
        line = {
            "ts": instant(int(record.created * 1e9)),
            "level": record.levelname.lower(),
            "text": record.getMessage(),
        }
        return json.dumps(line, ensure_ascii=False)


def configure(log: LogConfig) -> None:
    """Send our log lines to stderr from now on, in the way that the configuration says."""
    writing = logging.StreamHandler(sys.stderr)
    writing.setFormatter(_ForPrograms() if log.format is LogFormat.JSON else _ForPeople())
    logger = logging.getLogger("argus")
    logger.handlers[:] = [writing]
    logger.setLevel(log.level.upper())
    logger.propagate = False


def silence() -> None:
    """Write no log lines, where a screen shows what happens; errors are still told."""
    configure(LogConfig(level=LogLevel.ERROR))
