"""Blueprints: written by one person, approved by another, checked against the bank."""

from dataclasses import replace

import pytest

from app.accounts.models import Account
from app.accounts.service import create_account, grant_role
from app.errors import NotFound
from app.exams.models import BlueprintRow
from app.exams.rules import BlueprintState, ContentRefused, ExamMoveRefused, NameTaken, NotReady, SameOfficer
from app.exams.service import blueprints
from app.operation import acting_as
from app.security.permissions import Role
from question_bank.blueprint import Section
from question_bank.items import ItemType
from tests.support.bank import SINGLE, cell
from tests.support.personas import Persona

CELLS = [
    {"section": "一、单选题", "topic": "", "item_type": "single_choice", "count": 10, "points": "2"},
    {"section": "", "topic": "党章/第1章", "item_type": "single_choice", "count": 2, "points": "1.5"},
    {"section": "二、多选题", "topic": "", "item_type": "multiple_choice", "count": 5, "points": "２"},
]


def typed(world, **more):
    given = {"bank_id": world.bank_id, "name": "春季方案", "level": "primary", "cut_score": "20", "cells": CELLS}
    return given | more


def state(world, blueprint_id):
    with world.house.database.transaction(reading=True) as db:
        return db.get_one(BlueprintRow, blueprint_id).state


def test_a_blueprint_is_written_checked_submitted_and_approved(world, browsers):
    officer, approver = browsers(world.officer), browsers(world.approver)
    made = officer.api("/blueprints", typed(world))
    assert made.status_code == 200, made.text
    shown = officer.api_get(f"/blueprints/{made.json()['id']}").json()
    assert [s["title"] for s in shown["sections"]] == ["一、单选题", "二、多选题"]
    assert shown["maximum_hundredths"] == 10 * 200 + 2 * 150 + 5 * 200
    assert shown["feasible"] is True
    assert shown["can"] == ["revise", "submit"]
    here = f"/blueprints/{shown['id']}"
    assert officer.api(f"{here}/submit").status_code == 200
    assert officer.api(f"{here}/approve").status_code == 403
    assert approver.api_get(here).json()["can"] == ["approve", "return"]
    assert approver.api(f"{here}/return", {"reason": "题量太少"}).status_code == 200
    assert officer.api_get(here).json()["remark"] == "题量太少"
    assert officer.api(here, typed(world)).status_code == 200
    assert officer.api(f"{here}/submit").status_code == 200
    assert approver.api(f"{here}/approve").status_code == 200
    assert state(world, shown["id"]) is BlueprintState.APPROVED
    assert officer.api(here, typed(world)).status_code == 409


