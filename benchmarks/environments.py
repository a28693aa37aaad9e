"""Shell. Each peer in a virtual environment of its own, installed once and kept."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Peer:
    """A recorder made by others, and the packages that are pinned for it."""

    name: str
    packages: tuple[str, ...]


CRYPTOFEED = Peer("cryptofeed", ("cryptofeed==2.4.1", "pyarrow>=19"))
NAUTILUS = Peer("nautilus", ("nautilus_trader==1.221.0",))
MLFINPY = Peer("mlfinpy", ("mlfinpy==0.1.2", "numpy<2", "scikit-learn"))


def python_of(peer: Peer) -> Path:
    """Return the interpreter of the peer's environment, which is made if it is not there."""
    folder = HERE / ".venvs" / peer.name
    python, seal = folder / "bin" / "python", folder / "packages.txt"
    packages = "\n".join(peer.packages)
    if seal.exists() and seal.read_text() == packages:
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    command = [str(python), "-m", "pip", "install", "--quiet", *peer.packages]
    subprocess.run(command, check=True, stdout=sys.stderr)
    seal.write_text(packages)
    return python


def versions(python: Path) -> list[str]:
    """Return what is installed beside an interpreter, pinned as pip writes it."""
    command = [str(python), "-m", "pip", "freeze", "--quiet"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
