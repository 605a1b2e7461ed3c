"""People of the stories: one of each role, in units of their own, ready to sign in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from app.accounts.models import Account
from app.accounts.queries import grants_of
from app.accounts.service import create_account, furnish_staff, grant_role
from app.accounts.sessions import open_session
from app.authoring.models import Promise
from app.authoring.rules import PROMISE_EDITION
from app.operation import House, Operation, acting_as
from app.people.identity import synthetic_id_number
from app.people.models import Person, Unit
from app.people.rules import Education, PoliticalStatus, UnitKind
from app.people.service import NewPerson, create_person, create_unit
from app.security.passwords import Passwords
from app.security.permissions import ROLE_CAPABILITIES, STAFF, Capability, Role
from app.web.caller import cookie_name
from tests.support.client import Client, open_app

PASSWORD = "一路平安-2026-demo"
_sequence = count(1)


@dataclass(frozen=True)
class Persona:
    """A person with an account; `secret` is that of the second factor ("" for a candidate)."""

    account_id: int
    person_id: int
    login: str
    secret: str


def make_unit(op: Operation, name: str = "", *, parent: Unit | None = None, kind: UnitKind = UnitKind.TOWNSHIP) -> Unit:
    """A unit; without a parent, a root of its own."""
    return create_unit(op, name=name or f"第{next(_sequence)}镇", kind=kind, parent=parent, headcount=40, quota_posts=2)


def make_person(
    op: Operation,
    unit: Unit,
    name: str = "",
    *,
    status: PoliticalStatus = PoliticalStatus.FULL_MEMBER,
    in_post: bool = True,
) -> Person:
    """A full member in post, unless said otherwise."""
    number = next(_sequence)
    birth = date(1985 + number % 15, 1 + number % 12, 1 + number % 28)
    return create_person(
        op,
        NewPerson(
            name=name or f"林{'一二三四五六七八九十'[number % 10]}{'东南西北中'[number % 5]}",
            id_number=synthetic_id_number("990101", birth, 1 + number % 999),
            unit_id=unit.id,
            post="党务干事",
            political_status=status,
            in_post=in_post,
            education=Education.BACHELOR,
        ),
    )


def make_staff(house: House, *roles: Role, unit: Unit | None = None, name: str = "", promised: bool = True) -> Persona:
    """A person of staff with these roles over the whole tree (or within `unit`); who may look into a bank has accepted
    the declaration of confidentiality, unless told otherwise."""
    password_hash = house.tool(Passwords).hash(PASSWORD)
    with acting_as(house, "test") as op:
        home = unit or make_unit(op)
        person = make_person(op, home, name)
        login = f"{roles[0].value}_{next(_sequence)}"
        scope = unit.id if unit else None
        account, secret = furnish_staff(
            op,
            person_id=person.id,
            login=login,
            password_hash=password_hash,
            roles=tuple((role, scope) for role in roles),
        )
        if promised and any(Capability.BANK_READ in ROLE_CAPABILITIES[role] for role in roles):
            op.db.add(Promise(account_id=account.id, edition=PROMISE_EDITION, accepted_at=op.now))
        return Persona(account.id, person.id, login, secret)


def make_candidate(house: House, person: Person) -> Persona:
    """A candidate's account for a person."""
    with acting_as(house, "test") as op:
        account = create_account(op, person_id=person.id, login=f"K{next(_sequence):06d}")
        account.password_hash = house.tool(Passwords).hash(PASSWORD)
        grant_role(op, account_id=account.id, role=Role.CANDIDATE, unit_id=None)
        return Persona(account.id, person.id, account.login, "")


def signed_in(house: House, persona: Persona, app: FastAPI, portal: BlockingPortal) -> Client:
    """A browser in which this person has just signed in, second factor and all."""
    with acting_as(house, "test") as op:
        account = op.db.get_one(Account, persona.account_id)
        staff = any(role in STAFF for role in _roles(op, persona.account_id))
        token = open_session(op, account, factor=staff)
    client = Client(app, portal)
    client.keep(cookie_name(house.settings), token)
    return client


@contextmanager
def open_browsers(house: House) -> Iterator[Callable[[Persona | None], Client]]:
    """Lend browsers of the application over `house`: `browsers(persona)` is signed in, `browsers(None)` is not."""
    with open_app(house) as (app, portal):
        opened: list[Client] = []

        def open_browser(persona: Persona | None) -> Client:
            opened.append(signed_in(house, persona, app, portal) if persona else Client(app, portal))
            return opened[-1]

        yield open_browser
        for client in opened:
            client.close()


def _roles(op: Operation, account_id: int) -> list[Role]:
    return [grant.role for grant in grants_of(op.db, account_id)]
