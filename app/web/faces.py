"""How a declared operation meets a request: as a page or as JSON. See `app.web.desk`."""

import hashlib
import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import msgspec
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from app import idempotency
from app.errors import AppError, FieldProblem, Forbidden, Invalid, NotFound, SecondFactorStale, Unauthenticated
from app.operation import Caller, House, Operation, perform
from app.outbox.inbox import unread
from app.security.permissions import Capability
from app.shapes import Given, Shown
from app.web.caller import caller_of, refuse_cross_site, refuse_forged_form, set_session_cookie
from app.web.express import JsonAnswer
from app.web.language import language_of, translate
from app.web.nesting import nest_fields
from app.web.rendering import FormState, Renderer, content_disposition, invalid_from, wants_page

_MOST_FIELDS = 2000
_PLACEHOLDER = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Upload:
    """A file as it came: the name its sender gave it (a label, never a path) and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Download:
    """A file to give out."""

    name: str
    content: bytes
    media_type: str
    inline: bool = False
    kept: str = ""
    """How long the browser that asked may keep it (a cache-control header); by itself it keeps nothing."""


@dataclass(frozen=True)
class Stream:
    """Server-sent events. `begin` is given how to ask, from any thread, whether the caller may still look: the same
    operation, with the session and the roles of that moment (P23)."""

    begin: Callable[[Callable[[], bool]], AsyncIterator[str]]


@dataclass(frozen=True)
class Declared:
    """What the house knows of one operation: read by the tests of the house as well as by the faces."""

    feature: str
    name: str
    path: str
    access: Capability
    function: Callable[..., Any]
    reading: bool
    body_name: str | None = None
    body_model: type[Given] | None = None
    upload_name: str | None = None
    upload_required: bool = False
    template: str | None = None
    then: str | Callable[[Any], str] = "/"
    retry: Callable[..., Any] | None = None
    fresh: bool = False
    said: str = ""
    guard: Callable[[Operation], None] = lambda _op: None
    """Asked before the operation, once the access is checked; raises to refuse."""
    prepare: Callable[..., Any] | None = None
    """What must be done before the transaction: called with the house, the caller and the operation's own arguments;
    what it returns is the operation's `prepared`, where it asks for it."""
    refused: Callable[[House, Caller, AppError], None] | None = None
    """Keeps what must be kept of a refusal: called once the act's own transaction is rolled back."""
    enclose: Callable[[House, Any, bytes], Download] | None = None
    """What is made of the page before it leaves: called with the house, the operation's result and the page."""


