"""Signing in and activating an account: written by hand, because a password is hashed between two transactions.

A try is counted in a transaction of its own, the hash is checked outside any (20 ms that must hold no lock), and only
then the session is opened. Text, code and time are the same whoever is asked for (P38).
"""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.accounts import queries
from app.accounts.models import Account
from app.accounts.rules import CodeRefused, SignInRefused
from app.accounts.schemas import ActivateGiven, SignInGiven
from app.accounts.service import check_password, set_password
from app.accounts.sessions import note_refusal, open_session, prove_factor
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import AppError
from app.operation import Caller, House, Operation, perform
from app.security import one_time_codes
from app.security.derivation import Purpose, derive
from app.security.passwords import Passwords
from app.security.permissions import Capability
from app.security.throttle import SignInGuard, Try, device_mark, read_device_mark
from app.settings import Settings
from app.web.caller import caller_of, refuse_cross_site, set_session_cookie
from app.web.faces import Sent, read_form
from app.web.home import local_path
from app.web.language import language_of
from app.web.rendering import FormState, Renderer, invalid_from

router = APIRouter(include_in_schema=False)
DEVICE_COOKIE = "device"


@dataclass(frozen=True)
class Known:
    """What the first transaction found out about the account that was named."""

    account_id: int | None
    password_hash: str | None


@router.get("/sign-in")
def show_sign_in(request: Request) -> Response:
    """The sign-in page."""
    return _page(request, "accounts/sign_in.html", FormState({"next": request.query_params.get("next", "/")}))


@router.post("/sign-in")
def sign_in(request: Request, sent: Annotated[Sent, Depends(read_form)]) -> Response:
    """Sign in with login name, password and, for staff, a one-time code."""
    house: House = request.app.state.house
    refuse_cross_site(request, house.settings)
    try:
        given = SignInGiven.model_validate({k: v for k, v in sent.fields.items() if v != ""})
        token = _sign_in(house, caller_of(request, house.settings), given, _device(request, house, given.login))
    except ValidationError as error:
        return _again(request, "accounts/sign_in.html", sent, invalid_from(error))
    except AppError as error:
        return _again(request, "accounts/sign_in.html", sent, error)
    response = RedirectResponse(local_path(given.next), status_code=303)
    _set_cookies(response, house.settings, token, given.login)
    return response


@router.get("/activate")
def show_activate(request: Request) -> Response:
    """The page for the printed activation slip."""
    return _page(request, "accounts/activate.html", FormState())


@router.post("/activate")
def activate(request: Request, sent: Annotated[Sent, Depends(read_form)]) -> Response:
    """Use an activation slip: choose a password."""
    house: House = request.app.state.house
    refuse_cross_site(request, house.settings)
    try:
        given = ActivateGiven.model_validate({k: v for k, v in sent.fields.items() if v != ""})
        token = _activate(house, caller_of(request, house.settings), given, _device(request, house, given.login))
    except ValidationError as error:
        return _again(request, "accounts/activate.html", sent, invalid_from(error))
    except AppError as error:
        return _again(request, "accounts/activate.html", sent, error)
    response = RedirectResponse("/", status_code=303)
    _set_cookies(response, house.settings, token, given.login)
    return response


def _sign_in(house: House, caller: Caller, given: SignInGiven, device: str | None) -> str:
    attempt = Try(given.login, 0, caller.address, device)
    known = perform(house, caller, Capability.ANYONE, lambda op: _admit(op, attempt, given.login))
    verdict = house.tool(Passwords).verify(known.password_hash, given.password)
    if not verdict.ok or known.account_id is None:
        perform(house, caller, Capability.ANYONE, lambda op: note_refusal(op, known.account_id, "password"))
        raise SignInRefused

    def open_it(op: Operation) -> str:
        account = queries.hold_by_login(op.db, given.login)
        if account is None or account.disabled_at is not None:
            raise SignInRefused
        if account.password_hash != known.password_hash:  # set anew while the old one was being checked
            raise SignInRefused
        has_factor = bool(account.totp_last_step) or bool(queries.unused_codes(op.db, account.id, "factor", op.now))
        if has_factor:
            prove_factor(op, account, given.code)
        op.house.tool(SignInGuard).forgive(op.db, attempt, now=op.now)
        return open_session(op, account, factor=has_factor)

    try:
        token = perform(house, caller, Capability.ANYONE, open_it)
    except CodeRefused:
        perform(house, caller, Capability.ANYONE, lambda op: note_refusal(op, known.account_id, "factor"))
        raise SignInRefused from None
    if verdict.needs_rehash:
        better = house.tool(Passwords).hash(given.password)
        perform(house, caller, Capability.ANYONE, lambda op: _rehash(op, known, better))
    return token


