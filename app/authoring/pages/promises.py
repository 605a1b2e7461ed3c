"""保密承诺: read and accepted before anything of a bank is seen."""

from datetime import datetime

from app.authoring.pages.front import hall
from app.authoring.queries.promises import promise_of
from app.authoring.rules import PROMISE_EDITION
from app.authoring.service import promises
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Given, Shown


class PromiseShown(Shown):
    """The declaration's edition, when it was accepted, and the page to go on to."""

    edition: int
    accepted_at: datetime | None
    next: str


class PromiseGiven(Given):
    """The edition that was read, and the page to go on to."""

    edition: int
    next: str = "/banks"


class Promised(Shown):
    """Where to go on."""

    next: str


def _local(path: str) -> str:
    """A page of ours, whatever was asked for."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/banks"


@hall.view("/confidentiality", Capability.BANK_READ, template="authoring/confidentiality.html")
def show_promise(op: Operation, *, next: str = "/banks") -> PromiseShown:  # noqa: A002 - the parameter's name in links
    """The declaration of confidentiality."""
    given = promise_of(op.db, op.actor.account_id, PROMISE_EDITION)
    return PromiseShown(edition=PROMISE_EDITION, accepted_at=given.accepted_at if given else None, next=_local(next))


@hall.command("/confidentiality", Capability.BANK_READ, then=lambda done: str(done.next), retry=show_promise)
def accept_promise(op: Operation, *, given: PromiseGiven) -> Promised:
    """Accept it."""
    promises.accept_promise(op, edition=given.edition)
    return Promised(next=_local(given.next))
