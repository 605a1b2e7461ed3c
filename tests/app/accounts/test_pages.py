"""The security administrator's desk: accounts made, activated, granted roles, stopped; a lost factor reset by two."""

import re

import pyotp
import pytest

from app.accounts.queries import grants_of
from app.accounts.service import create_account, grant_role, print_codes, set_password
from app.operation import acting_as
from app.security.passwords import Passwords
from app.security.permissions import Role
from tests.support.personas import PASSWORD, make_candidate, make_person, make_staff, make_unit

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@pytest.fixture
def administrator(house, browsers):
    """A browser of a security administrator who has just given the second factor."""
    return browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))


def newcomer(house):
    """A person without any account."""
    with acting_as(house, "test") as op:
        return make_person(op, make_unit(op), "欧阳静").id


def test_an_account_is_made_activated_by_its_slip_and_signs_in(house, browsers, administrator):  # P38
    person_id = newcomer(house)
    found = administrator.get("/accounts/new?search=ouyang")
    assert "欧阳静" in found.text
    made = administrator.submit("/accounts", {"person_id": str(person_id), "login": "oyj01"})
    assert made.status_code == 303, made.text
    account_id = made.headers["location"].split("/")[2].split("?")[0]
    slip = administrator.submit("/accounts/slips", {"account_ids": account_id})
    assert slip.status_code == 200, slip.text
    code = CODE.search(slip.text).group()
    stranger = browsers(None)
    weak = stranger.submit("/activate", {"login": "oyj01", "code": code, "password": "1234567890"})
    assert weak.status_code == 422
    assert "过于常见" in weak.text
    activated = stranger.submit("/activate", {"login": "oyj01", "code": code, "password": PASSWORD})
    assert activated.headers["location"] == "/"
    assert "欧阳静" in stranger.get("/").text
    again = browsers(None).submit("/activate", {"login": "oyj01", "code": code, "password": PASSWORD})
    assert again.status_code == 401


def test_a_code_shown_once_is_stored_nowhere_in_clear(house, administrator):
    persona = make_staff(house, Role.PROCTOR)
    shown = administrator.submit(f"/accounts/{persona.account_id}/codes")
    codes = CODE.findall(shown.text)
    assert len(codes) == 10
    with house.database.transaction(reading=True) as db:
        connection = db.connection()
        for table in ("printed_code", "repeated_write", "audit_record"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                assert not [code for code in codes if code in str(tuple(row))]


def test_a_role_is_granted_within_a_unit_and_withdrawn_from_the_same_page(house, administrator):  # P23
    persona = make_staff(house, Role.ITEM_AUTHOR)
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        unit_id, path = unit.id, unit.path
    page = f"/accounts/{persona.account_id}"
    granted = administrator.submit(f"{page}/grants", {"role": "item_reviewer", "unit_id": str(unit_id)})
    assert granted.headers["location"].startswith(page)
    with house.database.transaction(reading=True) as db:
        held = {grant.role: grant.unit_path for grant in grants_of(db, persona.account_id)}
    assert held[Role.ITEM_REVIEWER] == path
    grant_id = re.findall(r"/grants/(\d+)/withdraw", administrator.get(page).text)[-1]
    assert administrator.submit(f"/grants/{grant_id}/withdraw").headers["location"].startswith(page)
    with house.database.transaction(reading=True) as db:
        assert Role.ITEM_REVIEWER not in {grant.role for grant in grants_of(db, persona.account_id)}


def test_what_never_meets_in_one_person_is_refused_on_the_page_with_the_reason(house, administrator):  # P24
    persona = make_staff(house, Role.ITEM_AUTHOR)
    refused = administrator.submit(f"/accounts/{persona.account_id}/grants", {"role": "discipline_handler"})
    assert refused.status_code == 409
    assert "不得由同一人兼任" in refused.text


def test_ones_own_account_shows_no_grant_form(house, browsers):  # P29
    own = make_staff(house, Role.SECURITY_ADMINISTRATOR)
    page = browsers(own).get(f"/accounts/{own.account_id}").text
    assert "授予、撤销与停用须由另一名安全管理员办理" in page
    assert f"/accounts/{own.account_id}/grants" not in page


def test_accounts_are_narrowed_to_staff_or_candidates_and_found_by_pinyin(house, administrator):
    staff = make_staff(house, Role.PROCTOR, name="诸葛明")
    with acting_as(house, "test") as op:
        person = make_person(op, make_unit(op), "诸葛亮")
    candidate = make_candidate(house, person)
    both = administrator.get("/accounts?search=zhuge").text
    assert staff.login in both
    assert candidate.login in both
    assert candidate.login not in administrator.get("/accounts?search=zhuge&who=staff").text
    assert staff.login not in administrator.get("/accounts?search=zhuge&who=candidate").text


def test_a_lost_factor_waits_on_the_other_administrators_home_page(house, browsers, administrator):  # P39
    lost = make_staff(house, Role.PROCTOR)
    other = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    administrator.submit(f"/accounts/{lost.account_id}/resets")
    assert "动态口令重置待批准" not in administrator.get("/").text
    assert "动态口令重置待批准" in other.get("/").text
    reset_id = re.search(r"/resets/(\d+)/approve", other.get("/accounts").text).group(1)
    assert "/approve" not in administrator.get("/accounts").text
    assert other.submit(f"/resets/{reset_id}/approve").status_code == 303
    assert "动态口令重置待批准" not in other.get("/").text


def test_staff_who_gave_no_second_factor_are_told_at_home_what_to_do(house, browsers):  # P39
    with acting_as(house, "test") as op:
        person = make_person(op, make_unit(op))
    plain = make_candidate(house, person)
    client = browsers(plain)
    assert "第二重验证" not in client.get("/").text
    with acting_as(house, "test") as op:
        grant_role(op, account_id=plain.account_id, role=Role.PROCTOR, unit_id=None)
    assert "第二重验证" in client.get("/").text
    assert client.get("/factor").status_code == 200


def test_who_signs_in_by_printed_codes_is_led_to_binding_a_phone(house, browsers):  # P39
    with acting_as(house, "test") as op:
        person = make_person(op, make_unit(op))
        account = create_account(op, person_id=person.id, login="dayinma")
        set_password(op, account, house.tool(Passwords).hash(PASSWORD))
        grant_role(op, account_id=account.id, role=Role.PROCTOR, unit_id=None)
        codes = print_codes(op, account.id)
    client = browsers(None)
    known = {"login": "dayinma", "password": PASSWORD}
    assert client.submit("/sign-in", known).status_code == 401  # the password alone opens nothing
    assert client.submit("/sign-in", {**known, "code": codes[0]}).status_code == 303
    assert "一次性验证码还剩 9 个" in client.get("/").text
    secret = re.search(r'<p class="id">(\w+)</p>', client.get("/factor").text).group(1)
    assert client.submit("/factor", {"code": pyotp.TOTP(secret).at(house.clock.now())}).status_code == 303
    assert "一次性验证码还剩" not in client.get("/").text
