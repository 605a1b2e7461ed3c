"""The one place where results and refusals become bytes: problem details (RFC 9457) for programs, pages for people."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from app.errors import (
    AppError,
    FieldProblem,
    Invalid,
    NotFound,
    SecondFactorStale,
    Unauthenticated,
)
from app.operation import House
from app.security.actor import PUBLIC, Actor
from app.security.permissions import ROLE_WORDS, Capability
from app.web.language import language_of, translate
from app.web.templating import Pages

API = "/api/"
_LONGEST_NUMBER = 2  # of a row
log = logging.getLogger("chizheng.web")


@dataclass(frozen=True)
class FormState:
    """What a form shows: the values last typed and what is wrong with them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    general: str = ""

    def value(self, name: str, default: Any = "") -> Any:
        """What was typed into `name`, else `default`."""
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        """What is wrong with `name`, or nothing."""
        return self.errors.get(name, "")

    def rows(self, name: str, fewest: int, spare: int) -> int:
        """How many rows to show under `name`: those that hold anything and the spare ones, at least the `fewest`."""
        begin = f"{name}."
        filled = (key for key, value in self.values.items() if value and key.startswith(begin))
        held = (key[len(begin) :].split(".")[0] for key in filled)
        numbers = [int(step) for step in held if step.isascii() and step.isdecimal() and len(step) <= _LONGEST_NUMBER]
        return max([fewest, *(number + 1 + spare for number in numbers)])

    def filled(self, **defaults: Any) -> "FormState":
        """The same, with values for fields that nobody has typed into yet."""
        return FormState({**defaults, **self.values}, self.errors, self.general)


class MethodNotAllowed(AppError):
    """A path that exists, asked in a way it does not answer."""

    code = "request.method"
    status = 405
    zh = "此地址不支持该操作。"
    en = "This address does not answer to that method."


class Malformed(AppError):
    """A request whose form cannot be read at all."""

    code = "request.malformed"
    status = 400
    zh = "请求格式无法识别。"
    en = "The request cannot be read."


class Unexpected(AppError):
    """A defect of ours; says nothing about itself to the caller (P41)."""

    code = "service.unexpected"
    status = 500
    zh = "服务出现意外错误，操作未保存。请记下请求编号并联系系统管理员。"
    en = "Something unexpected happened and nothing was saved. Please note the request id and tell the administrator."


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, rather than a program."""
    return not request.url.path.startswith(API) and "text/html" in request.headers.get("accept", "text/html")


def problem(error: AppError, *, lang: str, request_id: str) -> Response:
    """The refusal as problem details."""
    body: dict[str, Any] = {
        "type": f"urn:chizheng:{error.code}",
        "code": error.code,
        "title": error.sentence(lang),
        "status": error.status,
        "request_id": request_id,
    }
    if isinstance(error, Invalid) and error.fields:
        body["errors"] = [{"field": f.field, "detail": f.sentence(lang)} for f in error.fields]
    return JSONResponse(body, status_code=error.status, media_type="application/problem+json", headers=_headers(error))


def _headers(error: AppError) -> dict[str, str]:
    headers = {"cache-control": "no-store"}
    seconds = error.params.get("seconds", error.retry_after)
    if error.status in {429, 503} and seconds:
        headers["retry-after"] = str(int(seconds))
    return headers


class Renderer:
    """Turns results and refusals into responses; one for the life of the service."""

    def __init__(self, house: House, navigation: "Navigation", version: str) -> None:
        self.house = house
        self.pages = Pages()
        self.navigation = navigation
        self.version = version

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page with everything that base.html asks for."""
        lang = language_of(request)
        actor: Actor = getattr(request.state, "actor", PUBLIC)
        words = [translate_role(role, lang) for role in sorted(actor.roles)]
        html = self.pages.render(
            template,
            lang="en" if lang == "en" else "zh-CN",
            nonce=request.state.nonce,
            csrf_token=actor.csrf_token,
            nav=self.navigation.of(actor, request.url.path, lang),
            actor={"name": actor.name, "roles": words} if actor.account_id else None,
            me=actor,
            unread=getattr(request.state, "unread", 0),
            now=self.house.clock.now(),
            page_path=request.url.path,
            drill=self.house.settings.drill,
            county=self.house.settings.county,
            authority=self.house.settings.authority,
            version=self.version,
            **{"form": FormState(), "said": "", **context},
        )
        return HTMLResponse(html, status_code=status)

    def refusal(self, request: Request, error: AppError) -> Response:
        """The refusal, as a page or as problem details; sends a person who must sign in to where they can."""
        lang = language_of(request)
        request_id = getattr(request.state, "request_id", "")
        if not wants_page(request):
            return problem(error, lang=lang, request_id=request_id)
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if isinstance(error, Unauthenticated):
            target = back if request.method == "GET" else "/"
            return RedirectResponse(f"/sign-in?{urlencode({'next': target})}", status_code=303)
        if isinstance(error, SecondFactorStale):
            target = getattr(request.state, "return_to", "/") if request.method != "GET" else back
            return RedirectResponse(f"/confirm?{urlencode({'next': target})}", status_code=303)
        if error.first and request.method == "GET":
            return RedirectResponse(f"{error.first}?{urlencode({'next': back})}", status_code=303)
        response = self.page(
            request,
            "error.html",
            status=error.status,
            error={
                "code": error.code,
                "sentence": error.sentence(lang),
                "status": error.status,
                "request_id": request_id,
                "fields": [f.sentence(lang) for f in getattr(error, "fields", ())],
            },
        )
        response.headers.update(_headers(error))
        return response

    def install(self, app: FastAPI) -> None:
        """Answer every exception of the application from here."""

        async def refuse(request: Request, error: Exception) -> Response:
            return self.answer_error(request, error)

        for kind in (AppError, HTTPException, RequestValidationError, ValidationError, Exception):
            app.add_exception_handler(kind, refuse)

    def answer_error(self, request: Request, error: Exception) -> Response:
        """The response to whatever was raised; what nobody foresaw is logged, and told to nobody."""
        refusal = as_app_error(error)
        if isinstance(refusal, Unexpected):
            log.error("unexpected", exc_info=error, extra={"request_id": getattr(request.state, "request_id", "")})
        return self.refusal(request, refusal)


