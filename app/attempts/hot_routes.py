"""The hot path: the candidate's few routes, written by hand (architecture.md), with the checks of the front door.

Sign-ins, starts, saves, hand-ins and looks at the time go through the journal, which judges inside its transaction
(`app.attempts.judging`). The others are one hop through `perform`, in a worker thread. Errors leave as problem details,
like everywhere. `HOT` is the declared list that the tests of the house walk and the OpenAPI document shows.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.accounts.queries import token_digest
from app.attempts import service
from app.attempts.acts import CheckIn, HandIn, Save, Start
from app.attempts.hall.readings import Readings
from app.attempts.journal import Journal
from app.attempts.lockdown.rules import ExamBrowserNeeded
from app.attempts.messages import (
    AttemptShown,
    HandInGiven,
    HandInShown,
    SavesGiven,
    SavesShown,
    StartGiven,
    TakeOverGiven,
    TicketGiven,
    TicketShown,
    TimeShown,
)
from app.attempts.proctoring.presence import Presences
from app.attempts.rules import AttemptState
from app.attempts.signals.gathering import Signals
from app.attempts.signals.rules import read_claims
from app.errors import FieldProblem, Invalid, NotFound, Unauthenticated
from app.operation import House, Operation, perform
from app.security.permissions import Capability
from app.web.caller import address_of, caller_of, cookie_name, proof_of, refuse_cross_site, set_session_cookie
from app.web.express import JsonAnswer

G = TypeVar("G", bound=msgspec.Struct)
T = TypeVar("T")
Endpoint = Callable[["Counter", Request], Coroutine[Any, Any, Response]]

_MOST_ID = 2**63 - 1
_JSON = "application/json"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class HotRoute:
    """What the house knows of one hot route; the like of `app.web.faces.Declared`."""

    name: str
    method: str
    path: str
    access: Capability
    endpoint: Endpoint
    given: type[msgspec.Struct] | None
    shown: type[msgspec.Struct]
    feature: str = "attempts"
    asked: tuple[tuple[str, str], ...] = ()
    """What may be asked with, as query parameters: name, and type of JSON schema."""

    @property
    def summary(self) -> str:
        """The first line of the endpoint's docstring."""
        return (self.endpoint.__doc__ or self.name).split("\n", 1)[0]


class Counter:
    """Where the hot acts that are one hop wait their turn: first come, first served, each in a thread of its own.

    No more threads than the database serves at once: on SQLite one, for writers that poll for its lock starve each
    other (measured: 400 starts at once took 30 s with 40 threads).
    """

    def __init__(self, house: House) -> None:
        self.house = house
        threads = 1 if house.database.dialect == "sqlite" else house.settings.pool_size
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="exam")

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work)


async def ticket_sign_in(counter: Counter, request: Request) -> Response:
    """Sign in with the admission ticket's number and the proctor's check-in code."""
    house = counter.house
    refuse_cross_site(request, house.settings)
    given = _read(await request.body(), TicketGiven)
    checked_in = await house.tool(Journal).check_in(
        CheckIn(given.ticket_number, given.code, caller_of(request, house.settings))
    )
    shown = TicketShown(checked_in.registration_id, checked_in.exam_id, f"/exams/{checked_in.exam_id}/sit")
    response = _answer(shown)
    set_session_cookie(response, house.settings, checked_in.token)
    return response


async def start(counter: Counter, request: Request) -> Response:
    """Start one's attempt, or go on with it after a reload."""
    house = counter.house
    refuse_cross_site(request, house.settings)
    digest = token_digest(_token(house, request))
    raw = await request.body()
    try:
        given = _read(raw, StartGiven)
    except Invalid:
        await _prove(counter, request)
        raise
    wanted = Start(given.registration_id, digest, caller_of(request, house.settings), given.sealed)
    return _answer(await house.tool(Journal).start(wanted))


async def save(counter: Counter, request: Request) -> Response:
    """Save 1 to 50 responses; answered only after they are on disk."""
    house = counter.house
    refuse_cross_site(request, house.settings)
    token = _token(house, request)
    attempt_id = _attempt_id(request)
    arrived_at = request.state.arrived_at
    digest = token_digest(token)
    prove = partial(proof_of, request, house.settings)
    journal = house.tool(Journal)
    try:
        given = _read(await request.body(), SavesGiven)
    except Invalid:
        await journal.keep(
            Save(attempt_id, digest, arrived_at, prove=prove)
        )  # who may not save learns nothing of what a save takes
        raise
    kept = await journal.keep(Save(attempt_id, digest, arrived_at, given.changes, prove))
    house.tool(Presences).note(attempt_id, arrived_at, saved=True)
    return _answer(SavesShown(arrived_at, kept.deadline_at, kept.results))