def test_the_form_of_a_page_does_the_same(world, browsers):
    officer = browsers(world.officer)
    fields = {"bank_id": world.bank_id, "name": "表单方案", "level": "primary", "cut_score": "20"}
    for index, row in enumerate(CELLS):
        fields |= {f"cells.{index}.{name}": str(value) for name, value in row.items()}
    sent = officer.submit("/blueprints", fields)
    assert sent.status_code == 303, sent.text
    page = officer.get(sent.headers["location"])
    assert "表单方案" in page.text
    assert "题库可以满足全部要求" in page.text
    again = officer.submit("/blueprints", fields | {"name": "另一方案", "cells.1.points": "两分"})
    assert again.status_code == 422
    assert "党章/第1章" in again.text  # what was typed is kept
    assert "分值应为数字" in again.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cut_score": "abc"}, "cut_score"),
        ({"bank_id": 999999}, "bank_id"),
        ({"cells": []}, "cells"),
        ({"cells": [CELLS[0] | {"count": 0}]}, "cells.0.count"),
        ({"cells": [CELLS[0] | {"points": "1.234"}]}, "cells.0.points"),
        ({"scoring": "fixed_if_missed", "mark": "x"}, "mark"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_is_typed_wrong_is_refused_by_field(world, browsers, wrong, field):
    refused = browsers(world.officer).api("/blueprints", typed(world, **wrong))
    assert refused.status_code == 422
    assert field in refused.text


def test_a_cut_score_above_the_full_points_is_refused_with_a_sentence(world, browsers):
    refused = browsers(world.officer).api("/blueprints", typed(world, cut_score="999"))
    assert refused.status_code == 422
    assert "合格线" in refused.text


def test_the_check_says_which_rows_fall_short_and_by_how_many(world, browsers):
    cells = [CELLS[0] | {"count": 30}, CELLS[2]]
    answer = browsers(world.officer).api("/blueprints/check", typed(world, cells=cells, cut_score="1"))
    assert [c["short"] for c in answer.json()["cells"]] == [10, 0]
    assert answer.json()["feasible"] is False


def test_a_blueprint_that_the_bank_cannot_serve_is_not_submitted(world):
    wanting = replace(
        world.blueprint,
        name="太大",
        sections=(Section("一、单选题", (cell(SINGLE, 25), cell(ItemType.CASE_ANALYSIS, 1))),),
        cut_score_hundredths=100,
    )
    with world.as_(world.officer) as op:
        row = blueprints.create_blueprint(op, bank_id=world.bank_id, blueprint=wanting)
    with world.as_(world.officer) as op, pytest.raises(NotReady) as refused:
        blueprints.submit_blueprint(op, blueprint_id=row.id)
    assert "还差 5 题" in refused.value.sentence("zh")
    assert "5 short" in refused.value.sentence("en")
    assert "还差 1 题（含简答、实操小题的案例须人工阅卷，不计在内）" in refused.value.sentence("zh")


def test_names_are_unique(world):
    with world.as_(world.officer) as op:
        blueprints.create_blueprint(op, bank_id=world.bank_id, blueprint=world.blueprint)
    with world.as_(world.officer) as op, pytest.raises(NameTaken):
        blueprints.create_blueprint(op, bank_id=world.bank_id, blueprint=world.blueprint)


def test_nonsense_is_refused_by_the_rule_book(world):
    with world.as_(world.officer) as op, pytest.raises(ContentRefused):
        blueprints.create_blueprint(op, bank_id=world.bank_id, blueprint=replace(world.blueprint, sections=()))


def test_the_same_person_under_another_account_does_not_approve(world):  # P29
    with world.as_(world.officer) as op:
        row = blueprints.create_blueprint(op, bank_id=world.bank_id, blueprint=world.blueprint)
        blueprints.submit_blueprint(op, blueprint_id=row.id)
    with acting_as(world.house, "test") as op:
        person_id = op.db.get_one(Account, world.officer.account_id).person_id
        other = create_account(op, person_id=person_id, login="second_account")
        grant_role(op, account_id=other.id, role=Role.EXAM_APPROVER, unit_id=None)
    second = Persona(other.id, person_id, other.login, "")
    for act in (
        lambda op: blueprints.approve_blueprint(op, blueprint_id=row.id),
        lambda op: blueprints.return_blueprint(op, blueprint_id=row.id, reason="不行"),
    ):
        with world.as_(second) as op, pytest.raises(SameOfficer):
            act(op)
    assert state(world, row.id) is BlueprintState.SUBMITTED


def test_no_step_is_taken_out_of_turn(world):
    with world.as_(world.officer) as op:
        row = blueprints.create_blueprint(op, bank_id=world.bank_id, blueprint=world.blueprint)
    for act in (
        lambda op: blueprints.approve_blueprint(op, blueprint_id=row.id),
        lambda op: blueprints.return_blueprint(op, blueprint_id=row.id, reason="不行"),
    ):
        with world.as_(world.approver) as op, pytest.raises(ExamMoveRefused):
            act(op)
    with world.as_(world.officer) as op:
        blueprints.submit_blueprint(op, blueprint_id=row.id)
    with world.as_(world.officer) as op, pytest.raises(ExamMoveRefused):
        blueprints.revise_blueprint(op, blueprint_id=row.id, bank_id=world.bank_id, blueprint=world.blueprint)
    with world.as_(world.officer) as op, pytest.raises(ExamMoveRefused):
        blueprints.submit_blueprint(op, blueprint_id=row.id)


def test_units_see_no_blueprint(world, browsers):
    blueprint_id = world.approved_blueprint()
    assert browsers(world.liaison).api_get(f"/blueprints/{blueprint_id}").status_code == 403
    with world.as_(world.liaison) as op, pytest.raises(NotFound):
        blueprints.queries.find_blueprint(op.db, op.actor, blueprint_id)


def test_everything_that_may_be_asked_for_is_typed_kept_and_shown(world, browsers):
    officer = browsers(world.officer)
    fields = {
        "bank_id": world.bank_id,
        "name": "全项方案",
        "level": "primary",
        "cut_score": "20",
        "duration_minutes": "90",
        "tolerance": "1.5",
        "exposure_percent": "60",
        "rest_days": "30",
        "fixed.0.section": "一、单选题",
        "fixed.0.item_id": str(world.item_ids[0]),
        "fixed.0.points": "3",
        "minima.0.section": "一、单选题",
        "minima.0.points": "12.5",
    }
    for index, row in enumerate(CELLS):
        fields |= {f"cells.{index}.{name}": str(value) for name, value in row.items()}
    fields["cells.1.difficulty"] = "medium"
    sent = officer.submit("/blueprints", fields)
    assert sent.status_code == 303, sent.text
    here = sent.headers["location"].partition("?")[0]
    shown = officer.api_get(here).json()
    first = shown["sections"][0]
    assert (shown["item_count"], shown["duration_minutes"], shown["tolerance_hundredths"]) == (18, 90, 150)
    assert (shown["exposure_permille"], shown["rest_days"], first["minimum_hundredths"]) == (600, 30, 1250)
    assert first["fixed"] == [{"item_id": str(world.item_ids[0]), "points_hundredths": 300}]
    assert [(c["difficulty"], c["stock"]) for c in first["cells"]] == [(None, 17), ("medium", 4)]
    form = officer.get(f"{here}/edit").text
    for value in ('value="12.5"', 'value="1.5"', 'value="60"', '<option value="medium" selected>'):
        assert value in form
    wrong = officer.submit("/blueprints", fields | {"name": "错", "minima.0.section": "没有"})
    assert (wrong.status_code, "没有这个大题" in wrong.text) == (422, True)
    missing = officer.submit("/blueprints", fields | {"name": "缺", "fixed.0.item_id": "999999"})
    page = officer.get(missing.headers["location"])
    assert "必考题「999999」不在备选题集中" in page.text


def test_the_check_says_what_would_help_and_what_it_would_cost(world, browsers):
    cells = [CELLS[1] | {"section": "一", "count": 8}]
    answer = browsers(world.officer).api("/blueprints/check", typed(world, cells=cells, cut_score="1")).json()
    assert [(c["short"], [r["zh"] for r in c["relaxations"]]) for c in answer["cells"]] == [
        (3, ["知识点放宽到「党章」：可补足", "知识点放宽到「不限」：可补足", "减为 5 题：可补足"])
    ]