def translate_role(role: Any, lang: str) -> str:
    """The role's word in `lang`."""
    return ROLE_WORDS[role][1 if lang == "en" else 0]


def as_app_error(error: Exception) -> AppError:
    """What the framework raised, as one of ours. Never repeats the input (traps F11, F12)."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, RequestValidationError):
        details = error.errors()
        if any(d["loc"] and d["loc"][0] == "path" for d in details):
            return NotFound()
        return Invalid(*(field_problem(d, skip=1) for d in details))
    if isinstance(error, ValidationError):
        return invalid_from(error)
    if isinstance(error, HTTPException):
        known: dict[int, AppError] = {404: NotFound(), 405: MethodNotAllowed()}
        return known.get(error.status_code, Malformed())
    return Unexpected()


def invalid_from(error: ValidationError) -> Invalid:
    """A schema's refusal, field by field."""
    return Invalid(*(field_problem(d) for d in error.errors(include_url=False, include_input=False)))


_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("此项必填。", "This is required."),
    "extra_forbidden": ("没有这个字段。", "There is no such field."),
    "string_too_short": ("此项必填，且不少于 {min_length} 个字符。", "At least {min_length} characters are needed."),
    "string_too_long": ("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_pattern_mismatch": ("格式不正确。", "The form is not right."),
    "control_character": ("含有无法显示的字符。", "It holds a character that cannot be shown."),
    "greater_than_equal": ("不能小于 {ge}。", "Not less than {ge}."),
    "less_than_equal": ("不能大于 {le}。", "Not more than {le}."),
    "too_short": ("至少选择 {min_length} 项。", "At least {min_length} are needed."),
    "too_long": ("最多 {max_length} 项。", "At most {max_length}."),
    "int_parsing": ("须为整数。", "A whole number is needed."),
    "int_type": ("须为整数。", "A whole number is needed."),
    "datetime_from_date_parsing": ("须为日期和时间。", "A date and time is needed."),
    "date_from_datetime_parsing": ("须为日期。", "A date is needed."),
    "enum": ("请从给出的选项中选择。", "Please choose one of those given."),
    "json_invalid": ("不是有效的 JSON。", "This is not valid JSON."),
}


def field_problem(details: ErrorDetails | Mapping[str, Any], *, skip: int = 0) -> FieldProblem:
    """One complaint of a schema in words; the sentence never holds what was sent."""
    name = ".".join(str(part) for part in details["loc"][skip:]) or "body"
    zh, en = _WORDS.get(str(details["type"]), ("填写的内容无效。", "This value is not valid."))
    params = dict(details.get("ctx") or {})
    try:
        return FieldProblem(_printable(name), zh.format(**params), en.format(**params))
    except KeyError:
        return FieldProblem(_printable(name), "填写的内容无效。", "This value is not valid.")


def _printable(name: str) -> str:
    """A field's name as it may be shown: a caller chooses the names of unknown fields."""
    return "".join(c if c.isprintable() else "?" for c in name)[:80]


@dataclass(frozen=True)
class Place:
    """An entry of the band: where it leads, its words, who may go there, and where else its pages stand."""

    order: int
    href: str
    text: str
    capability: Any
    under: tuple[str, ...]


class Shown(NamedTuple):
    """An entry as one page shows it."""

    href: str
    text: str
    current: bool
    leads: bool
    """Whether a group of entries begins with it: those whose orders share their tens belong together."""


class Navigation:
    """The entries of the band, in order; each actor sees those they may open."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self._seen: dict[frozenset[Capability], list[Place]] = {}

    def add(self, *, order: int, href: str, text: str, capability: Any, under: tuple[str, ...] = ()) -> None:
        """Add one entry."""
        self.places.append(Place(order, href, text, capability, under))

    def of(self, actor: Actor, path: str, lang: str) -> tuple[Shown, ...]:
        """What `actor` sees on the page at `path`; the entry that the page belongs to, if it shows one, is current."""
        if actor.account_id is None:
            return ()
        seen = self._open_to(actor.capabilities)
        own = [p.href for p in seen if within(path, p.href)]
        others = [p.href for p in seen if any(within(path, address) for address in p.under)]
        current = max(own or others[:1], key=len, default="")  # one desk may lie under another
        before = [seen[0], *seen] if seen else []
        return tuple(
            Shown(p.href, translate(p.text, lang), p.href == current, p.order // 10 != last.order // 10)
            for last, p in zip(before, seen, strict=False)
        )

    def _open_to(self, capabilities: frozenset[Capability]) -> list[Place]:
        """The places for whoever holds these, in order; remembered, for every page asks."""
        seen = self._seen.get(capabilities)
        if seen is None:
            ordered = sorted(self.places, key=lambda p: (p.order, p.href))
            seen = self._seen[capabilities] = [p for p in ordered if p.capability in capabilities]
        return seen


def within(path: str, address: str) -> bool:
    """Whether the page at `path` is the one at `address`, or lies under it."""
    return path == address or path.startswith(f"{address}/")


def content_disposition(name: str) -> str:
    """An attachment's header for a name that may be Chinese (RFC 6266)."""
    plain = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "._-")) or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