async def show_time(counter: Counter, request: Request) -> Response:
    """The server's time, the deadline, whether this session still writes, and how much was announced. With it the
    page tells how far it has shown that, and what it has noticed."""
    house = counter.house
    arrived_at = request.state.arrived_at
    prove = partial(proof_of, request, house.settings)
    look = Save(_attempt_id(request), token_digest(_token(house, request)), arrived_at, prove=prove)
    seen, claims = _seen(request), read_claims(request.query_params.get("signals", ""))
    kept = await house.tool(Journal).keep(look)
    if kept.writing:
        house.tool(Presences).note(look.attempt_id, arrived_at, saved=False)
        house.tool(Readings).note(kept.registration_id, min(seen, kept.announced), arrived_at)
        signals = house.tool(Signals)
        signals.see_address(kept.registration_id, address_of(request, house.settings), arrived_at)
        signals.claim(kept.registration_id, kept.epoch, claims, arrived_at)
    state = AttemptState.OPEN if kept.is_open else AttemptState.CLOSED
    shown = TimeShown(
        arrived_at, kept.deadline_at, state.value, kept.epoch, kept.writing, kept.paused, kept.announced, kept.turns
    )
    return _answer(shown)


async def show_state(counter: Counter, request: Request) -> Response:
    """One's attempt with what is saved, without the form."""
    attempt_id = _attempt_id(request)
    return await _act(counter, request, lambda op: service.show_state(op, attempt_id=attempt_id))


async def take_over(counter: Counter, request: Request) -> Response:
    """Go on with one's attempt here, after the proctor's release."""
    refuse_cross_site(request, counter.house.settings)
    attempt_id = _attempt_id(request)
    raw = await request.body()

    def count(op: Operation) -> str:
        code = _read(raw, TakeOverGiven).code
        if code:
            service.count_release(op, attempt_id=attempt_id)
        return code

    # A guess is counted in a transaction of its own, before it is judged.
    code = await _run(counter, request, count)
    return await _act(counter, request, lambda op: service.take_over(op, attempt_id=attempt_id, code=code))


async def hand_in(counter: Counter, request: Request) -> Response:
    """Hand in one's attempt."""
    house = counter.house
    refuse_cross_site(request, house.settings)
    attempt_id = _attempt_id(request)
    digest = token_digest(_token(house, request))
    raw = await request.body()
    try:
        epoch = _read(raw, HandInGiven).epoch
    except Invalid:
        await _prove(counter, request)
        raise
    caller = caller_of(request, house.settings)
    return _answer(await house.tool(Journal).hand_in(HandIn(attempt_id, epoch, digest, caller)))


_SIT = Capability.ATTEMPT_SIT
_ATTEMPT = "/api/v1/attempts/{attempt_id}"
_LOOK = ("seen", "integer"), ("signals", "string")
HOT: tuple[HotRoute, ...] = (
    HotRoute(
        "ticket_sign_in",
        "POST",
        "/api/v1/ticket-sign-in",
        Capability.ANYONE,
        ticket_sign_in,
        TicketGiven,
        TicketShown,
    ),
    HotRoute("start", "POST", "/api/v1/attempts/start", _SIT, start, StartGiven, AttemptShown),
    HotRoute("save", "POST", f"{_ATTEMPT}/saves", _SIT, save, SavesGiven, SavesShown),
    HotRoute("show_time", "GET", f"{_ATTEMPT}/time", _SIT, show_time, None, TimeShown, asked=_LOOK),
    HotRoute("show_state", "GET", f"{_ATTEMPT}/state", _SIT, show_state, None, AttemptShown),
    HotRoute("take_over", "POST", f"{_ATTEMPT}/take-over", _SIT, take_over, TakeOverGiven, AttemptShown),
    HotRoute("hand_in", "POST", f"{_ATTEMPT}/hand-in", _SIT, hand_in, HandInGiven, HandInShown),
)


