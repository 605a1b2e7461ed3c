"""Somebody to whom other roles would lend what one role does not give: who holds the roles that allow an act elsewhere
alone, and every other role everywhere. What they see by the others they must not do by the one (P20, P21)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from sqlalchemy import delete

from app.accounts.models import RoleGrant
from app.attempts.hot_routes import HOT
from app.authoring.models import Promise
from app.authoring.rules import PROMISE_EDITION
from app.operation import House, acting_as
from app.security.permissions import ROLE_CAPABILITIES, SCOPED, Capability, Role
from app.web.desk import API_PREFIX
from tests.support.client import Client
from tests.support.house_map import declared
from tests.support.personas import Persona, make_candidate, make_person, make_unit

BY_RELATION = frozenset({Role.CANDIDATE, Role.CHIEF_PROCTOR, Role.PROCTOR})
"""Roles whose reach is what is one's own, and the rooms that one was given: the borrower was given none."""
_REGISTER = "one register of documents for all banks"
_NAMED = "names a person by ID number: one elsewhere is told like one who is not in the register"
_OWN = "of one's own, which the borrower has as well"
_LISTED = "an exam is everybody's: those elsewhere are not on its list"
OPEN_ACTS = {
    "/accommodations": _NAMED,
    "/confidentiality": _OWN,
    "/consent": _OWN,
    "/documents": _REGISTER,
    "/documents/settle": _REGISTER,
    "/documents/{document_id}/clauses": _REGISTER,
    "/documents/{document_id}/supersede": _REGISTER,
    "/exams/{exam_id}/apply": _OWN,
    "/exams/{exam_id}/lists": _NAMED,
    "/exams/{exam_id}/registrations": _NAMED,
    "/items/together": "each item is answered by itself, those elsewhere as not found",
    "/practice/mock-exams/{mock_exam_id}/start": _OWN,
    "/practice/wrong/redo": _OWN,
    "/receipts/check": "a receipt from elsewhere is told like one that nobody was given",
}
OPEN_VIEWS = {
    "/documents/{document_id}": _REGISTER,
    "/drills/{drill_id}": "a rehearsal of a whole exam with nobody in it",
    "/exams/{exam_id}/eligibility": _LISTED,
    "/exams/{exam_id}/registrations": _LISTED,
    "/exams/{exam_id}/tickets": _LISTED,
}
"""What answers the borrower, and why it may."""
_NAME = re.compile(r"{(\w+)}")
_LOOKS = 2
"""How often a page is tried to be looked at: most acts are upon something that has no page."""


def bounded(access: Capability) -> frozenset[Role]:
    """The roles that allow it within bounds: of the unit tree, of rooms, or of what is one's own."""
    return frozenset(role for role in _holders(access) if access in SCOPED or role in BY_RELATION)


def _holders(access: Capability) -> frozenset[Role]:
    return frozenset(role for role, held in ROLE_CAPABILITIES.items() if access in held)


_ACCESS = {one.path: one.access for one in declared() if not one.reading} | {
    hot.path.removeprefix(API_PREFIX): hot.access for hot in HOT
}
_VIEWS = {
    one.path: one.access
    for one in declared()
    if one.reading and bounded(one.access) and _NAME.search(one.path) and one.path not in OPEN_VIEWS
}


class Borrower:
    """One person, who is given such roles for one request at a time. `wrong` says what they were not refused,
    `looked_at` which pages were tried."""

    def __init__(self, house: House, browsers: Callable[[Persona | None], Client]) -> None:
        self.wrong: list[str] = []
        self.looked_at: set[str] = set()
        self._looks: Counter[str] = Counter()
        self._house, self._browsers = house, browsers
        with acting_as(house, "test") as op:
            self._elsewhere = make_unit(op).id
            person = make_person(op, make_unit(op))
        self._persona = make_candidate(house, person)
        with acting_as(house, "test") as op:
            op.db.add(Promise(account_id=self._persona.account_id, edition=PROMISE_EDITION, accepted_at=op.now))

    def act(self, route: str, call: Callable[[Client], httpx.Response]) -> None:
        """Do what somebody is about to do."""
        access = _ACCESS.get(route, Capability.ANYONE)
        if bounded(access) and route not in OPEN_ACTS:
            self._expect_nothing(f"POST {route}", access, call)

    def look(self, client: Client, route: str, path: str) -> None:
        """Look at what somebody has acted upon, wherever they see it themselves."""
        found = re.fullmatch(_NAME.sub("(.+)", route), path)
        named = dict(zip(_NAME.findall(route), found.groups() if found else (), strict=True))
        for view, access in _VIEWS.items():
            if view in self.looked_at or self._looks[view] == _LOOKS or not set(_NAME.findall(view)) <= named.keys():
                continue
            self._looks[view] += 1
            here = _NAME.sub(lambda name: named[name[1]], view)
            if client.api_get(here).status_code == 200:
                self.looked_at.add(view)
                self._expect_nothing(f"GET {view}", access, lambda one, here=here: one.api_get(here))

    def _expect_nothing(self, what: str, access: Capability, call: Callable[[Client], httpx.Response]) -> None:
        with self._lent(access) as client:
            answer = call(client)
        if answer.status_code != 404:
            self.wrong.append(f"{what} ({access}): {answer.status_code} {answer.text[:200]}")

    @contextmanager
    def _lent(self, access: Capability) -> Iterator[Client]:
        grants: dict[Role, int | None] = dict.fromkeys(set(Role) - _holders(access))
        grants |= dict.fromkeys(bounded(access), self._elsewhere)
        mine = RoleGrant.account_id == self._persona.account_id
        with acting_as(self._house, "test") as op:
            op.db.execute(delete(RoleGrant).where(mine))
            op.db.add_all(
                RoleGrant(account_id=self._persona.account_id, role=role, unit_id=unit_id, granted_at=op.now)
                for role, unit_id in grants.items()
            )
        yield self._browsers(self._persona)
        with acting_as(self._house, "test") as op:
            op.db.execute(delete(RoleGrant).where(mine))
