"""One operation, two faces: every use case is declared once and answers to people as a page and to programs as JSON.

    desk = Desk("exams")

    @desk.view("/exams/{exam_id}", Capability.EXAM_READ, template="exams/exam.html")
    def show_exam(op: Operation, *, exam_id: int) -> ExamShown: ...

    @desk.command("/exams/{exam_id}/seal", Capability.EXAM_APPROVE, then="/exams/{exam_id}", retry=show_exam)
    def seal(op: Operation, *, exam_id: int, given: SealGiven) -> ExamShown: ...

gives `GET /exams/7` and `GET /api/v1/exams/7`, `POST /exams/7/seal` (a form; redirects) and
`POST /api/v1/exams/7/seal` (JSON). Both run the same function in the same single transaction, so a page can do
nothing that the API cannot, and nothing without the same checks. Parameters of the function: `op`; those named in the
path; at most one `Given` (the body); at most one `Upload`; `prepared`, where the command has a `prepare`; all others
are query parameters.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.routing import Route

from app.errors import AppError
from app.operation import Caller, House, Operation
from app.security.permissions import Capability
from app.shapes import Given, Shown, one_line
from app.web import faces
from app.web.faces import Declared, Upload
from app.web.quick_views import quick_route

F = TypeVar("F", bound=Callable[..., Any])

API_PREFIX = "/api/v1"
_PATH_NAME = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class NavEntry:
    """An entry of the band: its words (Chinese; English from the catalogue) and its place among the others, whose
    tens say which belong together: items, exams, the day, results, clearance, records, the service."""

    text: str
    order: int
    under: tuple[str, ...] = ()
    """Where else the pages of this entry stand: each the beginning of an address ("/items")."""


class Desk:
    """The routes of one feature."""

    def __init__(self, feature: str, *, guard: Callable[[Operation], None] = lambda _op: None) -> None:
        """`guard` is asked before every operation of the desk, once the access is checked; it raises to refuse."""
        self.feature = feature
        self.guard = guard
        self._faces: list[_Face] = []
        self.declared: list[Declared] = []
        self.navigation: list[tuple[NavEntry, str, Capability]] = []
        self._quick: list[Declared] = []

    @cached_property
    def router(self) -> APIRouter:
        """The routes of the desk; worked out when they are first asked for, so that a command that serves nobody need
        not wait for the hundreds of them."""
        router = APIRouter()
        for face in self._faces:
            self._route(router, face)
        return router

    @cached_property
    def express(self) -> list[Route]:
        """The routes of the desk for the express lane, which stand beside the others."""
        return [_quick_route(face) for face in self._faces if face.spec in self._quick]

    def view(
        self,
        path: str,
        access: Capability,
        *,
        template: str | None = None,
        nav: NavEntry | None = None,
        api: bool = True,
        enclose: Callable[[House, Any, bytes], faces.Download] | None = None,
        documented: type[Shown] | None = None,
        express: bool = False,
    ) -> Callable[[F], F]:
        """Declare something to look at. Without a template there is no page (a download, or for programs only); with
        `api=False` there is no JSON. The function returns a `Shown`, a `Download`, or a `Stream`.
        `enclose(house, result, page)` makes a file of the page before it leaves. Where each row counts, the function
        returns a msgspec struct of the same fields as the `documented` model, and `express` views pass by the
        framework's layers: their paths hold keys alone."""

        def declare(function: F) -> F:
            spec = self._spec(function, path, access, reading=True, template=template, enclose=enclose)
            if nav:
                self.navigation.append((nav, path, access))
            shown = documented or inspect.signature(function).return_annotation
            plain = shown in (faces.Download, faces.Stream)
            if template is not None or plain:
                self._faces.append(_Face("GET", path, faces.show_page, spec))
            if api and not plain:
                self._faces.append(_Face("GET", API_PREFIX + path, faces.show_json, spec, shown))
            if express:
                self._quick.append(spec)
            function.declared = spec  # type: ignore[attr-defined]
            return function

        return declare

    def command(
        self,
        path: str,
        access: Capability,
        *,
        then: str | Callable[[Any], str] = "/",
        retry: Callable[..., Any] | None = None,
        fresh: bool = False,
        said: str = "",
        api: bool = True,
        page: bool = True,
        template: str | None = None,
        prepare: Callable[..., Any] | None = None,
        refused: Callable[[House, Caller, AppError], None] | None = None,
    ) -> Callable[[F], F]:
        """Declare an act. After it the page goes to `then` (path parameters and fields of the result filled in) and
        shows `said`; where it is refused, the view `retry` is shown again with what was typed and what is wrong.
        With a `template` the page shows the result itself, once, instead of going on (a code that is stored nowhere);
        an act that gives out a file returns a `Download`, which is made anew when it is repeated.
        `fresh` acts are signed with a second factor given within the last minutes (P30). `prepare` does what is slow
        before the transaction opens: `prepare(house, caller, **arguments)`, its result is the parameter `prepared`.
        `refused(house, caller, error)` keeps what must be kept of a refusal, once the act is rolled back."""

        def declare(function: F) -> F:
            spec = self._spec(
                function,
                path,
                access,
                reading=False,
                fresh=fresh,
                then=then,
                retry=retry,
                said=said,
                template=template,
                prepare=prepare,
                refused=refused,
            )
            if page:
                self._faces.append(_Face("POST", path, faces.act_page, spec))
            if api:
                shown = inspect.signature(function).return_annotation
                self._faces.append(_Face("POST", API_PREFIX + path, faces.act_json, spec, shown))
            function.declared = spec  # type: ignore[attr-defined]
            return function

        return declare

    def _spec(self, function: Callable[..., Any], path: str, access: Capability, **more: Any) -> Declared:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        body = next((p for p in parameters if _is_given(p.annotation)), None)
        upload = next((p for p in parameters if p.annotation in (Upload, Upload | None)), None)
        spec = Declared(
            feature=self.feature,
            guard=self.guard,
            name=function.__name__,
            path=path,
            access=access,
            function=function,
            body_name=body.name if body else None,
            body_model=body.annotation if body else None,
            upload_name=upload.name if upload else None,
            upload_required=upload is not None and upload.annotation is Upload,
            **more,
        )
        self.declared.append(spec)
        return spec

    def _route(self, router: APIRouter, face: "_Face") -> None:
        spec = face.spec
        reader: Callable[..., Any] | None = None
        if face.answer is faces.act_page:
            reader = faces.read_form
        elif face.answer is faces.act_json:
            reader = faces.read_form if spec.upload_name else faces.read_raw
        endpoint = partial(face.answer, spec)
        endpoint.__signature__ = _signature(spec, reader)  # type: ignore[attr-defined]
        documented = face.path.startswith(API_PREFIX)
        is_model = inspect.isclass(face.response) and issubclass(face.response, Shown)
        router.add_api_route(
            face.path,
            endpoint,
            methods=[face.method],
            name=f"{self.feature}.{spec.name}" + ("" if documented else ".page"),
            include_in_schema=documented,
            response_model=face.response if is_model and documented else None,
            summary=(inspect.getdoc(spec.function) or spec.name).split("\n", 1)[0] if documented else None,
            tags=[self.feature],
            openapi_extra=_body_schema(spec) if face.method == "POST" and documented else None,
            operation_id=f"{self.feature}_{spec.name}" if documented else None,
        )