def routes(house: House) -> list[Route]:
    """The hot routes over `house`."""
    counter = Counter(house)
    return [Route(hot.path, _bind(hot, counter), methods=[hot.method], name=f"attempts.{hot.name}") for hot in HOT]


def document(schema: dict[str, Any]) -> None:
    """Add the hot routes to an OpenAPI document; adding them again changes nothing."""
    models = [model for hot in HOT for model in (hot.given, hot.shown) if model is not None]
    shapes, components = msgspec.json.schema_components(models, ref_template="#/components/schemas/{name}")
    shape_of = dict(zip(models, shapes, strict=True))
    schema.setdefault("components", {}).setdefault("schemas", {}).update(components)
    for hot in HOT:
        said: dict[str, Any] = {
            "tags": [hot.feature],
            "summary": hot.summary,
            "operationId": f"{hot.feature}_{hot.name}",
            "responses": {"200": {"description": "OK", "content": {_JSON: {"schema": shape_of[hot.shown]}}}},
        }
        if "{attempt_id}" in hot.path:
            whole = {"type": "integer", "minimum": 1}
            said["parameters"] = [{"name": "attempt_id", "in": "path", "required": True, "schema": whole}]
        for name, kind in hot.asked:
            said["parameters"].append({"name": name, "in": "query", "required": False, "schema": {"type": kind}})
        if hot.given is not None:
            said["requestBody"] = {"required": True, "content": {_JSON: {"schema": shape_of[hot.given]}}}
        schema.setdefault("paths", {}).setdefault(hot.path, {})[hot.method.lower()] = said


def _bind(hot: HotRoute, counter: Counter) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def bound(request: Request) -> Response:
        request.scope["route"] = hot  # the log names the pattern of the path, never the path
        try:
            return await hot.endpoint(counter, request)
        except ExamBrowserNeeded:
            _note_browser(counter.house, request)
            raise

    return bound


def _note_browser(house: House, request: Request) -> None:
    """The journal and the front door refuse it to the attempt's own candidate alone."""
    if "attempt_id" in request.path_params:
        digest = token_digest(_token(house, request))
        house.tool(Signals).see_browser(_attempt_id(request), digest, request.state.arrived_at)


async def _act(counter: Counter, request: Request, body: Callable[[Operation], msgspec.Struct]) -> Response:
    return _answer(await _run(counter, request, body))


async def _run(counter: Counter, request: Request, body: Callable[[Operation], T]) -> T:
    """One hop in a worker thread: one transaction, committed before the answer is made."""
    caller = caller_of(request, counter.house.settings)
    return await counter.run(partial(perform, counter.house, caller, _SIT, body))


async def _prove(counter: Counter, request: Request) -> None:
    """Who may not act learns nothing of what an act takes: the front door refuses them first."""
    await _run(counter, request, lambda _op: None)


def _token(house: House, request: Request) -> str:
    token = request.cookies.get(cookie_name(house.settings), "")
    if not token:
        raise Unauthenticated
    return token


def _attempt_id(request: Request) -> int:
    text = request.path_params["attempt_id"]
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= _MOST_ID):
        raise NotFound
    return int(text)


def _seen(request: Request) -> int:
    """How far the page has shown the announcements."""
    text = request.query_params.get("seen", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(FieldProblem("seen", "应为整数。", "This must be a whole number."))
    return int(text)


@cache
def _reader(kind: type[msgspec.Struct]) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(kind).decode


def _read(raw: bytes, kind: type[G]) -> G:
    """The body, strictly. The refusal names the place and never repeats what was sent (trap F12)."""
    try:
        read: G = _reader(kind)(raw or b"{}")
        return read
    except msgspec.ValidationError as error:
        place = str(error).rpartition(" - at `$")[2].rstrip("`").lstrip(".") if " - at `$" in str(error) else "body"
        raise Invalid(FieldProblem(_named(place), "填写的内容无效。", "This value is not valid.")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid(FieldProblem("body", "不是有效的 JSON。", "This is not valid JSON.")) from None


def _named(place: str) -> str:
    """msgspec's place as our fields are named: `changes[3].revision` → `changes.3.revision`."""
    return place.replace("[", ".").replace("]", "").strip(".")[:80] or "body"


def _answer(shown: msgspec.Struct) -> Response:
    return JsonAnswer(_encode(shown))
