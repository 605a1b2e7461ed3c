"""Somebody to whom other roles would lend what one role does not give: who holds the roles that allow an act elsewhere
alone, and every other role everywhere. What they see by the others they must not do by the one (P20, P21)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

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
OPEN = {
    "/accommodations": "a person, named by an ID number: answered like one who is not in the register",
    "/confidentiality": "one's own declaration",
    "/consent": "one's own registrations",
    "/documents": "the register of documents is one for all banks",
    "/documents/{document_id}/clauses": "the register of documents is one for all banks",
    "/documents/{document_id}/supersede": "the register of documents is one for all banks",
    "/documents/settle": "the register of documents is one for all banks",
    "/exams/{exam_id}/apply": "one's own registration",
    "/exams/{exam_id}/lists": "a dry run of a list: a row with somebody of another unit is told as not found",
    "/exams/{exam_id}/registrations": "a person, named by an ID number: answered like one who is not in the register",
    "/items/together": "each item is answered by itself: another's is told as not found",
    "/practice/mock-exams/{mock_exam_id}/start": "one's own practice",
    "/practice/wrong/redo": "one's own practice",
    "/receipts/check": "another's receipt is answered like one that nobody was given",
}
"""Acts that are not upon something of somebody's, and what they do instead of answering that it is not there."""
ACCESS = {one.path: one.access for one in declared() if not one.reading} | {
    hot.path.removeprefix(API_PREFIX): hot.access for hot in HOT
}


def bounded(access: Capability) -> frozenset[Role]:
    """The roles that allow it within bounds: of the unit tree, of rooms, or of what is one's own."""
    holders = {role for role, held in ROLE_CAPABILITIES.items() if access in held}
    return frozenset(role for role in holders if access in SCOPED or role in BY_RELATION)


VIEWS = [one for one in declared() if one.reading and bounded(one.access) and one.upload_name is None]
_NAME = re.compile(r"{(\w+)}")


class Borrower:
    """One person, who is given such roles for one request at a time."""

    def __init__(self, house: House, browsers: Callable[[Persona | None], Client]) -> None:
        self._house, self._browsers = house, browsers
        with acting_as(house, "test") as op:
            self._elsewhere = make_unit(op)
            person = make_person(op, self._elsewhere)
        self._persona = make_candidate(house, person)
        self.wrong: list[str] = []
        self.seen = set()
        self.tries = Counter()
        self._revoke()
        with acting_as(house, "test") as op:
            op.db.add(Promise(account_id=self._persona.account_id, edition=PROMISE_EDITION, accepted_at=op.now))

    def try_act(self, route: str, call: Callable[[Client], httpx.Response]) -> None:
        """Do what somebody is about to do, and be refused as if it were not there."""
        access = ACCESS.get(route, Capability.ANYONE)
        if route in OPEN or not bounded(access):
            return
        with self._lent(access) as client:
            answer = call(client)
        if answer.status_code != 404:
            self.wrong.append(f"{route} {access.value}: {answer.status_code} {answer.text[:150]}")

    def look(self, client: Client, route: str, path: str) -> None:
        """Look at what was acted upon, wherever the one who acted sees it: it must not be there."""
        named = dict(zip(_NAME.findall(route), re.fullmatch(_NAME.sub("(.+)", route), path).groups(), strict=True))
        for one in VIEWS:
            names = _NAME.findall(one.path)
            if one.path in self.seen or self.tries[one.path] > 1 or not names or not set(names) <= named.keys() :
                continue
            self.tries[one.path] += 1
            here = _NAME.sub(lambda found: named[found[1]], one.path)
            if client.api_get(here).status_code != 200:
                continue
            self.seen.add(one.path)
            with self._lent(one.access) as stranger:
                answer = stranger.api_get(here)
            if answer.status_code != 404:
                self.wrong.append(f"GET {one.path} {one.access.value}: {answer.status_code} {answer.text[:150]}")

    @contextmanager
    def _lent(self, access: Capability) -> Iterator[Client]:
        holders = {role for role, held in ROLE_CAPABILITIES.items() if access in held}
        grants = dict.fromkeys(bounded(access), self._elsewhere.id) | dict.fromkeys(set(Role) - holders)
        with acting_as(self._house, "test") as op:
            op.db.add_all(
                RoleGrant(account_id=self._persona.account_id, role=role, unit_id=unit_id, granted_at=op.now)
                for role, unit_id in grants.items()
            )
        client = self._browsers(self._persona)
        yield client
        self._revoke()

    def _revoke(self) -> None:
        with acting_as(self._house, "test") as op:
            op.db.query(RoleGrant).filter_by(account_id=self._persona.account_id).delete()
