"""Sessions: who is signed in may act, by the roles of this very moment."""

from app.accounts.models import LoginSession
from app.accounts.service import disable_account
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.personas import make_staff


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
