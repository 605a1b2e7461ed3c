"""Sessions: who is signed in may act, by the roles of this very moment."""

from dataclasses import replace

import pytest

from app.accounts.models import Account, LoginSession
from app.accounts.service import disable_account, print_codes, set_password
from app.operation import acting_as
from app.security.passwords import Passwords
from app.security.permissions import Role
from tests.support.personas import PASSWORD, make_candidate, make_person, make_staff, make_unit


def test_staff_reach_their_desk_and_no_other(house, browsers):
    admin = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    assert admin.api_get("/accounts").status_code == 200
    author = browsers(make_staff(house, Role.ITEM_AUTHOR))
    assert author.api_get("/accounts").status_code == 403
    assert browsers(None).api_get("/accounts").status_code == 401


def test_disabling_works_on_the_next_request(house, browsers):  # P23
    persona = make_staff(house, Role.SECURITY_ADMINISTRATOR)
    client = browsers(persona)
    assert client.api_get("/accounts").status_code == 200
    with acting_as(house, "test") as op:
        disable_account(op, account_id=persona.account_id, reason="离岗")
    assert client.api_get("/accounts").status_code == 401


def test_staff_without_a_second_factor_hold_no_role(house, browsers):  # P39
    client = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    with acting_as(house, "test") as op:
        op.db.query(LoginSession).update({LoginSession.factor_at: None})
    assert client.api_get("/accounts").status_code == 403


def test_guesses_at_the_second_factor_of_an_open_session_are_bounded(house, browsers):  # P38
    persona = make_staff(house, Role.SECURITY_ADMINISTRATOR)
    with acting_as(house, "test") as op:
        (good,) = print_codes(op, account_id=persona.account_id)[:1]
    client = browsers(persona)
    tries = [client.api("/confirm", {"code": "000000", "next": "/"}).status_code for _ in range(4)]
    assert tries == [403] * 4
    assert client.api("/confirm", {"code": good, "next": "/"}).status_code == 200  # and the count begins anew
    tries = [client.api(path, {"code": "000000", "next": "/"}).status_code for path in ("/confirm", "/factor") * 3]
    assert tries == [403, 409, 403, 409, 403, 429]


class Overtaken(Passwords):
    """While one of its methods is at work, another process gives the account a new password."""

    def __init__(self, house, account_id, during):
        super().__init__(memory_kib=64, passes=1)
        self.during = during
        self.newer = self.hash("a newer passphrase")
        self.house, self.account_id = house, account_id

    def _overtake(self, method):
        if method == self.during:
            with acting_as(self.house, "another process") as op:
                set_password(op, op.db.get_one(Account, self.account_id), self.newer)

    def verify(self, stored, password):
        verdict = super().verify(stored, password)
        self._overtake("verify")
        return replace(verdict, needs_rehash=True)

    def hash(self, password):
        if hasattr(self, "house"):
            self._overtake("hash")
        return super().hash(password)


@pytest.mark.parametrize(("during", "status"), [("verify", 401), ("hash", 303)])
def test_a_password_that_is_replaced_while_it_is_checked_opens_nothing_and_does_not_come_back(
    house, browsers, during, status
):  # P23, P39
    with acting_as(house, "test") as op:
        person = make_person(op, make_unit(op))
    persona = make_candidate(house, person)
    house.tools[Passwords] = overtaken = Overtaken(house, persona.account_id, during)
    client = browsers(None)
    assert client.submit("/sign-in", {"login": persona.login, "password": PASSWORD}).status_code == status
    assert client.api_get("/inbox").status_code == 401
    with acting_as(house, "test") as op:
        assert op.db.get_one(Account, persona.account_id).password_hash == overtaken.newer
    overtaken.close()
