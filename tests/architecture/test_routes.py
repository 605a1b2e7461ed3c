"""Every route has a capability; the matrix of roles and routes has no deviation (P20)."""

import inspect
import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from app.attempts.hot_routes import HOT
from app.main import create_app, desks
from app.operation import acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Capability, Role
from app.web.desk import API_PREFIX
from app.wiring import routers
from tests.faults.acts.everything import REACHED
from tests.support.client import Client, open_app
from tests.support.faulty_story import BY_THE_STORY, write_routes
from tests.support.house import open_house
from tests.support.house_map import PUBLIC_BY_HAND, declared
from tests.support.personas import make_candidate, make_person, make_staff, make_unit, signed_in

_NAME = re.compile(r"{(\w+)}")
ABSENT = "987654321"
REFUSALS = {"session.required", "permission.denied"}


def known_paths():
    """Everything that may be routed: declared operations with both faces, hot routes, the short public list."""
    paths = set(PUBLIC_BY_HAND) | {(hot.method, hot.path) for hot in HOT}
    for one in declared():
        method = "GET" if one.reading else "POST"
        paths |= {(method, one.path), (method, API_PREFIX + one.path)}
    return paths


def test_every_route_is_declared_or_on_the_short_list(sqlite_house):
    found = set()
    for router in [desk.router for desk in desks()] + routers():
        for route in router.routes:
            assert isinstance(route, APIRoute)
            found |= {(method, route.path) for method in route.methods}
    for route in create_app(sqlite_house).router.routes:
        if isinstance(route, Route) and route.path != "/openapi.json":
            found |= {(method, route.path) for method in route.methods - {"HEAD"}}
    assert found <= known_paths()


def test_every_route_that_writes_is_tried_with_its_commit_failing():
    """P1. A new route gets an act in tests/faults/acts, which shows how it is come to; the fault test does the rest."""
    assert write_routes() - BY_THE_STORY - REACHED == set()


def test_no_two_operations_have_one_name_or_one_address():
    names = [f"{one.feature}.{one.name}" for one in declared()]
    assert len(names) == len(set(names))
    addresses = [(one.reading, _NAME.sub("{}", one.path)) for one in declared()]
    assert len(addresses) == len(set(addresses))


def test_every_capability_is_used_and_held():
    used = {one.access for one in declared()} | {hot.access for hot in HOT}
    held = set().union(*(Actor(ActorKind.PERSON, grants=(Grant(role),)).capabilities for role in Role))
    assert used <= held | {Capability.ANYONE}


@pytest.fixture(scope="module")
def matrix(databases, tmp_path_factory):
    """Browsers of the public, of somebody without a role, and of one person of each role."""
    with (
        databases.fresh("sqlite") as url,
        open_house(url, tmp_path_factory.mktemp("matrix")) as house,
        open_app(house) as (app, portal),
    ):
        with acting_as(house, "test") as op:
            candidate = make_person(op, make_unit(op))
        clients = {None: Client(app, portal)}
        for role in Role:
            persona = make_candidate(house, candidate) if role is Role.CANDIDATE else make_staff(house, role)
            clients[role] = signed_in(house, persona, app, portal)
        yield clients
        for client in clients.values():
            client.close()


def address(one):
    """The operation's path with ids that nothing has, and with such a value for each query parameter it demands."""
    demanded = [
        f"{parameter.name}={ABSENT}"
        for parameter in list(inspect.signature(one.function).parameters.values())[1:]
        if parameter.default is inspect.Parameter.empty
        and f"{{{parameter.name}}}" not in one.path
        and parameter.name not in {one.body_name, one.upload_name}
    ]
    return _NAME.sub(ABSENT, one.path) + ("?" + "&".join(demanded) if demanded and one.reading else "")


def call(client, one):
    path = address(one)
    return client.api_get(path) if one.reading else client.api(path, {})


ROUTED = {(method, route.path) for desk in desks() for route in desk.router.routes for method in route.methods}
API_FACES = [one for one in declared() if ("GET" if one.reading else "POST", API_PREFIX + one.path) in ROUTED]
PAGES = [one for one in declared() if one.template and ("GET", one.path) in ROUTED]


@pytest.mark.parametrize("one", API_FACES, ids=lambda one: f"{one.feature}.{one.name}")
def test_a_role_reaches_what_it_may_and_nothing_else(matrix, one):
    for role, client in matrix.items():
        if one.name == "sign_out" and role is not None:
            continue  # it would end the session that the rest of the matrix needs
        answer = call(client, one)
        actor = Actor(ActorKind.PERSON, grants=(Grant(role),)) if role else None
        may = one.access is Capability.ANYONE or (actor is not None and actor.may(one.access))
        refused = answer.status_code in {401, 403} and answer.json()["code"] in {
            "session.required",
            "permission.denied",
        }
        assert refused is not may, f"{role}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code < 500, answer.text
        if role is None and not may:
            assert answer.status_code == 401


@pytest.mark.parametrize("hot", HOT, ids=lambda hot: hot.name)
def test_hot_routes_keep_the_same_order(matrix, hot):
    path = _NAME.sub(ABSENT, hot.path)
    for role, client in matrix.items():
        answer = client.request(hot.method, path, headers={"sec-fetch-site": "same-origin"}, json={})
        if hot.access is Capability.ANYONE:
            assert answer.status_code not in {403, 500}
        elif role is None:
            assert answer.status_code == 401
        elif role is not Role.CANDIDATE:
            assert answer.status_code == 403
        else:
            assert answer.status_code in {404, 409, 422}


@pytest.mark.parametrize("one", PAGES, ids=lambda one: f"{one.feature}.{one.name}")
def test_pages_keep_the_same_order(matrix, one):
    path = address(one)
    for role, client in matrix.items():
        answer = client.get(path)
        actor = Actor(ActorKind.PERSON, grants=(Grant(role),)) if role else None
        may = one.access is Capability.ANYONE or (actor is not None and actor.may(one.access))
        if role is None and not may:
            assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")
        elif not may:
            assert answer.status_code == 403
        else:
            # 429: a public check is bounded per source, and the whole matrix comes from one
            assert answer.status_code in {200, 404, 409, 429}, answer.text[:300]
