"""`chizheng serve` and `chizheng worker`."""

import errno
import signal
import socket
import threading
from typing import Annotated, Any

import typer
import uvicorn

from app.attempts.proctoring.live import Boards
from app.commands.collector import leave_what_stays
from app.commands.house import SchemaBehind, opened, settings
from app.main import Service, create_app, make_house
from app.observability import logs
from app.operation import House
from app.settings import Settings, SettingsError
from app.web.quick_protocol import quick_protocol
from app.wiring import close_house, make_worker

KEEP_ALIVE_SECONDS = 75
"""Longer than a candidate pauses between two saves: otherwise each save would pay for a new connection."""
STOP_SECONDS = 20


def serve() -> None:
    """启动网站 / serve the pages and the API."""
    chosen = settings()
    logs.configure(chosen.log_level)
    refuse_lost_promises(chosen)
    listener = take_port(chosen)
    house = make_house(chosen)
    if not house.database.at_head():
        close_house(house)
        raise SchemaBehind
    run(house, listener)


def run(house: House, listener: socket.socket) -> None:
    """Serve until told to stop; requests under way are finished first."""
    app = create_app(house)
    leave_what_stays()
    _Server(server_config(app), house).run(sockets=[listener])


def server_config(app: Service, **other: Any) -> uvicorn.Config:
    """How the service is served; `other` is for tests, which stop sooner."""
    settled: dict[str, Any] = {
        "http": quick_protocol(app),
        "ws": "none",  # there are none, and a connection that was turned into one would have no limits
        "log_config": None,
        "access_log": False,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": STOP_SECONDS,
        "proxy_headers": False,  # believed only from named proxies, see app.web.caller
        "server_header": False,
    }
    return uvicorn.Config(app, **{**settled, **other})


class _Server(uvicorn.Server):
    """Ends the boards that are watched before it waits for requests under way: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, house: House) -> None:
        super().__init__(config)
        self._house = house

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._house.tool(Boards).close()
        await super().shutdown(sockets=sockets)


def take_port(chosen: Settings) -> socket.socket:
    """Listen, or say in one line what stands in the way."""
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((chosen.host, chosen.port))
        listener.listen(2048)  # from here on the port is ours: without it a second server could bind it too
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "端口已被占用 / the port is taken" if taken else error.strerror
        raise SettingsError(
            f"{chosen.host}:{chosen.port} {why}；请用其他端口重试，例如 CHIZHENG_PORT={chosen.port + 1} make run"
            f" / try another port, such as CHIZHENG_PORT={chosen.port + 1} make run"
        ) from None
    return listener


def refuse_lost_promises(chosen: Settings) -> None:
    """Refuse plain HTTP beyond loopback unless a named setting allows it (P39)."""
    loopback = chosen.host in {"127.0.0.1", "::1", "localhost"}
    if not loopback and not chosen.secure_cookies and not chosen.allow_plain_http:
        raise SettingsError(
            "CHIZHENG_HOST: 非本机地址须经 TLS 反向代理访问（CHIZHENG_PUBLIC_BASE_URL=https://…），"
            "或设置 CHIZHENG_ALLOW_PLAIN_HTTP=true / beyond loopback: serve behind TLS, or allow plain HTTP so"
        )


def work(
    once: Annotated[bool, typer.Option(help="做完现有作业后退出 / do what is waiting, then end")] = False,
) -> None:
    """启动后台作业 / run jobs and recurring work."""
    chosen = settings()
    logs.configure(chosen.log_level)
    with opened(chosen) as house:
        worker = make_worker(house)
        leave_what_stays()
        if once:
            worker.tick_all()
            worker.drain()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        worker.run(stop)