@dataclass(frozen=True)
class _Face:
    """One of the two faces of an operation: the route that answers, and what JSON it shows."""

    method: str
    path: str
    answer: Callable[..., Any]
    spec: Declared
    response: Any = None


def _is_given(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, Given)


def _signature(spec: Declared, reader: Callable[..., Any] | None) -> inspect.Signature:
    """What FastAPI is shown: the request, the path's and the query's parameters, and whoever reads the body."""
    in_path = set(_PATH_NAME.findall(spec.path))
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("request", keyword, annotation=Request)]
    for parameter in list(inspect.signature(spec.function).parameters.values())[1:]:
        if parameter.name in {spec.body_name, spec.upload_name} or (spec.prepare and parameter.name == "prepared"):
            continue
        kind = Path if parameter.name in in_path else Query
        parameters.append(
            inspect.Parameter(
                parameter.name,
                keyword,
                annotation=_bounded(parameter.annotation, kind),
                default=parameter.default,
            )
        )
    if reader is not None:
        parameters.append(inspect.Parameter("sent", keyword, annotation=Any, default=Depends(reader)))
    return inspect.Signature(parameters)


def _quick_route(face: _Face) -> Route:
    """A face of a view; its query parameters are those that the ordinary route takes."""
    others = {*_PATH_NAME.findall(face.spec.path), "request"}
    known = _signature(face.spec, None).parameters.values()
    asked = {one.name: (one.annotation, one.default) for one in known if one.name not in others}
    return quick_route(face.spec, face.path, face.answer, asked)


def _bounded(annotation: Any, kind: Any) -> Any:
    """Bare types get the bounds that both databases can hold: 64-bit positive keys, one line of printable text."""
    if annotation is int:
        return Annotated[int, kind(ge=0 if kind is Query else 1, le=2**63 - 1)]
    if annotation == int | None:
        return Annotated[int | None, kind(ge=0, le=2**63 - 1)]
    if annotation == tuple[int, ...]:
        return Annotated[tuple[Annotated[int, Field(ge=1, le=2**63 - 1)], ...], kind(max_length=500)]
    if annotation is str:
        return Annotated[str, kind(max_length=500), AfterValidator(one_line)]
    return annotation


def _body_schema(spec: Declared) -> dict[str, Any] | None:
    """The body's place in the OpenAPI document: we read it ourselves, strictly, and so describe it ourselves."""
    if spec.upload_name:
        properties: dict[str, Any] = {spec.upload_name: {"type": "string", "format": "binary"}}
        if spec.body_model:
            properties |= spec.body_model.model_json_schema().get("properties", {})
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
    if spec.body_model is None:
        return None
    schema = spec.body_model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
