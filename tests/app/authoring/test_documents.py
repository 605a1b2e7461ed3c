"""依据: matched to the register; stale from the day a document ends; confirmed by a second person; drawn by the day."""

from dataclasses import replace
from datetime import date

import pytest

from app.authoring.events import SupplyRestored, SupplyShrinks
from app.authoring.queries import pool_candidates
from app.authoring.queries.documents import stale_count, unmatched
from app.authoring.rules import (
    DocumentDates,
    DocumentKind,
    DocumentNameTaken,
    DocumentSettled,
    Involvement,
    ItemState,
    NotStale,
    OwnItem,
    stale_day,
)
from app.authoring.service.documents import (
    add_clause,
    confirm_item,
    register_document,
    settle_name,
    supersede_document,
)
from app.authoring.service.entering import enter_items, involve
from app.authoring.service.items import revise_item
from app.security.permissions import Capability
from question_bank.items import Basis, Level
from tests.support.bank import single

CHARTER, ENDS = "中国共产党章程", date(2027, 3, 1)


def cite(stem, *names):
    return replace(single(stem), basis=tuple(Basis(name, "第十条") for name in names))


def register(op, title=CHARTER, on=date(2022, 10, 22)):
    return register_document(op, title=title, issuer="中央", kind=DocumentKind.CONSTITUTION, number="", effective_on=on)


def drawable(group, day):
    with group.house.database.transaction(reading=True) as db:
        return {one.item_id for one in pool_candidates(db, group.bank_id, Level.PRIMARY, on=day)}


@pytest.fixture
def cited(group):
    """Three approved items: one cites the charter, one cites it by another name and a notice, one cites nothing."""
    items = [cite("甲", f"《{CHARTER}》"), cite("乙", "党章", "某通知"), single("丙")]
    with group.acting(group.author) as op:
        ids = enter_items(op, bank_id=group.bank_id, items=items, state=ItemState.APPROVED)
        involve(op, ids, Involvement.WROTE)
    with group.acting(group.reviewer) as op:
        charter = register(op)
    return group, ids, charter


def test_stale_days_are_a_rule_of_values():
    assert stale_day([]) is None
    assert stale_day([None, ENDS, date(2026, 1, 1)]) == date(2026, 1, 1)


def test_free_text_is_matched_and_what_is_not_is_settled_once(cited):
    group, _, charter = cited
    with group.acting(group.reviewer) as op:
        assert [name for _, name, _ in unmatched(op.db, op.actor, limit=9)] == ["党章", "某通知"]
        assert settle_name(op, document_id=charter, name="《党章》") == 1
        assert [name for _, name, _ in unmatched(op.db, op.actor, limit=9)] == ["某通知"]
        with pytest.raises(DocumentNameTaken):
            register(op, "党　章")
        assert add_clause(op, document_id=charter, label="第十条", summary="民主集中制") > 0
        with pytest.raises(DocumentNameTaken):
            add_clause(op, document_id=charter, label="第十条", summary="又")


def test_items_leave_the_draw_on_the_day_and_come_back_by_a_second_person(cited):  # P51
    group, ids, charter = cited
    told = []
    group.house.listen(SupplyShrinks, lambda _op, event: told.append(event))
    group.house.listen(SupplyRestored, lambda _op, event: told.append(event))
    with group.acting(group.reviewer) as op:
        newer = register(op, "中国共产党章程（新修订）", ENDS)
        for wrong in (date(2022, 10, 22), date(2027, 2, 28)):
            with pytest.raises(DocumentDates):
                supersede_document(op, document_id=charter, on=wrong, by_id=newer, reason="修订")
    with group.acting(group.reviewer) as op:
        assert supersede_document(op, document_id=charter, on=ENDS, by_id=newer, reason="修订") == 1
        with pytest.raises(DocumentSettled):
            supersede_document(op, document_id=charter, on=ENDS, by_id=newer, reason="修订")
        # A name that is settled only now is stale at once.
        assert settle_name(op, document_id=charter, name="党章") == 1
        assert stale_count(op.db, op.actor, Capability.ITEM_REVIEW) == 2
    assert drawable(group, date(2027, 2, 28)) == set(ids)
    assert drawable(group, ENDS) == {ids[2]}
    assert [event.on for event in told] == [ENDS, ENDS]
    with group.acting(group.author) as op:
        assert stale_count(op.db, op.actor, Capability.ITEM_WRITE) == 2
    with group.acting(group.colleague) as op:
        involve(op, [ids[1]], Involvement.WROTE)
    with group.acting(group.colleague) as op, pytest.raises(OwnItem):
        confirm_item(op, item_id=ids[1], version=1, document_id=newer, reason="条文未变")
    with group.acting(group.reviewer) as op:
        with pytest.raises(DocumentDates):
            confirm_item(op, item_id=ids[0], version=1, document_id=charter, reason="条文未变")
        with pytest.raises(NotStale):
            confirm_item(op, item_id=ids[0], version=2, document_id=newer, reason="条文未变")
        confirm_item(op, item_id=ids[0], version=1, document_id=newer, reason="条文未变")
        with pytest.raises(NotStale):
            confirm_item(op, item_id=ids[0], version=1, document_id=newer, reason="条文未变")
    assert drawable(group, ENDS) == {ids[0], ids[2]}
    assert isinstance(told[-1], SupplyRestored)
    with group.acting(group.author) as op:
        revise_item(op, item_id=ids[1], item=cite("乙改", "中国共产党章程（新修订）"), base_version=1, reason="改")
    assert group.items()[1].stale_from is None
    acts = ("document:register", "document:settle_name", "document:supersede", "item:confirm")
    assert [one.action for one in group.acts(*acts)] == [
        "document:register",
        "document:register",
        "document:supersede",
        "document:settle_name",
        "item:confirm",
    ]
    assert (group.reviewer.person_id, "reviewed") in group.involved(ids[0])


def test_the_pages_lead_from_the_register_to_the_stale_items(cited, browsers):
    group, ids, charter = cited
    reviewer, author = browsers(group.reviewer), browsers(group.author)
    given = {"on": "2027-03-01", "reason": "修订"}
    assert author.submit(f"/documents/{charter}/supersede", given).status_code == 403
    assert reviewer.submit(f"/documents/{charter}/supersede", {**given, "by_id": ""}).status_code == 303
    assert "党章" in reviewer.get("/documents").text
    assert "2027年3月1日" in reviewer.get(f"/documents/{charter}").text
    assert reviewer.api_get("/stale").json()["items"][0]["id"] == ids[0]
    assert "确认仍然正确" in reviewer.get("/stale").text
    assert "/revise" in author.get("/stale?own=yes").text
    assert "待复核" in reviewer.get("/").text
    assert len(author.api_get(f"/banks/{group.bank_id}?stale=yes").json()["rows"]) == 1
    assert len(author.api_get(f"/banks/{group.bank_id}?document={charter}").json()["rows"]) == 1
    again = reviewer.submit(f"/items/{ids[0]}/confirm", {"version": 1, "document_id": charter, "reason": "x"})
    assert again.status_code == 422
