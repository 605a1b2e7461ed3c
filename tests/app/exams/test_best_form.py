"""The best fixed form of a blueprint: found in the background, compared, kept as a draft, approved, sealed."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.authoring.models import ItemVersion
from app.authoring.service.calibrations import keep_calibrations
from app.exams.best_form import service
from app.exams.best_form.rules import BlueprintChanged, NothingFound, SearchUnderway
from app.exams.models import BlueprintRow
from app.exams.service import blueprints
from app.jobs.rules import JobOver
from app.operation import acting_as
from app.wiring import make_worker
from question_bank.canonical import read_json
from question_bank.statistics.calibration import ItemFigures, Tally


def drafted(world, **changed):
    with world.as_(world.officer) as op:
        named = replace(world.blueprint, name=f"方案{world.bank_id}", **changed)
        return blueprints.create_blueprint(op, bank_id=world.bank_id, blueprint=named).id


def test_a_best_form_is_found_compared_kept_approved_and_sealed(world, browsers):
    with acting_as(world.house, "test") as op:  # the first singles tell most at the cut
        versions = op.db.scalars(select(ItemVersion).order_by(ItemVersion.id)).all()
        sharp = {v.id: ItemFigures(Tally(300, 150_000, 150_000_000), 300, 2_000, 0) for v in versions[:4]}
        keep_calibrations(op, 999, sharp)
        item_ids = {version.item_id for version in versions[:4]}
    here = f"/blueprints/{drafted(world)}/best-form"
    officer, liaison = browsers(world.officer), browsers(world.liaison)
    assert liaison.api_get(here).status_code == 403
    assert browsers(world.approver).api(here, {"seconds": 30}).status_code == 403
    assert officer.api(here, {"seconds": 4}).status_code == 422
    assert officer.api(f"{here}/keep", {"name": "空"}).status_code == 409
    assert officer.api(here, {"seconds": 30}).status_code == 200
    assert officer.api(here, {"seconds": 30}).status_code == 409
    assert officer.api_get(here).json()["search"]["living"] is True
    assert "正在排队" in officer.get(here).text
    make_worker(world.house).drain()
    found = officer.api_get(here).json()
    assert (found["search"], found["proved"], found["current"]) == (None, True, True)
    assert [len(cell["items"]) for cell in found["cells"]] == [cell["count"] for cell in found["cells"]]
    chosen = {one["item_id"] for cell in found["cells"] for one in cell["items"]}
    assert len(chosen) == 14
    assert item_ids <= chosen
    assert found["calibrated"] == 4
    assert found["information"] >= found["drawn_information"]
    assert found["information"] == found["bound"]
    at_cut = min(found["curve"], key=lambda point: abs(point["ability"] - found["ability"]))
    assert at_cut["best"] == pytest.approx(found["information"], rel=0.1)
    page = officer.get(here).text
    assert "已证明没有更好的组卷" in page
    assert "<polyline" in page
    kept = officer.submit(f"{here}/keep", {"name": "固定卷"})
    assert kept.status_code == 303
    kept_id = int(kept.headers["location"].split("?")[0].rsplit("/", 1)[1])
    assert officer.api_get(here).json()["kept_as"] == kept_id
    edited = officer.get(f"/blueprints/{kept_id}/edit")
    assert edited.status_code == 200
    with world.as_(world.officer) as op:
        row = op.db.get_one(BlueprintRow, kept_id)
        content = read_json(row.content)
        blueprints.submit_blueprint(op, blueprint_id=kept_id)
    assert {int(one["name"]) for section in content["sections"] for one in section["fixed"]} == chosen
    with world.as_(world.approver) as op:
        blueprints.approve_blueprint(op, blueprint_id=kept_id)
    exam_id = world.sealed_exam(3, blueprint_id=kept_id)
    assert world.verdict(exam_id).agrees  # P16
    assert browsers(world.officer).get(f"/exams/{exam_id}/fairness").status_code == 200
    with acting_as(world.house, "test") as op:
        acts = op.db.scalars(select(AuditRecord.action).where(AuditRecord.subject_kind == "best_form")).all()
    assert sorted(acts) == ["best_form:ask", "best_form:find", "best_form:keep"]


def test_a_search_is_cancelled_refused_or_out_of_date(sqlite_world):
    world = sqlite_world
    blueprint_id = drafted(world)
    with world.as_(world.officer) as op:
        with pytest.raises(NothingFound):
            service.cancel_best_form(op, blueprint_id=blueprint_id)
        service.ask_best_form(op, blueprint_id=blueprint_id, seconds=30)
        with pytest.raises(SearchUnderway):
            service.ask_best_form(op, blueprint_id=blueprint_id, seconds=30)
        service.cancel_best_form(op, blueprint_id=blueprint_id)
        with pytest.raises(JobOver):
            service.cancel_best_form(op, blueprint_id=blueprint_id)
    with world.as_(world.officer) as op:
        service.ask_best_form(op, blueprint_id=blueprint_id, seconds=30)
    make_worker(world.house).drain()
    with world.as_(world.officer) as op:  # the blueprint is written anew while what was found is looked at
        longer = replace(world.blueprint, name=f"方案{world.bank_id}", duration_minutes=77)
        blueprints.revise_blueprint(op, blueprint_id=blueprint_id, bank_id=world.bank_id, blueprint=longer)
    with world.as_(world.officer) as op, pytest.raises(BlueprintChanged):
        service.keep_best_form(op, blueprint_id=blueprint_id, name="固定卷")
