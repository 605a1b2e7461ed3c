"""The front door: one operation, one transaction, one commit, and only then an answer.

`perform` is the single hop every request (and every job) takes: open the transaction, find out who acts, check that
they may, run the body, commit. A response is built from what it returns, so no client ever holds a 2xx for something
that was not kept (P1; measured: committing after the response lost 70 of 4,679 acknowledged writes).

It imports no feature. `app.main` hands the house the function that turns a caller into an actor, and the listeners of
events that a lower feature publishes for a higher one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.clock import Clock
from app.database import Database
from app.errors import Forbidden, SecondFactorStale, Unauthenticated
from app.lockdown.proof import Proof
from app.security.actor import PUBLIC, Actor, ActorKind, service
from app.security.permissions import Capability
from app.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Caller:
    """What is known of a caller before the database is asked: token, address, request, and when its body was in."""

    session_token: str
    address: str
    request_id: str
    arrived_at: datetime
    proof: Proof | None = None
    """What the request shows of the browser that it comes from, where it shows anything."""


@dataclass
class House:
    """What every operation may lean on; made once by `app.main`, never changed after start-up."""

    settings: Settings
    database: Database
    clock: Clock
    resolve_actor: Callable[[Session, Caller, "House"], Actor] = lambda _db, _caller, _house: PUBLIC
    listeners: dict[type, list[Callable[["Operation", Any], None]]] = field(default_factory=lambda: defaultdict(list))
    tools: dict[type, Any] = field(default_factory=dict)
    """Long-lived objects by their type, such as the answer journal; see `tool`."""

    def listen(self, event: type[T], listener: Callable[["Operation", T], None]) -> None:
        """Call `listener` within the transaction of whoever publishes `event`."""
        self.listeners[event].append(listener)

    def tool(self, kind: type[T]) -> T:
        """The long-lived object of that type that main put here."""
        found: T = self.tools[kind]
        return found


@dataclass
class Operation:
    """What a use case is given: the transaction's session, who acts, and the one moment that counts as now."""

    db: Session
    actor: Actor
    now: datetime
    request_id: str
    address: str
    house: House
    proof: Proof | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    new_token: str = ""
    """The session's new token, where the act gave it one: handed to the browser once it is committed, never before."""

    @property
    def settings(self) -> Settings:
        """The settings of the house."""
        return self.house.settings

    def publish(self, event: object) -> None:
        """Tell whoever listens (wired in main), inside this transaction: what they do stands or falls with it."""
        for listener in self.house.listeners.get(type(event), ()):
            listener(self, event)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Run `act` once the transaction is committed; for waking threads and dropping caches, never for facts."""
        self.afterwards.append(act)

    def may(self, capability: Capability) -> bool:
        """Whether the actor's roles allow it at all."""
        return self.actor.may(capability)


def check_access(actor: Actor, access: Capability, *, fresh: bool, now: datetime, fresh_minutes: int) -> None:
    """Refuse who may not: Unauthenticated for the public, Forbidden for the signed in, SecondFactorStale where the
    act must be signed by a factor given within `fresh_minutes` (P30)."""
    if not actor.may(access):
        raise Unauthenticated if actor.kind is ActorKind.PUBLIC else Forbidden
    if (
        fresh
        and actor.kind is ActorKind.PERSON
        and (actor.factor_at is None or now - actor.factor_at > timedelta(minutes=fresh_minutes))
    ):
        raise SecondFactorStale


def perform(
    house: House,
    caller: Caller,
    access: Capability,
    body: Callable[[Operation], T],
    *,
    reading: bool = False,
    fresh: bool = False,
) -> T:
    """Run `body` in one transaction on behalf of `caller`; returns what it returned, after the commit.

    With `reading` nothing is kept. `now` is the moment the caller's complete body was in (P9): no one is late because
    the service was busy.
    """
    with house.database.transaction(reading=reading) as db:
        actor = house.resolve_actor(db, caller, house)
        now = caller.arrived_at
        check_access(actor, access, fresh=fresh, now=now, fresh_minutes=house.settings.fresh_factor_minutes)
        op = Operation(db, actor, now, caller.request_id, caller.address, house, caller.proof)
        result = body(op)
    for act in op.afterwards:
        act()
    return result


@contextmanager
def acting_as(house: House, name: str, *, actor: Actor | None = None) -> Iterator[Operation]:
    """One transaction for a job, a command or the demo, in the name of a process of the service (or of `actor`)."""
    with house.database.transaction() as db:
        op = Operation(db, actor or service(name), house.clock.now(), f"service:{name}", "", house)
        yield op
    for act in op.afterwards:
        act()


Waiting = Callable[[Operation], Sequence["Task"]]
Telling = Callable[[Operation], Sequence["Figure"]]


@dataclass(frozen=True)
class Task:
    """待办: what waits for a person on their home page. `due` is when it must be done, where there is such a time."""

    zh: str
    en: str
    count: int
    href: str
    due: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Figure:
    """A true number for those who lead: `count`, out of `of` where that says something; `href` tells it in full."""

    zh: str
    en: str
    count: int
    of: int | None = None
    href: str = ""
