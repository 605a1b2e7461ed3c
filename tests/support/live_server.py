"""The real service in a process of its own, on loopback, to be killed as power cuts kill.

    with live_server(url, folder) as server: server.kill(); server.start()

The process is forked off one that has read the whole program already. Three settings make it the broken builds that
checkers are shown to catch: a careless one acknowledges saves before their commit, a forgetful one does not know what
it has stored, a hopeful one says a commit again on another connection when its own was cut off.
"""

import resource
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import uvicorn

from app.attempts.acts import Act, Save
from app.attempts.journal import Journal
from app.attempts.judging import Outcome
from app.attempts.lanes import Held, Lane, Place, Sent, open_lane
from app.attempts.rules import Stored
from app.attempts.wires import OUTAGES, Question
from app.clock import SystemClock
from app.commands.service import server_config, take_port
from app.grading.marking import Marker
from app.main import create_app, make_house
from app.observability import logs
from app.settings import Settings
from tests.support.forks import fork

PATIENCE_SECONDS = 240


class LiveServer:
    """One process of the service; `start` it again after `kill`."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        careless: bool = False,
        forgetful: bool = False,
        hopeful: bool = False,
        skew_seconds: float = 0,
    ) -> None:
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
            "CARELESS": "1" if careless else "",
            "FORGETFUL": "1" if forgetful else "",
            "HOPEFUL": "1" if hopeful else "",
            "SKEW_SECONDS": str(skew_seconds),
        }
        self._process: ForkServerProcess | None = None

    @property
    def log(self) -> str:
        """What it wrote."""
        return (self.folder / "server.log").read_text(errors="replace")[-4000:]

    def limit_files(self, size: int | None) -> None:
        """Let it write no file beyond `size` bytes, as a disk without room would; None lifts that. Needs no root."""
        assert self._process
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

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
    url: str,
    folder: Path,
    *,
    careless: bool = False,
    forgetful: bool = False,
    hopeful: bool = False,
    skew_seconds: float = 0,
) -> Iterator[LiveServer]:
    """Lend a running service, its machine's clock off by `skew_seconds`; it is gone afterwards."""
    server = LiveServer(url, folder, careless=careless, forgetful=forgetful, hopeful=hopeful, skew_seconds=skew_seconds)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class CarelessJournal(Journal):
    """The broken build: commits saves when it gets round to it, and says so before."""

    _began: float | None = None

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        if self._lane is None:
            self._lane, self._began = open_lane(self._url), None
        if self._began is None:
            self._lane.begin()
            self._began = time.monotonic()
        outcomes = self._judge.judge(self._lane, acts)
        if time.monotonic() - self._began > 0.2 or not all(isinstance(act, Save) for act in acts):
            self._lane.commit()
            self._began = None
        return outcomes


class ForgetfulJournal(Journal):
    """The broken build: whatever arrives is the newest, for it never looks at what it has."""

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        if self._lane is None:
            self._lane = open_lane(self._url)
        self._lane.begin()
        outcomes = self._judge.judge(_ForgetfulLane(self._lane.wire), acts)
        self._lane.commit()
        return outcomes


class _ForgetfulLane(Lane):
    def hold(
        self, attempt_ids: Sequence[int], sent: Sequence[Sent], *more: Question
    ) -> tuple[dict[int, Held], dict[Place, Stored], list[list[Any]]]:
        held, _, told = super().hold(attempt_ids, sent, *more)
        return held, {}, told


class HopefulJournal(Journal):
    """The broken build: a commit whose connection was cut off is said again on another, which knows of nothing."""

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        if self._lane is None:
            self._lane = open_lane(self._url)
        lane = self._lane
        lane.begin()
        outcomes = self._judge.judge(lane, acts)
        try:
            lane.commit()
        except OUTAGES:
            lane.close()
            self._lane = open_lane(self._url)
            self._lane.commit()
        return outcomes


class SkewedClock(SystemClock):
    """The clock of a machine that is off by some seconds, until it is measured."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._set(self.now() + timedelta(seconds=seconds))


def serve(environment: Mapping[str, str]) -> None:
    """Serve until killed, by the settings in `environment`."""
    settings = Settings.from_environ({k: v for k, v in environment.items() if k.startswith("CHIZHENG_")})
    logs.configure(settings.log_level)
    house = make_house(settings, clock=SkewedClock(float(environment["SKEW_SECONDS"])))
    tools: dict[type, Any] = house.tools
    if environment["CARELESS"]:
        tools[Journal] = CarelessJournal(house.database.url, settings, mark=Marker(house))
    if environment["FORGETFUL"]:
        tools[Journal] = ForgetfulJournal(house.database.url, settings, mark=Marker(house))
    if environment["HOPEFUL"]:
        tools[Journal] = HopefulJournal(house.database.url, settings, mark=Marker(house))
    uvicorn.Server(server_config(create_app(house))).run(sockets=[take_port(settings)])
