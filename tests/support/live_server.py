"""The real service in a process of its own, on loopback, to be killed as power cuts kill.

    with live_server(url, folder) as server: server.kill(); server.start()

The process is forked off one that has read the whole program already. It may be one of the broken builds that checkers
are shown to catch (`tests.support.broken_builds`).
"""

import resource
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import uvicorn

from app.attempts.journal import Journal
from app.commands.service import server_config, take_port
from app.grading.marking import Marker
from app.main import create_app, make_house
from app.observability import logs
from app.settings import Settings
from app.web.quick_protocol import quick_protocol
from tests.support.broken_builds import CLOCKS, JOURNALS, PROTOCOLS, SkewedClock
from tests.support.forks import fork
from tests.support.read_only import obey_modes

PATIENCE_SECONDS = 240


class LiveServer:
    """One process of the service; `start` it again after `kill`."""

    def __init__(
        self, url: str, folder: Path, *, build: str = "", skew_seconds: float = 0, obeys_modes: bool = False
    ) -> None:
        if build and build not in {*JOURNALS, *CLOCKS, *PROTOCOLS}:
            raise ValueError(f"there is no build {build}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self._environment = {
            "CHIZHENG_DATABASE_URL": url,
            "CHIZHENG_DATA_FOLDER": str(folder / "data"),
            "CHIZHENG_ANCHOR_FOLDER": str(folder / "anchors"),
            "CHIZHENG_PORT": str(self.port),
            "CHIZHENG_PUBLIC_BASE_URL": f"http://127.0.0.1:{self.port}",
            "CHIZHENG_POOL_SIZE": "5",
            "CHIZHENG_LOG_LEVEL": "ERROR",
            "BUILD": build,
            "SKEW_SECONDS": str(skew_seconds),
            "OBEYS_MODES": "1" if obeys_modes else "",
        }
        self._process: ForkServerProcess | None = None

    @property
    def pid(self) -> int:
        """The process. Raises RuntimeError where it is not running."""
        if self._process is None or self._process.pid is None:
            raise RuntimeError("the service is not running")
        return self._process.pid

    @property
    def log(self) -> str:
        """What it wrote."""
        return (self.folder / "server.log").read_text(errors="replace")[-4000:]

    def limit_files(self, size: int | None) -> None:
        """Let it write no file beyond `size` bytes, as a disk without room would; None lifts that. Needs no root."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = fork(serve, self._environment, log=self.folder / "server.log")
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            except OSError:
                if not self._process.is_alive() or time.monotonic() > until:
                    raise RuntimeError(f"the service did not start:\n{self.log}") from None
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """`kill -9`."""
        if self._process:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None

    def stop(self) -> int:
        """Ask it to stop, as a deployment does; returns its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        self._process.join(PATIENCE_SECONDS)
        code = self._process.exitcode
        if code is None:
            raise RuntimeError(f"the service did not stop:\n{self.log}")
        self._process.close()
        self._process = None
        return code


@contextmanager
def live_server(
    url: str, folder: Path, *, build: str = "", skew_seconds: float = 0, obeys_modes: bool = False
) -> Iterator[LiveServer]:
    """Lend a running service, ours or a broken `build`, its machine's clock off by `skew_seconds`; it is gone
    afterwards. One that `obeys_modes` writes no file whose mode forbids it, root's process or not."""
    server = LiveServer(url, folder, build=build, skew_seconds=skew_seconds, obeys_modes=obeys_modes)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def serve(environment: Mapping[str, str]) -> None:
    """Serve until killed, by the settings in `environment`."""
    if environment["OBEYS_MODES"]:
        obey_modes()
    settings = Settings.from_environ({k: v for k, v in environment.items() if k.startswith("CHIZHENG_")})
    logs.configure(settings.log_level)
    build = environment["BUILD"]
    house = make_house(settings, clock=CLOCKS.get(build, SkewedClock)(float(environment["SKEW_SECONDS"])))
    tools: dict[type, Any] = house.tools
    if build in JOURNALS:
        tools[Journal] = JOURNALS[build](house.database.url, settings, mark=Marker(house))
    app = create_app(house)
    config = server_config(app, http=PROTOCOLS.get(build, quick_protocol)(app))
    uvicorn.Server(config).run(sockets=[take_port(settings)])
