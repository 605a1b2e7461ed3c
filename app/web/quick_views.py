"""Views on the express lane: the same operation behind the same two faces, its parameters read by the same rules,
without the framework's layers around it. The ordinary route stands beside it and documents it; a test compares both."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from pydantic import create_model
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import NotFound
from app.shapes import Shown
from app.web.express import JsonAnswer
from app.web.faces import Declared

_LONGEST_NUMBER = 18
_AT_ONCE = {"sqlite": 2, "postgresql": 4}
"""Views that are made at the same time. Making one is the processor's work, and what more threads do is fight for the
interpreter: of 64 lists at once each took half as much processor time again with anyio's forty (measured). On SQLite
all of it is; on PostgreSQL a view waits for the database meanwhile, and a slow search must not hold up others."""
_LIMITER: RunVar[CapacityLimiter] = RunVar("quick_views")
Face = Callable[..., Response | Shown]


def quick_route(spec: Declared, path: str, face: Face, asked: Mapping[str, tuple[Any, Any]]) -> Route:
    """The route of a view for the express lane; `asked` are its query parameters, each with its type and default.
    Whatever stands in its path is a key."""
    fields: dict[str, Any] = dict(asked)
    read = create_model("Asked", **fields)

    async def endpoint(request: Request) -> Response:
        request.scope["route"] = route  # the log names the pattern of the path, never the path
        given = {name: _key(text) for name, text in request.path_params.items()}
        given.update(read.model_validate(dict(request.query_params)).__dict__)
        answer = await to_thread.run_sync(partial(face, spec, request=request, **given), limiter=_limiter(request))
        return answer if isinstance(answer, Response) else JsonAnswer(answer.model_dump_json().encode())

    declared: Callable[[Request], Awaitable[Response]] = endpoint
    route = Route(path, declared, methods=["GET"])
    return route


def _limiter(request: Request) -> CapacityLimiter:
    """That of the event loop that asks."""
    try:
        return _LIMITER.get()
    except LookupError:
        limiter = CapacityLimiter(_AT_ONCE[request.app.state.house.database.dialect])
        _LIMITER.set(limiter)
        return limiter


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and int(text)):
        raise NotFound
    return int(text)
