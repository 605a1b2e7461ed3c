"""The draw of a sealed exam: what candidates get of it, and that anybody can draw it again."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.authoring.models import ItemRow, ItemVersion
from app.authoring.rules import ItemState
from app.clock import ManualClock
from app.exams.rules import (
    NotOverYet,
)
from app.exams.service.drawing import disclose_seed
from app.operation import acting_as
from question_bank.assembly import commit


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


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE form SET content = content || ' ' WHERE number = 2",
            "第 2 份",
        ),
        ("UPDATE form SET view = view || ' ' WHERE number = 3", "第 3 份"),
        ("UPDATE form SET content_hash = '" + "0" * 64 + "' WHERE number = 1", "第 1 份"),
        ("UPDATE exam SET forms_hash = '" + "0" * 64 + "'", "哈希"),
        ("UPDATE exam SET pool_hash = '" + "0" * 64 + "'", "备选题集"),
        ("UPDATE exam SET seed_commitment = '" + "0" * 64 + "'", "承诺值"),
        ("DELETE FROM form WHERE number = 4", "哈希"),
        ("DELETE FROM pool_item WHERE item_version_id = (SELECT min(item_version_id) FROM pool_item)", "备选题集"),
    ],
)
def test_recomputing_the_draw_finds_one_changed_byte(world, statement, words):  # P16
    exam_id = world.sealed_exam(2)
    with acting_as(world.house, "test") as op:
        op.db.execute(text(statement))
    found = world.verdict(exam_id)
    assert not found.agrees
    assert words in found.zh


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
