"""Mobile numbers: encrypted, shown masked, kept by the liaison of the unit, and never written anywhere else (P46)."""

import pytest
from sqlalchemy import select

from app.accounts.service import grant_role
from app.audit.models import AuditRecord
from app.operation import acting_as
from app.people.models import Person
from app.people.phones import BadPhone, mask_phone, parse_phone
from app.people.queries import reachable_by_phone
from app.people.service import phones_of
from app.security.fields import FieldCipher
from app.security.permissions import Role
from tests.support.personas import make_person, make_staff, make_unit

NUMBER = "13800138000"


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "１３８００１３８０００",
        "'13800138000",
        "13800138000.0",
    ],
)
def test_a_number_is_read_however_it_is_typed(text):
    assert parse_phone(text) == NUMBER
    assert mask_phone(NUMBER) == "138****8000"


@pytest.mark.parametrize("text", ["", "1380013800", "138001380001", "12800138000", "0571-88001234", "1.38E+10", "无"])
def test_what_is_no_mobile_number_is_refused_without_an_echo(text):
    with pytest.raises(BadPhone) as refused:
        parse_phone(text)
    assert not text or text not in str(refused.value) + refused.value.zh + refused.value.en


def test_a_number_is_kept_changed_and_taken_away_by_the_liaison_of_the_unit(house, browsers):  # P21 P46
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        person, stranger = make_person(op, unit, "欧阳静"), make_person(op, make_unit(op), "单雄")
        ids, path = (person.id, stranger.id), f"/people/{person.id}"
    persona = make_staff(house, Role.UNIT_LIAISON, unit=unit)
    with acting_as(house, "test") as op:  # who sees everybody enters the numbers of the own unit all the same
        grant_role(op, account_id=persona.account_id, role=Role.LEADER, unit_id=None)
    liaison = browsers(persona)
    assert liaison.api_get(f"/people/{stranger.id}").status_code == 200
    leader = browsers(make_staff(house, Role.LEADER))
    assert [leader.api(f"{path}/phone", {"phone": NUMBER}).status_code, liaison.api_get(path).status_code] == [403, 200]
    assert liaison.api(f"/people/{stranger.id}/phone", {"phone": NUMBER}).status_code == 404
    assert "欧阳静" in leader.get("/people?no_phone=true").text

    refused = liaison.submit(f"{path}/phone", {"phone": "0571-88001234"})
    assert (refused.status_code, "以 1 开头" in refused.text) == (422, True)
    assert liaison.submit(f"{path}/phone", {"phone": " 138 0013 8000"}).status_code == 303
    for client in (liaison, leader):
        for shown in (client.get(path).text, client.get("/people?search=ouyang").text):
            assert "138****8000" in shown
            assert NUMBER not in shown
    assert "欧阳静" not in leader.get("/people?no_phone=true").text
    assert 'action="/people/' not in leader.get(path).text
    with acting_as(house, "test") as op:
        assert phones_of(op.db, house.tool(FieldCipher), ids) == {ids[0]: NUMBER}
        row = op.db.get_one(Person, ids[0])
        assert NUMBER not in str([getattr(row, column.key) for column in Person.__table__.columns])
        row.wrapped_key, kept = None, row.wrapped_key
        op.db.flush()
        assert (phones_of(op.db, house.tool(FieldCipher), ids), reachable_by_phone(op.db, ids)) == ({}, set())  # P47
        row.wrapped_key = kept

    assert liaison.submit(f"{path}/phone", {"phone": ""}).status_code == 303
    with acting_as(house, "test") as op:
        assert op.db.get_one(Person, ids[0]).phone_cipher is None
        changes = select(AuditRecord).where(AuditRecord.action == "person:change").order_by(AuditRecord.id)
        assert [record.after for record in op.db.scalars(changes)] == ['{"reachable":true}', '{"reachable":false}']
