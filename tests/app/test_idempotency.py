"""Any write repeated with its key happens once and gives the same answer (P4)."""

from datetime import timedelta

from sqlalchemy import func, select

from app.accounts.models import Account
from app.idempotency import RepeatedWrite, sweep
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.personas import make_person, make_staff, make_unit


def person_id(house):
    with acting_as(house, "test") as op:
        return make_person(op, make_unit(op)).id


def count(house, table):
    with house.database.transaction(reading=True) as db:
        return db.scalar(select(func.count()).select_from(table))


def test_a_repeated_write_happens_once(house, browsers):
    client = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    body, key = {"person_id": person_id(house), "login": "new.one"}, {"idempotency-key": "k-1"}
    before = count(house, Account)
    first, again = (client.api("/accounts", body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert count(house, Account) == before + 1


def test_the_same_key_with_another_body_is_refused(house, browsers):
    client = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    body, key = {"person_id": person_id(house), "login": "first"}, {"idempotency-key": "k-2"}
    assert client.api("/accounts", body, headers=key).status_code == 200
    refused = client.api("/accounts", {**body, "login": "second"}, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency.key_reused")


def test_keys_are_private_to_the_account(house, browsers):
    key = {"idempotency-key": "k-3"}
    for number, client in enumerate(browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR)) for _ in range(2)):
        body = {"person_id": person_id(house), "login": f"somebody{number}"}
        assert client.api("/accounts", body, headers=key).status_code == 200


def test_a_refused_write_leaves_its_key_free(house, browsers):
    client = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    key = {"idempotency-key": "k-4"}
    taken = {"person_id": person_id(house), "login": "taken"}
    assert client.api("/accounts", taken).status_code == 200
    assert client.api("/accounts", taken, headers=key).status_code == 422
    assert client.api("/accounts", {**taken, "login": "free"}, headers=key).status_code == 200


def test_a_form_sent_twice_is_carried_out_once(house, browsers):
    client = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    form = {"person_id": str(person_id(house)), "login": "double.click", "_key": "k-5"}
    before = count(house, Account)
    answers = [client.submit("/accounts", form).status_code for _ in range(2)]
    assert set(answers) <= {200, 303}
    assert count(house, Account) == before + 1


def test_keys_are_forgotten_after_a_day(house, browsers):
    client = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    body = {"person_id": person_id(house), "login": "old.key"}
    assert client.api("/accounts", body, headers={"idempotency-key": "k-6"}).status_code == 200
    for days, left in ((1, 1), (1, 0)):
        house.clock.advance(timedelta(days=days, seconds=-1 if left else 2))
        with house.database.transaction() as db:
            sweep(db, now=house.clock.now())
        assert count(house, RepeatedWrite) == left


def test_codes_that_are_shown_once_are_not_kept_to_be_shown_again(house, browsers):  # P46
    client = browsers(make_staff(house, Role.SECURITY_ADMINISTRATOR))
    target = make_staff(house, Role.EXAM_OFFICER)
    path, key = f"/accounts/{target.account_id}/codes", {"idempotency-key": "k-7"}
    first, again = (client.api(path, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["codes"] != again.json()["codes"]
    assert count(house, RepeatedWrite) == 0