@dataclass(frozen=True)
class Sent:
    """A form as it came: fields (lists where a name came more than once), files, and the two hidden fields."""

    fields: Mapping[str, Any]
    files: Mapping[str, Upload]
    csrf: str = ""
    key: str = ""

    def fingerprint(self) -> str:
        """The same for the same content, whatever boundary a browser invents for its parts."""
        files = {name: [f.name, hashlib.sha256(f.content).hexdigest()] for name, f in self.files.items()}
        text = json.dumps([self.fields, files], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


async def read_raw(request: Request) -> bytes:
    """The body as it came; the gate has read it whole already."""
    return await request.body()


async def read_form(request: Request) -> Sent:
    """The form as it came. Reading files belongs here, on the event loop; nothing is judged yet."""
    fields: dict[str, Any] = {}
    files: dict[str, Upload] = {}
    async with request.form(max_files=4, max_fields=_MOST_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    files[name] = Upload(_label(value.filename), await value.read())
            elif name in fields:
                before = fields[name]
                fields[name] = [*before, value] if isinstance(before, list) else [before, value]
            else:
                fields[name] = value
    return Sent(fields, files, str(fields.pop("_csrf", "")), str(fields.pop("_key", "")))


def _label(file_name: str) -> str:
    """The last part of the name that a sender gave: some browsers send a whole path."""
    return file_name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][:200]


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _renderer(request: Request) -> Renderer:
    renderer: Renderer = request.app.state.renderer
    return renderer


def _run(request: Request, spec: Declared, call: Callable[[Operation], Any]) -> Any:
    """One hop, in the worker thread that FastAPI gave this endpoint."""
    house = _house(request)

    def body(op: Operation) -> Any:
        request.state.actor = op.actor
        spec.guard(op)
        result = call(op)
        if op.new_token:
            op.after_commit(partial(setattr, request.state, "new_token", op.new_token))
        bare = spec.template is None or spec.enclose is not None  # without the band that counts messages
        if op.actor.person_id is not None and not bare and wants_page(request):
            request.state.unread = unread(op.db, op.actor.person_id)
        return result

    caller = caller_of(request, house.settings)
    try:
        return perform(house, caller, spec.access, body, reading=spec.reading, fresh=spec.fresh)
    except AppError as error:
        if spec.refused is not None:
            spec.refused(house, caller, error)
        raise


def show_json(spec: Declared, /, *, request: Request, **parameters: Any) -> Any:
    """A view, as JSON."""
    result = _run(request, spec, lambda op: spec.function(op, **parameters))
    return JsonAnswer(msgspec.json.encode(result)) if isinstance(result, msgspec.Struct) else result


def show_page(spec: Declared, /, *, request: Request, **parameters: Any) -> Response:
    """A view, as a page or a file."""
    result = _run(request, spec, lambda op: spec.function(op, **parameters))
    if isinstance(result, Download):
        return _file_of(result)
    if isinstance(result, Stream):
        return _stream_of(request, spec, result, parameters)
    page = _page_of(request, spec, result, status=200, form=FormState())
    return page if spec.enclose is None else _file_of(spec.enclose(_house(request), result, bytes(page.body)))


def _stream_of(request: Request, spec: Declared, stream: Stream, parameters: Mapping[str, Any]) -> Response:
    house = _house(request)
    caller = caller_of(request, house.settings)

    def may_go_on() -> bool:
        now = replace(caller, arrived_at=house.clock.now())
        try:
            perform(house, now, spec.access, lambda op: spec.function(op, **parameters), reading=True)
        except (Unauthenticated, Forbidden, NotFound):
            return False
        except AppError:  # busy, or an outage: no reason to think that anything was taken away
            return True
        return True

    headers = {"x-accel-buffering": "no"}  # a proxy passes every event on at once
    return StreamingResponse(stream.begin(may_go_on), media_type="text/event-stream", headers=headers)


def _file_of(file: Download) -> Response:
    disposition = content_disposition(file.name)
    if file.inline:
        disposition = disposition.replace("attachment", "inline", 1)
    headers = {"content-disposition": disposition}
    if file.kept:
        headers |= {"cache-control": file.kept, "vary": "cookie"}
    return Response(file.content, media_type=file.media_type, headers=headers)


def _page_of(request: Request, spec: Declared, result: Any, *, status: int, form: FormState) -> Response:
    if isinstance(result, Response):
        return result
    if spec.template is None:
        raise LookupError(f"{spec.name} has no page")
    said = request.app.state.sayings.get(request.query_params.get("done", ""), "")
    return _renderer(request).page(
        request,
        spec.template,
        status=status,
        view=result,
        form=form,
        said=translate(said, language_of(request)) if status == 200 else "",
    )


def act_json(spec: Declared, /, *, request: Request, sent: Any = b"", **parameters: Any) -> Any:
    """A command from a program."""
    settings = _house(request).settings
    refuse_cross_site(request, settings)
    key = request.headers.get("idempotency-key", "")
    is_form = isinstance(sent, Sent)
    fingerprint = _scoped(request, sent.fingerprint() if is_form else hashlib.sha256(request.state.body).hexdigest())

    def read() -> dict[str, Any]:
        # Called once the access is checked: who may not act learns nothing about what the act would have taken.
        return parameters | (_from_form(spec, sent) if is_form else _from_json(spec, sent))

    answer = _act(request, spec, read, key, fingerprint)
    if isinstance(answer, Download):
        return _file_of(answer)
    if isinstance(answer, Shown) and hasattr(request.state, "new_token"):
        answer = answer.model_dump_json()
    return _with_session(request, JSONResponse(json.loads(answer))) if isinstance(answer, str) else answer


def act_page(spec: Declared, /, *, request: Request, sent: Sent, **parameters: Any) -> Response:
    """A command from a form: does it and moves on, or shows the form again with what is wrong."""
    return _with_session(request, _answer_form(request, spec, sent, parameters))


def _with_session(request: Request, response: Response) -> Response:
    """The response, with the session's new token where a committed act gave it one."""
    token = getattr(request.state, "new_token", "")
    if token:
        set_session_cookie(response, _house(request).settings, token)
    return response


def _answer_form(request: Request, spec: Declared, sent: Sent, parameters: Mapping[str, Any]) -> Response:
    house = _house(request)
    refuse_cross_site(request, house.settings)
    try:
        refuse_forged_form(sent.csrf, caller_of(request, house.settings).session_token)
        fingerprint = _scoped(request, sent.fingerprint())
        result = _act(request, spec, lambda: {**parameters, **_from_form(spec, sent)}, sent.key, fingerprint)
    except AppError as error:
        return _show_again(request, spec, sent, parameters, error)
    if isinstance(result, Download):
        return _file_of(result)
    if isinstance(result, Response):
        return result
    if spec.template is not None:
        return _page_of(request, spec, _shown(spec, result), status=200, form=FormState())
    fields = json.loads(result) if isinstance(result, str) else result.model_dump(mode="json")
    if callable(spec.then):
        target = spec.then(SimpleNamespace(**fields))  # a repeated act answers from what was kept of the first
    else:
        target = _PLACEHOLDER.sub(lambda m: quote(str({**fields, **parameters}[m.group(1)])), spec.then)
    if spec.said:
        target += f"{'&' if '?' in target else '?'}done={spec.feature}.{spec.name}"
    return RedirectResponse(target, status_code=303)


def _shown(spec: Declared, result: Any) -> Any:
    """The result as what it was: a repeated act answers with the JSON that was kept of the first."""
    if not isinstance(result, str):
        return result
    return inspect.signature(spec.function).return_annotation.model_validate_json(result)


def _act(request: Request, spec: Declared, read: Callable[[], dict[str, Any]], key: str, fingerprint: str) -> Any:
    """One hop; where there is something to prepare, three: may they at all (reading), prepare (no transaction), act.

    A transaction that waits for a slow file would hold the one write lock of SQLite against everyone's saves (P43).
    """
    if spec.prepare is None:
        return _run(request, spec, lambda op: _once(op, spec, read(), key, fingerprint))
    house = _house(request)
    caller = caller_of(request, house.settings)

    def look(op: Operation) -> tuple[Any, dict[str, Any]]:
        request.state.actor = op.actor
        spec.guard(op)
        arguments = read()
        return (idempotency.recall(op, key=key, fingerprint=fingerprint) if key else None), arguments

    before, arguments = perform(house, caller, spec.access, look, reading=True, fresh=spec.fresh)
    if before is not None:
        return before
    prepared = spec.prepare(house, caller, **arguments)
    if "prepared" in inspect.signature(spec.function).parameters:
        arguments["prepared"] = prepared
    return _run(request, spec, lambda op: _once(op, spec, arguments, key, fingerprint))


def _scoped(request: Request, digest: str) -> str:
    return hashlib.sha256(f"{request.method} {request.url.path} {digest}".encode()).hexdigest()


def _once(op: Operation, spec: Declared, arguments: Mapping[str, Any], key: str, fingerprint: str) -> Any:
    """Run the command; with a key, at most once, and give the first answer again (P4)."""
    if not key or op.actor.account_id is None or spec.template is not None:
        # What is shown once (a code on a slip) is not kept to be shown again: a repeat makes a new one.
        return spec.function(op, **arguments)
    before = idempotency.recall(op, key=key, fingerprint=fingerprint)
    if before is not None:
        return before
    result = spec.function(op, **arguments)
    if isinstance(result, Shown):
        idempotency.remember(op, key=key, fingerprint=fingerprint, answer=result.model_dump_json())
    return result


def _show_again(
    request: Request, spec: Declared, sent: Sent, parameters: Mapping[str, Any], error: AppError
) -> Response:
    """The page the form stood on, with every value kept; where there is none, the refusal as a page."""
    renderer = _renderer(request)
    retry: Declared | None = getattr(spec.retry, "declared", None)
    if retry is not None:
        request.state.return_to = _PLACEHOLDER.sub(lambda m: quote(str(parameters[m.group(1)])), retry.path)
    if retry is None or isinstance(error, (Unauthenticated, SecondFactorStale)) or error.status in {404, 500, 503}:
        return renderer.refusal(request, error)
    lang = language_of(request)
    errors: dict[str, str] = {}
    for found in getattr(error, "fields", ()):
        errors[found.field] = f"{errors.get(found.field, '')} {found.sentence(lang)}".strip()
    form = FormState(dict(sent.fields), errors, error.sentence(lang))
    known = {name: value for name, value in parameters.items() if f"{{{name}}}" in retry.path}
    try:
        result = _run(request, retry, lambda op: retry.function(op, **known))
    except AppError:
        return renderer.refusal(request, error)
    return _page_of(request, retry, result, status=error.status, form=form)


def _from_json(spec: Declared, raw: bytes) -> dict[str, Any]:
    """The body, strictly: no coercion, no unknown field, no NaN, no lone surrogate (traps F11, F13)."""
    if spec.body_model is None or spec.body_name is None:
        return {}
    try:
        return {spec.body_name: spec.body_model.model_validate_json(raw or b"{}", strict=True)}
    except ValidationError as error:
        raise invalid_from(error) from None


def _from_form(spec: Declared, sent: Sent) -> dict[str, Any]:
    """A form's fields as the operation's arguments: text becomes what the model says; empty fields count as absent."""
    arguments: dict[str, Any] = {}
    if spec.upload_name:
        upload = sent.files.get(spec.upload_name)
        if upload is None and spec.upload_required:
            raise Invalid(FieldProblem(spec.upload_name, "请选择文件。", "Please choose a file."))
        arguments[spec.upload_name] = upload
    if spec.body_model and spec.body_name:
        try:
            arguments[spec.body_name] = spec.body_model.model_validate(_nested(spec.body_model, sent.fields))
        except ValidationError as error:
            raise invalid_from(error) from None
    return arguments


def _nested(model: type[BaseModel], fields: Mapping[str, Any]) -> dict[str, Any]:
    """`cells.0.topic=…` becomes a list of mappings; a field of list type that came once becomes a list of one."""
    known = model.model_fields
    return nest_fields(fields, known=known, lists={name for name in known if "list[" in str(known[name].annotation)})
