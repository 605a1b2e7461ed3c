"""The only wiring: settings in, application out. Nothing happens at import."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from anyio import to_thread
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from app import wiring
from app.accounts.sessions import resolve_actor
from app.clock import Clock, SystemClock
from app.database import Database
from app.errors import Unauthenticated
from app.observability import health, logs
from app.observability.metrics import Metrics
from app.operation import House, perform
from app.security.permissions import Capability
from app.settings import Settings
from app.web import home, status
from app.web.aisles import Aisles
from app.web.caller import address_of, caller_of
from app.web.desk import Desk
from app.web.express import ExpressLane
from app.web.gate import Gate, Know, Uploads
from app.web.rendering import Navigation, Renderer

STATIC = Path(__file__).parent / "web" / "static"


def make_house(settings: Settings, *, clock: Clock | None = None) -> House:
    """The house without its front: what commands, workers and tests need."""
    database = Database(settings.database_url, pool_size=settings.pool_size, pooler_url=settings.database_pooler_url)
    house = House(settings, database, clock or SystemClock(), resolve_actor)
    wiring.furnish(house)
    return house


def create_app(house: House) -> "Service":
    """The service over `house`."""
    metrics = house.tool(Metrics)
    metrics.watch_database(house.database)
    version = health.version().number
    app = Service(
        title="持证 Chizheng",
        version=version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_lifespan(house),
        redirect_slashes=False,  # such a redirect names the host that the caller claims to have asked
    )
    navigation = Navigation()
    renderer = Renderer(house, navigation, version)
    app.state.house, app.state.renderer, app.state.metrics = house, renderer, metrics
    app.state.sayings = {}
    hot_routes = wiring.hot_routes(house)
    app.router.routes.extend(hot_routes)  # first: what stands behind others pays for their matching
    # Routes are taken over as they are: `include_router` would work out each one anew for this application when
    # the first request walks past it, which cost that request a quarter of a second.
    for desk in desks():
        _install(app, desk, navigation)
    for router in wiring.routers():
        app.router.routes.extend(router.routes)
    app.add_route("/language", home.choose_language, methods=["POST"], include_in_schema=False)
    _install_probes(app, house, metrics)
    app.mount("/static", _ForeverStatic(directory=STATIC), name="static")
    app.router.middleware_stack = Aisles(app.router.routes, app.router)
    renderer.install(app)

    def log(*, method: str, route: str | None, status: int, seconds: float, request_id: str) -> None:
        logs.log_request(method=method, route=route, status=status, seconds=seconds, request_id=request_id)
        metrics.count_request(method=method, route=route, status=status, seconds=seconds)

    upload_limit = house.settings.upload_limit_mb * 1024 * 1024
    gate: dict[str, Any] = {
        "clock": house.clock,
        "upload_limit": upload_limit,
        "uploads": Uploads(upload_limit),
        "know": _know_senders(house),
        "secure": house.settings.secure_cookies,
        "log": log,
        "refuse": lambda scope, error: renderer.refusal(Request({**scope, "app": app}), error),
    }
    app.add_middleware(Gate, **gate)
    quick_views = [route for desk in desks() for route in desk.express]
    app.hot = ExpressLane(hot_routes, renderer.answer_error)
    app.express = ExpressLane([*hot_routes, *quick_views], renderer.answer_error)
    app.express_gate = Gate(app.express, **gate)
    return app


def _know_senders(house: House) -> Know:
    """What tells the gate whose session a request comes with; it raises Unauthenticated where there is none."""

    async def know(scope: Scope) -> int:
        caller = caller_of(Request(scope), house.settings)
        if not caller.session_token:
            raise Unauthenticated

        def look() -> int:
            return perform(house, caller, Capability.SIGNED_IN, lambda op: op.actor.account_id or 0, reading=True)

        return await to_thread.run_sync(look)

    return know


class Service(FastAPI):
    """The application whose OpenAPI document shows the routes written by hand too, and which serves them first.

    `hot` has those alone: a server that speaks `app.web.quick_protocol` answers them without coming here.
    """

    hot: ExpressLane
    express: ExpressLane
    express_gate: Gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: a hot one straight from the gate, any other through the layers of the framework."""
        if scope["type"] == "http" and self.express.takes(scope):
            scope["app"] = self
            await self.express_gate(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The document."""
        schema = super().openapi()
        wiring.document_hot_routes(schema)
        return schema


def desks() -> list[Desk]:
    """Every desk of the house: what the tests of the house walk."""
    return [home.desk, status.desk, *wiring.DESKS]


def _install(app: FastAPI, desk: Desk, navigation: Navigation) -> None:
    app.router.routes.extend(desk.router.routes)
    for entry, href, capability in desk.navigation:
        navigation.add(order=entry.order, href=href, text=entry.text, capability=capability, under=entry.under)
    for declared in desk.declared:
        if declared.said:
            app.state.sayings[f"{declared.feature}.{declared.name}"] = declared.said


class _ForeverStatic(StaticFiles):
    """Static files whose address holds their content's digest: browsers keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """The file, to be kept for a year."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _install_probes(app: FastAPI, house: House, metrics: Metrics) -> None:
    """Health, readiness, metrics (only for named sources) and version."""

    def healthz(_request: Request) -> Response:
        return JSONResponse({"ok": health.liveness().ok})

    readiness = health.Remembered(lambda: status.checks_of(house))

    def readyz(_request: Request) -> Response:
        checks = readiness.ask()
        ready = all(check.ok for check in checks)
        body = {"ok": ready, "checks": [{"name": c.name, "ok": c.ok, "zh": c.zh, "en": c.en} for c in checks]}
        return JSONResponse(body, status_code=200 if ready else 503)

    def show_metrics(request: Request) -> Response:
        if address_of(request, house.settings) not in house.settings.metrics_sources:
            return PlainTextResponse("not found", status_code=404)
        return Response(metrics.render(), media_type="text/plain; version=0.0.4")

    def version(_request: Request) -> Response:
        release = health.version()
        return JSONResponse({"version": release.number, "date": release.date})

    for path, endpoint in (
        ("/healthz", healthz),
        ("/readyz", readyz),
        ("/metrics", show_metrics),
        ("/version", version),
    ):
        app.add_route(path, endpoint, include_in_schema=False)


def _lifespan(house: House) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        threads = [threading.Thread(target=_keep_time, args=(house, stop), name="clock", daemon=True)]
        wiring.open_house(house)
        _measure(house)  # before the first request: a machine's clock may be minutes off
        if house.settings.worker_inside:
            worker = wiring.make_worker(house)
            threads.append(threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=10)
            wiring.close_house(house)

    return lifespan


def _keep_time(house: House, stop: threading.Event) -> None:
    """Measure this instance's clock against the database's, again and again (P9)."""
    while not stop.wait(wiring.MEASURE_EVERY_SECONDS):
        _measure(house)


def _measure(house: House) -> None:
    try:
        wiring.measure_clock(house)
    except Exception as error:  # noqa: BLE001 - an unreachable database must not end the keeping of time
        structlog.get_logger(__name__).warning("clock_not_measured", error=type(error).__name__)
