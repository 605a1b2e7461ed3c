"""A blueprint that the end of a document breaks is named, shown and a task, and settled when the bank serves again."""

from datetime import date

from app.authoring.models import ItemRow
from app.authoring.register_models import Citation
from app.authoring.rules import DocumentKind
from app.authoring.service.documents import confirm_item, register_document, supersede_document
from app.exams import queries
from app.operation import acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from tests.app.exams.test_blueprints import typed
from tests.support.personas import make_staff

ENDS = date(2027, 3, 1)


def alerts(world):
    with world.house.database.transaction(reading=True) as db:
        return queries.open_alerts(db)


def test_a_broken_blueprint_is_named_until_the_bank_serves_it_again(world, browsers):  # P51
    officer, approver = browsers(world.officer), browsers(world.approver)
    here = f"/blueprints/{officer.api('/blueprints', typed(world)).json()['id']}"
    officer.api(f"{here}/submit")
    assert approver.api(f"{here}/approve").status_code == 200
    persona = make_staff(world.house, Role.ITEM_REVIEWER)
    reviewer = Actor(
        ActorKind.PERSON,
        account_id=persona.account_id,
        person_id=persona.person_id,
        grants=(Grant(Role.ITEM_REVIEWER),),
    )

    def register(op, title, day):
        return register_document(op, title=title, issuer="中央", kind=DocumentKind.OTHER, number="", effective_on=day)

    with acting_as(world.house, "test", actor=reviewer) as op:
        old, newer = register(op, "旧文件", date(2020, 1, 1)), register(op, "新文件", ENDS)
        rows = op.db.query(ItemRow).filter_by(bank_id=world.bank_id, item_type="multiple_choice").all()
        for row in rows:
            op.db.add(
                Citation(item_id=row.id, position=0, document_words="旧", clause_words="", fold="旧", document_id=old)
            )
        op.db.flush()
        assert supersede_document(op, document_id=old, on=ENDS, by_id=newer, reason="修订") == len(rows)
    (alert,) = alerts(world)
    assert (alert.from_day, [cell["item_type"] for cell in alert.short]) == (ENDS, ["multiple_choice"])
    assert officer.api_get(here).json()["alerts"] == [
        {"from_day": "2027-03-01", "short": 5, "sections": ["二、多选题"]}
    ]
    assert "2027年3月1日 起将缺 5 题" in officer.get(here).text
    assert "将因依据废止或知识点调整而缺题" in officer.get("/").text
    for row in rows:
        with acting_as(world.house, "test", actor=reviewer) as op:
            confirm_item(op, item_id=row.id, version=row.version, document_id=newer, reason="条文未变")
    assert alerts(world) == []
