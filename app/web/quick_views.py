"""Views on the express lane: the same operation behind the same two faces, its parameters read by the same rules,
without the framework's layers around it. The ordinary route stands beside it and documents it; a test compares both."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import create_model
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import NotFound
from app.shapes import Shown
from app.web.express import JsonAnswer
from app.web.faces import Declared

_LONGEST_NUMBER = 18
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
        answer = await run_in_threadpool(face, spec, request=request, **given)
        return answer if isinstance(answer, Response) else JsonAnswer(answer.model_dump_json().encode())

    declared: Callable[[Request], Awaitable[Response]] = endpoint
    route = Route(path, declared, methods=["GET"])
    return route


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and int(text)):
        raise NotFound
    return int(text)
