"""A house behind a real server on a loopback port, for browsers: with a clock that runs, and can be moved."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn
from playwright.sync_api import BrowserContext

from app.attempts.service import sweep
from app.clock import ManualClock
from app.commands.service import server_config
from app.main import create_app, make_house
from app.operation import House
from app.web.caller import cookie_name
from app.wiring import close_house
from tests.support.house import MORNING, settings_for


@dataclass(frozen=True)
class Served:
    """A house that answers at `base`, and its clock."""

    house: House
    clock: ManualClock
    base: str

    def sign_in(self, context: BrowserContext, token: str) -> None:
        """Give a browser the session that `token` opens."""
        context.add_cookies([{"name": cookie_name(self.house.settings), "value": token, "url": self.base}])

    def pass_time(self, by: timedelta) -> None:
        """Let time go by at once."""
        self.clock.advance(by)

    def sweep(self) -> int:
        """Close what is over, as the worker does every few seconds."""
        return sweep(self.house, self.clock.now())


@contextmanager
def answering(house: House, listener: socket.socket) -> Iterator[None]:
    """Let a house answer at a listener until the block ends. Background work is done by hand."""
    config = server_config(create_app(house), lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="served")
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=15)


@contextmanager
def serve_house(url: str, folder: Path, *, now: datetime = MORNING) -> Iterator[Served]:
    """Serve a house over the database `url` until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = settings_for(url, folder).model_copy(update={"public_base_url": base})
        clock = ManualClock(now, running=True)
        house = make_house(settings, clock=clock)
        try:
            with answering(house, listener):
                yield Served(house, clock, base)
        finally:
            close_house(house)
