"""Routes are found by the beginning of their address as the whole list would find them, refusals and redirects too."""

import re

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Match

from app.main import create_app
from app.web.aisles import Aisles

_NAME = re.compile(r"{\w+}")


def matching(routes, path, method):
    scope = {"type": "http", "path": path, "method": method, "headers": [], "root_path": ""}
    return [(route, match) for route in routes if (match := route.matches(scope)[0]) is not Match.NONE]


def test_every_address_of_the_service_meets_the_same_routes_in_the_same_order(sqlite_house):
    app = create_app(sqlite_house)
    aisles, routes = app.router.middleware_stack, app.router.routes
    paths = {_NAME.sub("7", getattr(route, "path", "")) for route in routes}
    assert len(paths) > 300
    shorter = 0
    for path in sorted(paths | {"/", "/nowhere", "/api/v1", "/api/v1/nowhere", "/static/style.css"}):
        found = aisles.aisle(path).routes
        shorter += len(found) < len(routes) / 4
        for method in ("GET", "POST", "PUT"):
            assert matching(found, path, method) == matching(routes, path, method), path
    assert shorter > len(paths) * 0.9


@pytest.fixture
def town():
    app = FastAPI(openapi_url=None)
    router = APIRouter()
    for path in ("/people", "/people/{key}", "/api/v1/people/", "/{anything}", "/{anything}/end"):
        router.add_api_route(path, lambda path=path: path, response_model=None)
    app.router.routes.extend(router.routes)
    return app


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/people", 200),
        ("GET", "/people/", 307),
        ("GET", "/people/7", 200),
        ("GET", "/people/end", 200),
        ("GET", "/api/v1/people", 307),
        ("GET", "/api/v1/people/", 200),
        ("GET", "/api/v1/nobody", 404),
        ("POST", "/people", 405),
        ("GET", "/other", 200),
        ("GET", "/other/end", 200),
        ("GET", "/other/else", 404),
    ],
)
async def test_answers_are_those_of_the_whole_list(anyio_backend, town, method, path, status):
    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(town), base_url="http://town") as client:
            answer = await client.request(method, path)
        return answer.status_code, answer.text, answer.headers.get("location"), answer.headers.get("allow")

    whole = await ask()
    town.router.middleware_stack = Aisles(town.router.routes, town.router)
    assert await ask() == whole
    assert whole[0] == status
