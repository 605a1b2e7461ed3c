"""Processes of ours: the product and the yardsticks, each on a loopback port of its own, ended by their id."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE_SECONDS = 90.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Running:
    """A server that takes connections."""

    port: int
    process: subprocess.Popen[bytes]

    def computed(self) -> float:
        """Seconds of processor time that it has used so far (all its threads), to the nanosecond."""
        return _computed(self.process.pid)


def computed_by(pid: int) -> float:
    """Processor seconds of a process, of the children that it has and of those that have ended."""
    ended = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15])) / _TICKS
    found = _computed(pid) + ended
    for child in children_of(pid):
        with suppress(OSError):
            found += _computed(child)
    return found


def children_of(pid: int) -> list[int]:
    """The children that a process has now."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def _computed(pid: int) -> float:
    return time.clock_gettime(~pid << 3 | 2)  # Linux: the clock of another process


@contextmanager
def running(module: str, *arguments: str, log: Path, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run a module that serves on the listening socket it is given as standard input; it is gone afterwards.

    Raises RuntimeError with the end of its log where it does not answer.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        port = listener.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHIZHENG_")}
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=listener.fileno(), stdout=sink, stderr=sink, cwd=ROOT, env={**kept, **(environment or {})},
            )  # fmt: skip
    try:
        _await(port, process, log)
        yield Running(port, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                probe.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
                if probe.recv(16):
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"a server did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.05)
