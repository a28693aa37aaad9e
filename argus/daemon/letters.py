"""Shell. Dead letters: frames that could not be decoded, kept with their bytes.

One file per source and UTC day, a line each: `<ts_recv ns> <bytes>`, the layout that `argus
import` reads once the decoder is mended. A line break inside a frame is replaced by a blank, since
JSON gives neither a meaning.
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

FOLDER = "dead_letters"
FILE_BYTES_MAX = 256 * 2**20


class LetterBox:
    """Appends undecodable frames to files below the data folder.

    Args:
        data: the data folder.

    Attributes:
        kept: frames kept, by source.
        lost: frames that could not be kept.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        self.kept: Counter[str] = Counter()
        self.lost = 0

    def __call__(self, source: str, ts_recv: int, frame: bytes) -> str:
        """Keep one frame; return the file, or why it could not be kept."""
        day = datetime.fromtimestamp(ts_recv / 1e9, UTC).date().isoformat()
        file = self._folder / source / f"{day}.txt"
        line = b"%d %s\n" % (ts_recv, frame.replace(b"\n", b" "))
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("ab") as out:
                if out.tell() + len(line) > FILE_BYTES_MAX:
                    self.lost += 1
                    return f"not kept: {file} is full"
                out.write(line)
        except OSError as error:
            self.lost += 1
            return f"not kept: {error}"
        self.kept[source] += 1
        return str(file)
