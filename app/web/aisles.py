"""Routes found by the beginning of their address: the framework asks one after the other, and there are hundreds.

`APIRouter` stays what decides, redirects and refuses: each beginning has one of its own, with the routes that can match
there in the order in which they were given.
"""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from app.web.desk import API_PREFIX

_API = tuple(API_PREFIX.split("/"))


class Aisles:
    """An ASGI application over `routes`, of which those without a fixed beginning ("/{name}") stand in every aisle.

    Whatever begins like none of them goes to `rest`, the router that has them all.
    """

    def __init__(self, routes: Sequence[BaseRoute], rest: APIRouter) -> None:
        self._rest = rest
        begun = [(route, _beginning(getattr(route, "path", ""))) for route in routes]
        standing: dict[str, list[BaseRoute]] = {own: [] for _, own in begun if own}
        for route, own in begun:
            for aisle in [standing[own]] if own else standing.values():
                aisle.append(route)
        self._aisles = {
            name: APIRouter(routes=aisle, redirect_slashes=rest.redirect_slashes) for name, aisle in standing.items()
        }

    def aisle(self, path: str) -> APIRouter:
        """The router that knows every route which can match `path`."""
        return self._aisles.get(_beginning(path) or "", self._rest)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or whatever else a server asks of an application."""
        scope.setdefault("router", self._rest)
        plain = scope["type"] == "http" and not scope.get("root_path")
        router = self.aisle(scope["path"]) if plain else self._rest
        await router.app(scope, receive, send)


def _beginning(path: str) -> str | None:
    """The segment that tells routes apart: the first, or the first after the prefix of the API; None for a parameter or
    for none at all."""
    segments = path.split("/")
    place = len(_API) if tuple(segments[: len(_API)]) == _API else 1
    name = segments[place] if place < len(segments) else ""
    return None if not name or "{" in name else f"{place}:{name}"
