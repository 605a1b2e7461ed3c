"""From a request to a `Caller`: no database, no decisions."""

import hashlib
import hmac
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from app.errors import Forbidden
from app.lockdown.proof import Proof, read_proof
from app.operation import Caller
from app.settings import Settings


class CrossSite(Forbidden):
    """A write that another site's page sent, or one that does not prove it came from ours (P39)."""

    code = "request.cross_site"
    zh = "请求来源无法确认，请从本系统页面重新操作。"
    en = "It cannot be confirmed that this came from a page of this service; please do it again from there."


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host and to TLS; on plain HTTP browsers would drop such a cookie."""
    return "__Host-chizheng" if settings.secure_cookies else "chizheng"


def set_session_cookie(response: Response, settings: Settings, token: str) -> None:
    """Hand a session's token to the browser (P39); it ends with the browser, the server ends it earlier."""
    response.set_cookie(
        cookie_name(settings), token, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies
    )


def caller_of(request: Request, settings: Settings) -> Caller:
    """Who calls, as far as the request itself says."""
    state = request.state
    return Caller(
        session_token=request.cookies.get(cookie_name(settings), ""),
        address=address_of(request, settings),
        request_id=state.request_id,
        arrived_at=state.arrived_at,
        proof=proof_of(request, settings),
    )


def proof_of(request: Request, settings: Settings) -> Proof | None:
    """What the request shows of the browser it comes from; the address is the public one, as that browser saw it."""
    scope = request.scope
    return read_proof(
        scope["headers"],
        base_url=settings.public_base_url,
        raw_path=scope.get("raw_path") or quote(scope["path"]).encode(),
        query=scope["query_string"],
    )


def address_of(request: Request, settings: Settings) -> str:
    """The caller's address. A forwarded one is believed only from a proxy that is named in the settings (trap F19)."""
    peer = request.client.host if request.client else ""
    if peer in settings.trusted_proxies:
        forwarded = request.headers.get("x-forwarded-for", "")
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        return hops[-1] if hops else peer
    return peer


def refuse_cross_site(request: Request, settings: Settings) -> None:
    """Refuse a write unless the browser says that it comes from a page of ours.

    `Sec-Fetch-Site` where the browser sends it (it does not on plain HTTP beyond loopback); else `Origin` must be this
    host. A caller without a session cookie that sends neither (a program) is let through: it has nothing to ride on.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite
        return
    origin = request.headers.get("origin")
    if origin is not None:
        hosts = {urlsplit(settings.public_base_url).netloc, request.headers.get("host", "")}
        if urlsplit(origin).netloc not in hosts:
            raise CrossSite
        return
    if cookie_name(settings) in request.cookies:
        raise CrossSite


def csrf_token(session_token: str) -> str:
    """What a form of this session carries: derived from the token, so that it needs no storage and reveals nothing."""
    return hashlib.sha256(b"csrf:" + session_token.encode()).hexdigest()[:40] if session_token else ""


def refuse_forged_form(sent: str, session_token: str) -> None:
    """Refuse a form that does not carry its session's token."""
    if session_token and not hmac.compare_digest(sent.encode(), csrf_token(session_token).encode()):
        raise CrossSite
