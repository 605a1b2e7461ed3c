"""A session's token: new where the session rises, dead with the session; and who was refused stands in the log."""

import json
import re

import pyotp
import pytest

from app.accounts.models import Account, LoginSession
from app.accounts.service import create_account, grant_role, print_codes, set_password
from app.accounts.sessions import open_session
from app.audit.models import AuditRecord
from app.operation import acting_as
from app.security.passwords import Passwords
from app.security.permissions import Role
from app.web.caller import cookie_name, csrf_token
from tests.support.personas import PASSWORD, make_candidate, make_person, make_staff, make_unit


@pytest.fixture
def token_of(house):
    """Says which token a browser has."""
    return lambda client: client.http.cookies.get(cookie_name(house.settings))


@pytest.fixture
def with_token(house, browsers):
    """Opens a browser that has this token."""

    def open_browser(token):
        client = browsers(None)
        client.keep(cookie_name(house.settings), token)
        return client

    return open_browser


def logged(house, action):
    """(subject, cause) of every record of that act, in their order."""
    with house.database.transaction(reading=True) as db:
        found = db.query(AuditRecord).filter_by(action=action).order_by(AuditRecord.id)
        return [(int(record.subject_id), json.loads(record.after)["cause"]) for record in found]


def test_the_first_code_of_a_session_gives_it_a_new_token_and_a_later_one_does_not(house, with_token, token_of):  # P39
    persona = make_staff(house, Role.SECURITY_ADMINISTRATOR)
    with acting_as(house, "test") as op:
        before = open_session(op, op.db.get_one(Account, persona.account_id), factor=False)
        first, second, *_ = print_codes(op, account_id=persona.account_id)
    client, thief = with_token(before), with_token(before)
    assert client.api_get("/accounts").status_code == 403
    raised = client.api("/confirm", {"code": first, "next": "/accounts"})
    assert (raised.status_code, raised.json()["next"]) == (200, "/accounts")
    assert "httponly" in raised.headers["set-cookie"].lower()
    after = token_of(client)
    assert after != before
    assert client.api_get("/accounts").status_code == 200
    assert thief.api_get("/accounts").status_code == 401
    assert client.submit("/confirm", {"code": second}).status_code == 303
    assert token_of(client) == after
    with house.database.transaction(reading=True) as db:
        (session,) = db.query(LoginSession).filter_by(account_id=persona.account_id)
        assert session.ended_at is None
    page = f"/accounts/{make_staff(house, Role.PROCTOR).account_id}"
    typed = {"_csrf": csrf_token(before), "reason": "调离本县，另有任用"}  # in a tab that was opened before
    again = client.submit(f"{page}/disable", typed)
    assert again.status_code == 403
    assert typed["reason"] in again.text
    assert csrf_token(after) in again.text


def test_a_phone_that_is_bound_gives_the_session_a_new_token(house, browsers, with_token, token_of):  # P39
    with acting_as(house, "test") as op:
        account = create_account(op, person_id=make_person(op, make_unit(op)).id, login="bangding")
        set_password(op, account, house.tool(Passwords).hash(PASSWORD))
        grant_role(op, account_id=account.id, role=Role.SECURITY_ADMINISTRATOR, unit_id=None)
        account_id = account.id
    client = browsers(None)
    client.submit("/sign-in", {"login": "bangding", "password": PASSWORD})
    before = token_of(client)
    secret = re.search(r'<p class="id">(\w+)</p>', client.get("/factor").text).group(1)
    wrong = client.submit("/factor", {"code": "000000"})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
    sent = {"code": pyotp.TOTP(secret).at(house.clock.now()), "_csrf": client.csrf()}
    assert client.submit("/factor", sent).status_code == 303
    assert client.api_get("/accounts").status_code == 200
    sent_twice = with_token(before).submit("/factor", sent)  # by a browser that never saw the first answer
    assert sent_twice.headers["location"].startswith("/sign-in")
    assert client.api_get("/accounts").status_code == 200
    other_tab = client.submit("/factor", sent)
    assert other_tab.status_code == 403
    with house.database.transaction(reading=True) as db:
        assert db.query(LoginSession).filter_by(account_id=account_id).count() == 1


def test_signing_in_ends_the_session_that_the_browser_had(house, browsers, with_token, token_of):  # P39
    with acting_as(house, "test") as op:
        candidate = make_person(op, make_unit(op))
    own, other = make_candidate(house, candidate), make_staff(house, Role.SECURITY_ADMINISTRATOR)
    client, elsewhere = browsers(other), browsers(other)
    before = token_of(client)
    assert client.submit("/sign-in", {"login": own.login, "password": "not that one"}).status_code == 401
    assert client.api_get("/accounts").status_code == 200
    assert client.submit("/sign-in", {"login": own.login, "password": PASSWORD}).status_code == 303
    assert with_token(before).api_get("/accounts").status_code == 401
    assert elsewhere.api_get("/accounts").status_code == 200
    assert client.api_get("/inbox").status_code == 200
    with house.database.transaction(reading=True) as db:
        (ended,) = db.query(LoginSession).filter(LoginSession.ended_at.is_not(None))
    assert logged(house, "session:end") == [(ended.id, "signed_in_anew")]


def test_refused_codes_and_slips_stand_in_the_log(house, browsers):  # P35, P38
    persona, bound = make_staff(house, Role.PROCTOR), make_staff(house, Role.PROCTOR)
    client = browsers(persona)
    assert client.submit("/confirm", {"code": "000000"}).status_code == 403
    assert client.api("/confirm", {"code": "000000"}).status_code == 403
    with acting_as(house, "test") as op:
        op.db.get_one(Account, bound.account_id).totp_last_step = 0  # offered, and not proved yet
    assert browsers(bound).api("/factor", {"code": "000000"}).status_code == 403
    stranger = browsers(None)
    for login in (persona.login, "nobody"):
        slip = {"login": login, "code": "AAAA-AAAA", "password": PASSWORD}
        assert stranger.submit("/activate", slip).status_code == 401
    assert logged(house, "session:refuse") == [
        (persona.account_id, "factor"),
        (persona.account_id, "factor"),
        (bound.account_id, "factor"),
        (persona.account_id, "activation"),
        (0, "activation"),
    ]
