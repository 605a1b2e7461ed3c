"""The draw of a sealed exam: what candidates get of it, and that anybody can draw it again."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.authoring.models import ItemRow, ItemVersion
from app.authoring.rules import ItemState
from app.clock import ManualClock
from app.exams.models import Exam
from app.exams.rules import ExamState, FormsUneven, NotOverYet
from app.exams.service.drawing import disclose_seed, recompute_draw
from app.exams.service.pooling import sealed_pool
from app.exams.service.sealing import propose_seal, seal
from app.operation import acting_as
from question_bank.assembly import DrawVersion, commit, facts_from_json, facts_to_json, snapshot_hash
from question_bank.blueprint import Evenness, Section
from question_bank.canonical import canonical_json, read_json
from tests.support.bank import SINGLE, cell
from tests.support.sealed_exam import make_sealed_exam


def test_the_candidates_view_holds_no_key(world):  # P14
    exam_id = world.sealed_exam(1)
    view = json.loads(world.forms(exam_id)[0].view)
    seen = set()

    def walk(value):
        if isinstance(value, dict):
            seen.update(value)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(view)
    assert seen == {
        "item_count",
        "maximum_hundredths",
        "sections",
        "title",
        "items",
        "position",
        "item_type",
        "type_name",
        "zh",
        "en",
        "stem",
        "options",
        "letter",
        "text",
        "points_hundredths",
        "scoring",
    }


def test_a_later_version_of_an_item_changes_no_form(world):  # P17
    exam_id = world.sealed_exam(1)
    before = [(f.content, f.view) for f in world.forms(exam_id)]
    with acting_as(world.house, "test") as op:
        op.db.execute(update(ItemRow).values(state=ItemState.RETIRED))
    assert [(f.content, f.view) for f in world.forms(exam_id)] == before
    assert world.verdict(exam_id).agrees


TOUCHED = [
    ("UPDATE form SET content = content || ' ' WHERE number = 2", "第 2 份"),
    ("UPDATE form SET view = view || ' ' WHERE number = 3", "第 3 份"),
    ("UPDATE form SET content_hash = '" + "0" * 64 + "' WHERE number = 1", "第 1 份"),
    ("UPDATE exam SET fairness = fairness || ' '", "公平性报告"),
    ('UPDATE exam SET draw_facts = replace(draw_facts, \'"named":[]\', \'"named":[["1","1"]]\')', "备选题集"),
    ("UPDATE exam SET draw_version = NULL", "备选题集"),
    ("UPDATE exam SET draw_version = 'cz2'", "备选题集"),
    ("UPDATE exam SET draw_facts = replace(draw_facts, 'facts/2', 'facts/1')", "备选题集"),
    ("UPDATE exam SET forms_hash = '" + "0" * 64 + "'", "哈希"),
    ("UPDATE exam SET pool_hash = '" + "0" * 64 + "'", "备选题集"),
    ("UPDATE exam SET seed_commitment = '" + "0" * 64 + "'", "承诺值"),
    ("DELETE FROM form WHERE number = 4", "哈希"),
    ("DELETE FROM pool_item WHERE item_version_id = (SELECT min(item_version_id) FROM pool_item)", "备选题集"),
]


def test_recomputing_the_draw_finds_one_changed_byte(world):  # P16
    exam_id = world.sealed_exam(2)
    for statement, words in TOUCHED:
        with acting_as(world.house, "test") as op:
            op.db.execute(text(statement))
            found = recompute_draw(op, exam_id)
            op.db.rollback()
        assert not found.agrees, statement
        assert words in found.zh, statement
    assert world.verdict(exam_id).agrees


def test_a_changed_item_version_is_found_too(world):
    exam_id = world.sealed_exam(1)
    with acting_as(world.house, "test") as op:
        row = op.db.scalars(select(ItemVersion)).first()
        row.content = row.content.replace("选项0", "选项X")
    assert "备选题集" in world.verdict(exam_id).zh


def test_the_seed_is_disclosed_only_when_every_sitting_is_over(world, browsers):  # P16
    exam_id = world.sealed_exam(1)
    with world.as_(world.approver) as op, pytest.raises(NotOverYet):
        disclose_seed(op, exam_id=exam_id)
    world.clock.advance(timedelta(days=1, hours=2))
    with world.as_(world.approver) as op:
        disclose_seed(op, exam_id=exam_id)
    exam = world.exam(exam_id)
    assert commit(bytes.fromhex(exam.seed_disclosed)) == exam.seed_commitment
    assert exam.seed_disclosed in browsers(world.liaison).get(f"/exams/{exam_id}").text


def test_the_command_says_whether_the_forms_agree(world, monkeypatch, capsys):
    import typer

    from app.commands import exam as command

    exam_id = world.sealed_exam(1)

    class Opened:
        def __enter__(self):
            return world.house

        def __exit__(self, *_):
            return None

    monkeypatch.setattr(command, "opened", Opened)
    command.verify_draw(exam_id)
    assert "3 份试卷" in capsys.readouterr().out
    with acting_as(world.house, "test") as op:
        op.db.execute(text("UPDATE form SET view = view || ' ' WHERE number = 1"))
    with pytest.raises(typer.Exit) as ended:
        command.verify_draw(exam_id)
    assert ended.value.exit_code == 1
    assert isinstance(world.house.clock, ManualClock)


def test_an_exam_that_was_sealed_with_the_first_version_is_still_recomputed(house):  # P16
    exam = make_sealed_exam(house, candidates=3)
    with acting_as(house, "test") as op:
        verdict = recompute_draw(op, exam.exam_id)
    assert (verdict.agrees, verdict.forms) == (True, 4), verdict.zh


def test_an_exam_that_was_sealed_with_the_second_version_is_still_recomputed(world):  # P16
    # No two items here have one stem or one content, so that this is, byte for byte, what such an exam has stored.
    exam_id = world.sealed_exam(1)
    with acting_as(world.house, "test") as op:
        exam = op.db.get_one(Exam, exam_id)
        facts = replace(facts_from_json(read_json(exam.draw_facts)), version=DrawVersion.CZ2)
        exam.draw_version, exam.draw_facts = "cz2", canonical_json(facts_to_json(facts)).decode()
        exam.pool_hash = snapshot_hash(sealed_pool(op, exam_id), facts)
    assert '"pool-facts/1"' in world.exam(exam_id).draw_facts
    assert world.verdict(exam_id).agrees


def test_the_fairness_report_is_for_those_who_run_exams_and_names_no_item(world, browsers):  # P15
    exam_id = world.proposed_exam(3)
    trial = browsers(world.approver).api_get(f"/exams/{exam_id}/fairness").json()
    assert (trial["trial"], trial["within_tolerance"], trial["forms"]) == (True, True, 5)
    with world.as_(world.approver) as op:
        seal(op, exam_id=exam_id)
    shown = browsers(world.officer).api_get(f"/exams/{exam_id}/fairness").json()
    assert (shown["trial"], shown["draw_version"]) == (False, "cz3")
    assert sum(bar["count"] for bar in shown["expected"]) == 5
    page = browsers(world.officer).get(f"/exams/{exam_id}/fairness").text
    assert "全部指标在允差之内" in page
    assert "单选1" not in page  # no stem
    assert f"/exams/{exam_id}/fairness" in browsers(world.officer).get(f"/exams/{exam_id}").text
    for persona in (world.liaison, world.proctor):
        assert browsers(persona).api_get(f"/exams/{exam_id}/fairness").status_code in {403, 404}


def test_forms_that_cannot_be_even_are_not_sealed(world):  # P16
    easy = dict.fromkeys(range(0, 40, 2), "easy")
    with acting_as(world.house, "test") as op:
        for number, version in enumerate(op.db.scalars(select(ItemVersion).order_by(ItemVersion.id))):
            version.content = version.content.replace('"medium"', f'"{easy.get(number, "hard")}"')
    world.blueprint = replace(world.blueprint, evenness=Evenness(tolerance_hundredths=0))
    exam_id = world.published_exam()
    world.confirmed(exam_id, 3)
    world.staffed(exam_id)
    world.close_registration()
    with world.as_(world.officer) as op, pytest.raises(FormsUneven) as refused:
        propose_seal(op, exam_id=exam_id)
    assert "预期分超出允差" in refused.value.sentence("zh")
    assert world.exam(exam_id).state is ExamState.PUBLISHED


def test_items_rest_after_they_were_used(world):
    world.blueprint = replace(
        world.blueprint, sections=(Section("一、单选题", (cell(SINGLE, 4),)),), cut_score_hundredths=100
    )
    first = world.sealed_exam(1)
    used = {entry["item_key"] for form in world.forms(first) for entry in entries_of(form)}
    world.blueprint = replace(world.blueprint, evenness=Evenness(rest_days=60))
    second = world.sealed_exam(1)
    drawn = {entry["item_key"] for form in world.forms(second) for entry in entries_of(form)}
    assert not used & drawn
    assert world.verdict(first).agrees
    assert world.verdict(second).agrees


def entries_of(form):
    return [entry for section in json.loads(form.content)["sections"] for entry in section["entries"]]
