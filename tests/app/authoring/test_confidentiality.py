"""密级: set, shown, a filter; what is secret is in no export of the bank, and is named there."""

import json

from app.accounts.queries import grants_of
from app.authoring.rules import Involvement, ItemState
from app.authoring.service.entering import enter_items, involve
from app.authoring.service.exports import ExportFormat, export_bank
from app.security.actor import Actor, ActorKind
from app.security.permissions import Role
from tests.support.bank import single
from tests.support.personas import make_staff


def test_a_secret_item_is_marked_found_and_left_out_of_exports(group, browsers):  # P19
    with group.acting(group.author) as op:
        ids = enter_items(op, bank_id=group.bank_id, items=[single("甲"), single("乙")], state=ItemState.DRAFT)
        involve(op, ids, Involvement.WROTE)
    author, reviewer = browsers(group.author), browsers(group.reviewer)
    assert reviewer.api(f"/items/{ids[0]}/classify", {"confidentiality": "secret"}).status_code == 403
    assert author.api(f"/items/{ids[0]}/classify", {"confidentiality": "绝密"}).status_code == 422
    assert author.submit(f"/items/{ids[0]}/classify", {"confidentiality": "secret"}).status_code == 303
    (act,) = group.acts("item:classify")
    assert [json.loads(part)["confidentiality"] for part in (act.before, act.after)] == ["internal", "secret"]
    assert author.api_get(f"/items/{ids[0]}").json()["confidentiality"] == "secret"
    found = author.api_get(f"/banks/{group.bank_id}?confidentiality=secret").json()
    assert ([row["id"] for row in found["rows"]], found["query"]) == ([ids[0]], {"confidentiality": "secret"})
    assert '<span class="tag stop">秘密</span>' in author.get(f"/banks/{group.bank_id}").text
    persona = make_staff(group.house, Role.EXAM_APPROVER)
    with group.acting(group.author) as op:
        approver = Actor(
            ActorKind.PERSON,
            account_id=persona.account_id,
            person_id=persona.person_id,
            grants=grants_of(op.db, persona.account_id),
        )
        made = export_bank(op, bank_id=group.bank_id, approver=approver, file_format=ExportFormat.JSON)
    assert ([one["id"] for one in json.loads(made.content)["items"]], made.withheld) == ([ids[1]], (ids[0],))
    assert "exported" not in {word for _, word in group.involved(ids[0])}
