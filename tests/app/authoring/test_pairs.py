"""Enemies that people declare, and near duplicates that the worker finds: what may not stand in one form."""

from dataclasses import replace

import pytest

from app.authoring.queries.pairs import enemy_pairs
from app.authoring.rules import EnemyRefused, ItemState
from app.authoring.service import create_bank
from app.authoring.service.entering import enter_items
from app.authoring.service.items import retire_item
from app.authoring.service.pairs import declare_enemy, look_through, withdraw_enemy
from question_bank.formats.writers.workbook import write_workbook
from question_bank.kinds.case_analysis import CaseBody
from tests.support.bank import single
from tests.support.every_kind import CASE

STEM = "预备党员的预备期为一年，从支部大会通过之日算起"


@pytest.fixture
def stocked(group):
    stems = (STEM, STEM.replace("一年", "两年"), "党的根本宗旨是全心全意为人民服务")
    parts = (*CASE.body.parts[:2], replace(CASE.body.parts[2], stem="应到会____人。"))
    other = replace(CASE, body=CaseBody(CASE.body.stimulus.replace("23", "25"), parts))
    items = [*map(single, stems), CASE, other]
    with group.acting(group.author) as op:
        return group, enter_items(op, bank_id=group.bank_id, items=items, state=ItemState.DRAFT)


def test_enemies_are_declared_once_within_a_bank_and_withdrawn(stocked):  # P51
    group, (first, second, third, *_) = stocked
    with group.acting(group.author) as op:
        other_bank = create_bank(op, name="别的题库", owner_unit_id=group.unit.id).id
        stranger = enter_items(op, bank_id=other_bank, items=[single("外")], state=ItemState.DRAFT)[0]
        pair = declare_enemy(op, item_id=second, other_id=first, reason="互相提示答案")
        for item_id, other_id in ((first, second), (first, first), (first, stranger), (first, 10**12)):
            with pytest.raises(EnemyRefused):
                declare_enemy(op, item_id=item_id, other_id=other_id, reason="x")
        assert enemy_pairs(op.db, [first, second, third]) == [(first, second)]
        assert enemy_pairs(op.db, [second, third]) == []
        assert withdraw_enemy(op, pair_id=pair, reason="已改") == first
        assert enemy_pairs(op.db, [first, second]) == []
    assert len(group.acts("item:declare_enemy", "item:withdraw_enemy")) == 2


def test_near_items_stand_side_by_side_until_one_is_retired(stocked, browsers):
    group, (first, second, third, case, other_case) = stocked
    author = browsers(group.author)
    assert author.api_get(f"/banks/{group.bank_id}/near").json()["checked_at"] is None
    assert (look_through(group.house), look_through(group.house)) == (1, 0)
    shown, cases = author.api_get(f"/banks/{group.bank_id}/near").json()["groups"]
    assert (shown["first_id"], [other["id"] for other in shown["others"]]) == (first, [second])
    assert ["out", "一"] in shown["others"][0]["marks"]
    assert (cases["first_id"], cases["others"][0]["id"]) == (case, other_case)
    assert ["in", "25"] in cases["others"][0]["marks"]  # of the stimulus: their stems are one
    assert cases["others"][0]["likeness"] < 1000
    marks = [[kind for kind, _ in part["marks"]] for part in cases["others"][0]["parts"]]
    assert marks == [["same"], ["same"], ["same", "in", "same"]]
    page = author.get(f"/banks/{group.bank_id}/near").text
    assert "<del>一</del><ins>两</ins>" in page
    third_case = replace(CASE, body=CaseBody(CASE.body.stimulus.replace("18", "17"), CASE.body.parts))
    import_id = group.start(write_workbook([third_case, single(STEM.replace("一年", "三年"))], {}).data, "题库.xlsx")
    found = author.api_get(f"/imports/{import_id}?show=near").json()["entries"]
    near = {entry["content"]["item_type"]: [one["item_id"] for one in entry["near"]] for entry in found}
    assert case in near["case_analysis"]
    assert near["single_choice"]
    shown_case = next(entry["content"] for entry in found if entry["content"]["parts"])
    assert [part["stem"] for part in shown_case["parts"]] == [part.stem for part in CASE.body.parts]
    assert [option["right"] for option in shown_case["parts"][0]["options"]] == [True, False]
    assert shown_case["key_lines"] == []
    done = author.submit(f"/items/{first}/enemies", {"other_id": second, "enemy_reason": "近似"})
    assert done.status_code == 303
    assert "近似" in author.get(f"/items/{second}").text
    assert author.submit(f"/items/{first}/enemies", {"other_id": third, "enemy_reason": ""}).status_code == 422
    with group.acting(group.author) as op:
        retire_item(op, item_id=second, reason="重复")
    assert look_through(group.house) == 1
    assert [shown["first_id"] for shown in author.api_get(f"/banks/{group.bank_id}/near").json()["groups"]] == [case]
