"""The home page of whoever is signed in, and the language switch: what every feature contributes to, none owns."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.operation import Operation, Task, Telling, Waiting
from app.security.permissions import ROLE_WORDS, Capability
from app.shapes import Shown
from app.web.caller import refuse_cross_site
from app.web.desk import Desk
from app.web.faces import Sent, read_form
from app.web.language import COOKIE

desk = Desk("home")


class TaskShown(Shown):
    """One line of what waits."""

    zh: str
    en: str
    count: int
    href: str
    due: datetime | None
    urgent: bool


class FigureShown(Shown):
    """One number for those who lead."""

    zh: str
    en: str
    count: int
    of: int | None
    href: str


class HomeShown(Shown):
    """What waits for the person, most urgent first, the figures they may read, and the roles they hold."""

    tasks: list[TaskShown]
    figures: list[FigureShown]
    roles: list[str]
    roles_en: list[str]
    locked: bool
    """Signed in, and without any role: staff who have not given their second factor act without theirs."""


class WaitingRooms(tuple[Waiting, ...]):
    """Each feature's answer to "what waits for this person?", as `app.wiring` put them together."""

    __slots__ = ()


class Tellers(tuple[Telling, ...]):
    """Each feature's figures for those who lead, as `app.wiring` put them together."""

    __slots__ = ()


def tasks_of(op: Operation, waiting: Sequence[Waiting]) -> list[Task]:
    """Everything that waits for the actor, urgent first, then by due time; nothing that counts zero."""
    found = [task for ask in waiting for task in ask(op) if task.count]
    return sorted(found, key=lambda t: (not t.urgent, t.due is None, t.due or op.now))


@desk.view("/", Capability.SIGNED_IN, template="home.html")
def show_home(op: Operation) -> HomeShown:
    """What waits for me."""
    return HomeShown(
        tasks=[
            TaskShown(
                zh=t.zh,
                en=t.en,
                count=t.count,
                href=t.href,
                due=t.due,
                urgent=t.urgent,
            )
            for t in tasks_of(op, op.house.tool(WaitingRooms))
        ],
        figures=[
            FigureShown(zh=figure.zh, en=figure.en, count=figure.count, of=figure.of, href=figure.href)
            for tell in op.house.tool(Tellers)
            for figure in tell(op)
        ],
        roles=[ROLE_WORDS[role][0] for role in sorted(op.actor.roles)],
        roles_en=[ROLE_WORDS[role][1] for role in sorted(op.actor.roles)],
        locked=not op.actor.grants,
    )


async def choose_language(request: Request) -> Response:
    """Remember the language in a cookie and go back to the page."""
    refuse_cross_site(request, request.app.state.house.settings)
    sent: Sent = await read_form(request)
    chosen = "en" if sent.fields.get("lang") == "en" else "zh"
    back = local_path(str(sent.fields.get("next", "/")))
    response = RedirectResponse(back, status_code=303)
    response.set_cookie(
        COOKIE,
        chosen,
        max_age=31536000,
        httponly=True,
        samesite="lax",
        secure=request.app.state.house.settings.secure_cookies,
    )
    return response


def local_path(target: str) -> str:
    """`target` if it is a path of this service, else the home page: no link sends a person to another host."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    return target if target.isprintable() and "\\" not in target else "/"
