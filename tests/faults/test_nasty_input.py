"""Whatever is sent, by whomever: a clear refusal or harmless acceptance, never a 5xx, never an echo of a secret (P41).

The list runs over every field of every operation, as the route map has them. The other fields hold what they most
likely take, so that what the schema lets through meets the rules.
"""

import json
import types
import typing
from datetime import date, datetime, time
from enum import Enum

import pytest
from pydantic import BaseModel, ValidationError

from app.attempts.hot_routes import HOT
from app.main import desks
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Capability, Role
from app.web.desk import API_PREFIX
from app.web.rendering import invalid_from
from tests.support.client import Client, open_app
from tests.support.house import open_house
from tests.support.house_map import declared
from tests.support.personas import make_staff, signed_in
from tests.support.story import Story

NASTY = [
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\u202e反向",
    "<script>alert(1)</script>",
    "{{7*7}}{% raw %}",
    "' OR '1'='1' --",
    '=HYPERLINK("http://x")',
    "../../etc/passwd",
    "𠮷" * 5000,
    "Ω" * 100_000,
    "-1",
    "NaN",
    -1,
    0,
    1,
    2**31,
    2**63,
    2**70,
    1.5,
    True,
    None,
    [],
    ["x"] * 3,
    {"$gt": ""},
    "2026-02-30T00:00:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
]
RAW = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b'{"a": NaN}',
    b'{"a": Infinity, "b": 1e999}',
    b'{"a": "\\ud800"}',
    b'{"a": 1, "a": 2}',
    b"\xff\xfe\x00",
    b"[" * 5000,
    b'{"unknown_field": true}',
]
SECRET = "geheim-Wort-4711"


def holder_of(capability: Capability) -> Role | None:
    """A role that holds the capability; None where anyone, or anyone signed in, does."""
    for role in Role:
        if capability in Actor(ActorKind.PERSON, grants=(Grant(role),)).capabilities and capability not in {
            Capability.ANYONE,
            Capability.SIGNED_IN,
        }:
            return role
    return None


@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=pytest.mark.long), "postgresql"])
def county(request, databases, tmp_path_factory):
    """A house in which something of everything exists, and a browser of one person of each role."""
    with (
        databases.fresh(request.param) as url,
        open_house(url, tmp_path_factory.mktemp("nasty")) as house,
        open_app(house) as (app, portal),
    ):
        opened = []

        def browsers(persona):
            opened.append(signed_in(house, persona, app, portal) if persona else Client(app, portal))
            return opened[-1]

        story = Story(house, browsers)
        story.gather_people(persons=1)
        story.import_bank()
        story.plan_exam()
        story.register()
        clients = {role: browsers(make_staff(house, role)) for role in Role if role is not Role.CANDIDATE}
        clients[Role.CANDIDATE] = browsers(story.candidates[0])
        clients[None] = clients[Role.SYSTEM_ADMINISTRATOR]
        yield clients
        for client in opened:
            client.close()


ROUTED = {(method, route.path) for desk in desks() for route in desk.router.routes for method in route.methods}
COMMANDS = [
    one
    for one in declared()
    if not one.reading and ("POST", API_PREFIX + one.path) in ROUTED and one.name != "sign_out"
]
VIEWS = [one for one in declared() if one.reading and ("GET", API_PREFIX + one.path) in ROUTED]


def fill(path: str) -> str:
    """The path with the id 1 everywhere: what the story has made first."""
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


def sample_of(kind, name=""):
    """A value that a field of this kind most likely takes; of a model the fields that must be given, each so."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return sample_of(inner[0])
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in inner else sample_of(inner[0])
    if origin is typing.Literal:
        return inner[0]
    if origin is not None:
        return [sample_of(inner[0])] if origin in (list, tuple, set, frozenset) else {}
    if issubclass(kind, BaseModel):
        fields = kind.model_fields.items()
        return {name: sample_of(field.annotation, name) for name, field in fields if field.is_required()}
    if issubclass(kind, Enum):
        return next(iter(kind)).value
    words = SECRET if name in {"password", "code", "id_number"} else "甲"
    samples = {bool: True, int: 1, str: words, date: "2026-12-01", datetime: "2026-12-01T09:00:00Z", time: "09:00"}
    return samples.get(kind, "1")


def passes(model, body):
    """Whether the schema lets the body through to the rules. Raises nothing but what a schema may refuse with."""
    try:
        model.model_validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        said = invalid_from(error).sentence("zh")
    else:
        return True
    assert SECRET not in said
    return False


def check(answer, path):
    assert answer.status_code < 500 or answer.status_code == 503, f"{path}: {answer.status_code} {answer.text[:500]}"
    assert SECRET not in answer.text
    for trace in ("Traceback", "sqlalchemy", "psycopg", "sqlite3", "SELECT ", "/app/"):
        assert trace not in answer.text, f"{path}: {answer.text[:500]}"


@pytest.mark.fault
@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: f"{one.feature}.{one.name}")
def test_every_field_of_every_command(county, one):
    client = county[holder_of(one.access)]
    path = fill(one.path)
    for raw in RAW:
        answer = client.request(
            "POST",
            API_PREFIX + path,
            content=raw,
            headers={"sec-fetch-site": "same-origin", "content-type": "application/json"},
        )
        check(answer, path)
    if one.body_model is None:
        return
    rest = sample_of(one.body_model)
    for name in one.body_model.model_fields:
        told = False
        for value in NASTY:
            body = {**rest, name: value}
            if not told or passes(one.body_model, body):  # what a schema refuses it refuses alike: one is sent
                check(client.api(path, body), path)
                told = True


@pytest.mark.fault
@pytest.mark.parametrize("one", VIEWS, ids=lambda one: f"{one.feature}.{one.name}")
def test_every_parameter_of_every_view(county, one):
    client = county[holder_of(one.access)]
    hints = typing.get_type_hints(one.function)
    in_path = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    for nasty in ("%00", "-1", "0", str(2**63), str(2**70), "abc", "%ff%fe", "1.5", "%F0%A0%AE%B7", "'%20OR%201=1--"):
        if in_path:
            path = "/".join(nasty if part.startswith("{") else part for part in one.path.split("/"))
            check(client.api_get(path), path)
            check(client.get(path), path)
        for name in set(hints) - set(in_path) - {"op", "return"}:
            path = f"{fill(one.path)}?{name}={nasty}"
            check(client.api_get(path), path)


@pytest.mark.fault
@pytest.mark.parametrize("hot", HOT, ids=lambda hot: hot.name)
def test_every_body_of_every_hot_route(county, hot):
    client = county[Role.CANDIDATE]
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/json"}
    bodies = [*RAW, *(json.dumps({name: value}).encode() for name in _fields(hot) for value in NASTY)]
    for raw in bodies:
        path = fill(hot.path)
        check(client.request(hot.method, path, content=raw, headers=headers), path)


def _fields(hot):
    return hot.given.__struct_fields__ if hot.given else ("x",)


@pytest.mark.fault
@pytest.mark.parametrize("page", ["/sign-in", "/activate"])
def test_the_pages_of_strangers(county, page):
    client = county[Role.LEADER]
    for nasty in ("", "\u0000", "x" * 10_000, "{{7*7}}", "' OR 1=1 --", "𠮷"):
        for name in ("login", "password", "code", "next", "unknown"):
            form = {"login": "nobody", "password": SECRET, name: nasty}
            check(client.submit(page, form), page)
