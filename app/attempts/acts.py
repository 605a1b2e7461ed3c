"""What candidates ask of the journal, and how it is noted in the audit log in the same transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from app.accounts.rules import session_over
from app.accounts.sessions import new_token
from app.attempts.lanes import Writer
from app.attempts.messages import Change
from app.attempts.wires import Insertion, Wire, moment_said
from app.audit.record import KnownAct
from app.errors import AppError, Forbidden, Unauthenticated
from app.lockdown.proof import Proof
from app.operation import Caller
from app.security.actor import Actor, ActorKind
from app.security.permissions import ROLE_CAPABILITIES, STAFF, Capability, Role
from app.settings import Settings

SEEN_EVERY = timedelta(minutes=1)
"""How often at most it is written down that a session is in use."""


@dataclass(slots=True)
class Save:
    """One request: the changes it brought, by whom, and when its complete body was in. Without changes it is a look
    at the time: nothing is held, nothing is kept."""

    attempt_id: int
    token_digest: str
    arrived_at: datetime
    changes: Sequence[Change] = ()
    prove: Callable[[], Proof | None] = lambda: None
    """Reads what the request shows of its browser; asked only where the exam asks for one."""


@dataclass(slots=True)
class CheckIn:
    """Somebody signs in with a ticket's number and the proctor's code."""

    ticket_number: str
    code: str
    caller: Caller
    token: str = field(default_factory=new_token)
    """That of the session which it opens; stored nowhere, and always a new one (P39)."""


@dataclass(slots=True)
class Start:
    """Somebody asks to start, or to go on with, the attempt of a registration."""

    registration_id: int
    token_digest: str
    caller: Caller
    sealed: str = ""
    """The mark of the envelope that the page holds, where it holds one: then the key goes out in place of the view."""


@dataclass(slots=True)
class HandIn:
    """Somebody hands in an attempt, in the epoch that their page knows."""

    attempt_id: int
    epoch: int
    token_digest: str
    caller: Caller


Act = Save | Start | HandIn | CheckIn


def refuse_session(writer: Writer, *, now: datetime, idle: timedelta) -> bool:
    """Whether a session that is known opens nothing any more: over, or its account disabled."""
    return writer.disabled_at is not None or session_over(
        created_at=writer.created_at,
        seen_at=writer.seen_at,
        ends_at=writer.ends_at,
        ended_at=writer.ended_at,
        now=now,
        idle=idle,
    )


def refuse_caller(writer: Writer | None, *, now: datetime, idle: timedelta) -> AppError | None:
    """The checks of the front door (`app.operation`, `app.accounts.sessions`), in hand-written form."""
    if writer is None or refuse_session(writer, now=now, idle=idle):
        return Unauthenticated()
    return None if _may_sit(writer.roles, proved=writer.factor_at is not None) else Forbidden()


@lru_cache(maxsize=512)  # the sets of roles are few, and asked about with every save
def _may_sit(roles: frozenset[Role], *, proved: bool) -> bool:
    """Whether these roles sit exams; those of staff count for nothing before the second factor."""
    counted = roles if proved or not roles & STAFF else frozenset[Role]()
    return any(Capability.ATTEMPT_SIT in ROLE_CAPABILITIES[role] for role in counted)


def act_of(writer: Writer, caller: Caller, settings: Settings) -> KnownAct:
    """The act as the audit log knows it."""
    actor = Actor(ActorKind.PERSON, writer.account_id, writer.person_id, session_id=writer.session_id)
    return KnownAct(actor, caller.arrived_at, caller.request_id, caller.address, settings)


_TEXTS = (
    "actor_kind", "action", "subject_kind", "subject_id", "before", "after", "reason", "request_id", "address_digest",
)  # fmt: skip
_RECORD = Insertion(
    "record", "audit_record", {"at": "{moment}", "actor_account_id": "bigint", **dict.fromkeys(_TEXTS, "text")}
)


def record_all(wire: Wire, composed: Sequence[dict[str, Any]]) -> None:
    """Write these records (see `app.audit.record.compose`) in the wire's transaction, in this order."""
    wire.tell(_RECORD, [(moment_said(said["at"]), *list(said.values())[1:]) for said in composed])
