"""The real service over the drill's own place: the processes of `chizheng serve` and `chizheng worker`, on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.settings import PREFIX, Settings

HOST = "127.0.0.1"
INSTANCE = "app.drill.rehearsal.instance"
_PATIENCE_SECONDS = 90.0
_STOP_SECONDS = 30.0


class NotServing(Exception):
    """An instance did not begin to serve; its log says why."""


@dataclass(frozen=True)
class Running:
    """What runs: the ports of the serving processes, and the process ids of all."""

    ports: tuple[int, ...]
    process_ids: tuple[int, ...]

    def kill(self) -> None:
        """`kill -9` of every process: what was acknowledged must be there all the same."""
        for process_id in self.process_ids:
            os.kill(process_id, signal.SIGKILL)


def own_environment(settings: Settings) -> dict[str, str]:
    """The environment of a process under these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | settings.environ()


@contextmanager
def serving(settings: Settings, *, instances: int, log: Path, module: str = INSTANCE) -> Iterator[Running]:
    """Run that many instances, and a worker where the deployment has one apart; they are gone afterwards, and with
    this process however it ends. Raises NotServing."""
    with ExitStack() as stack:
        started: list[tuple[int, subprocess.Popen[bytes]]] = []
        for number in range(instances):
            port = _free_port()
            inside = settings.worker_inside and not number
            own = {"port": port, "public_base_url": f"http://{HOST}:{port}", "worker_inside": inside}
            chosen = settings.model_copy(update=own)
            started.append((port, stack.enter_context(_process(module, "serve", own_environment(chosen), log))))
        process_ids = [process.pid for _, process in started]
        if not settings.worker_inside:
            process_ids.append(stack.enter_context(_process(module, "work", own_environment(settings), log)).pid)
        for port, process in started:
            _await(port, process, log)
        yield Running(tuple(port for port, _ in started), tuple(process_ids))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def _process(module: str, role: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as sink:
        # Its standard input is a pipe from here: when we are gone, however that came about, it reads the end and stops.
        process = subprocess.Popen(  # noqa: S603 - this very interpreter, with a module of ours
            [sys.executable, "-m", module, role],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=sink,
            cwd=Path(__file__).resolve().parents[3],
            env=environment,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with socket.create_connection((HOST, port), timeout=5) as probe:
                probe.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
                if probe.recv(16):
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > until:
            raise NotServing(log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)
