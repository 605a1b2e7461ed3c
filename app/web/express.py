"""The express lane: a few routes that pass by the framework's layers, each of which costs more than a save does.

What is not exactly one of them (another method, a path that does not fit) goes the ordinary way, which refuses it.
"""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
AnswerError = Callable[[Request, Exception], Response]


class ExpressLane:
    """An ASGI application over those routes; whatever an endpoint raises is answered by `answer_error`."""

    def __init__(self, routes: Sequence[Route], answer_error: AnswerError) -> None:
        self._answer_error = answer_error
        self._found: dict[tuple[str, int, str], list[tuple[list[str], Endpoint]]] = {}
        for route in routes:
            segments = route.path.split("/")
            for method in (route.methods or set()) - {"HEAD"}:
                key = (method, len(segments), segments[-1])
                self._found.setdefault(key, []).append((segments, route.endpoint))

    def takes(self, scope: Scope) -> bool:
        """Whether this request is for one of the routes; notes which, and what stands in its path."""
        segments = scope["path"].split("/")
        for pattern, endpoint in self._found.get((scope["method"], len(segments), segments[-1]), ()):
            params = _params(pattern, segments)
            if params is not None:
                scope["path_params"], scope["endpoint"] = params, endpoint
                return True
        return False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that `takes` has accepted."""
        request = Request(scope, receive)
        try:
            response = await scope["endpoint"](request)
        except Exception as error:  # noqa: BLE001 - the outermost place that can answer: nothing may leave without
            response = self._answer_error(request, error)
        await response(scope, receive, send)


def _params(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    """What stands in the place of each `{name}`; None where the path does not fit."""
    params = {}
    for wanted, given in zip(pattern, segments, strict=True):
        if wanted.startswith("{") and given:
            params[wanted[1:-1]] = given
        elif wanted != given:
            return None
    return params