def _admit(op: Operation, attempt: Try, login: str) -> Known:
    """Count the try, and say what must be proved. Raises TooMany."""
    op.house.tool(SignInGuard).admit(op.db, attempt, now=op.now)
    account = queries.account_by_login(op.db, login)
    if account is None or account.disabled_at is not None or not account.password_hash:
        return Known(None, None)
    return Known(account.id, account.password_hash)


def _rehash(op: Operation, known: Known, better: str) -> None:
    """Keep the better hash of the same password: one that was set meanwhile stays."""
    same = update(Account).where(Account.id == known.account_id, Account.password_hash == known.password_hash)
    op.db.execute(same.values(password_hash=better))


def _activate(house: House, caller: Caller, given: ActivateGiven, device: str | None) -> str:
    attempt = Try(f"activate:{given.login}", 0, caller.address, device)
    perform(house, caller, Capability.ANYONE, lambda op: _admit(op, attempt, given.login))
    check_password(given.password, login=given.login)
    password_hash = house.tool(Passwords).hash(given.password)

    def use_slip(op: Operation) -> str:
        account = queries.account_by_login(op.db, given.login)
        if account is None or account.disabled_at is not None:
            raise SignInRefused
        codes = queries.unused_codes(op.db, account.id, "activation", op.now)
        key = derive(op.settings.secret_key.get_secret_value(), Purpose.ONE_TIME_CODE)
        owner = f"activation:{account.id}"
        place = one_time_codes.match(given.code, [c.code_digest for c in codes], key=key, owner=owner)
        if place is None:
            raise SignInRefused
        codes[place].used_at = op.now
        set_password(op, account, password_hash)
        record(op, AuditAction.ACCOUNT_ACTIVATE, subject=("account", account.id))
        op.house.tool(SignInGuard).forgive(op.db, attempt, now=op.now)
        return open_session(op, account, factor=False)

    try:
        return perform(house, caller, Capability.ANYONE, use_slip)
    except SignInRefused:
        perform(house, caller, Capability.ANYONE, lambda op: _note_refused_slip(op, given.login))
        raise


def _note_refused_slip(op: Operation, login: str) -> None:
    account = queries.account_by_login(op.db, login)
    note_refusal(op, account.id if account else None, "activation")


def _device(request: Request, house: House, login: str) -> str | None:
    key = derive(house.settings.secret_key.get_secret_value(), Purpose.DEVICE)
    return read_device_mark(key, request.cookies.get(DEVICE_COOKIE, ""), account=login)


def _set_cookies(response: Response, settings: Settings, token: str, login: str) -> None:
    set_session_cookie(response, settings, token)
    key = derive(settings.secret_key.get_secret_value(), Purpose.DEVICE)
    mark = device_mark(key, account=login, device=secrets.token_hex(16))
    response.set_cookie(
        DEVICE_COOKIE,
        mark,
        max_age=31536000,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )


def _page(request: Request, template: str, form: FormState, status: int = 200) -> Response:
    renderer: Renderer = request.app.state.renderer
    return renderer.page(request, template, status=status, form=form)


def _again(request: Request, template: str, sent: Sent, error: AppError) -> Response:
    lang = language_of(request)
    values: dict[str, Any] = {k: v for k, v in sent.fields.items() if k not in {"password", "code"}}
    errors = {f.field: f.sentence(lang) for f in getattr(error, "fields", ())}
    response = _page(request, template, FormState(values, errors, error.sentence(lang)), status=error.status)
    seconds = error.params.get("seconds", error.retry_after)
    if seconds:
        response.headers["retry-after"] = str(seconds)
    return response
