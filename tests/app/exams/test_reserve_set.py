"""The reserve set of an exam: drawn, verified and counted with the forms, given out in their place."""

from sqlalchemy import delete, select, update

from app.authoring.models import ItemUsage
from app.exams.models import FormRow, ReserveForm
from app.exams.queries import count_reserve_forms
from app.exams.queries.reserve import count_reserve_set, spare_forms
from app.exams.service.drawing import recompute_draw
from app.exams.service.late import add_late
from app.exams.service.reserve import give_reserve_forms
from app.operation import acting_as
from question_bank.canonical import read_json
from question_bank.form_json import form_from_json


def items(row):
    return {entry.item_key for entry in form_from_json(read_json(row.content)).entries}


def seen(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        return sum(db.scalars(select(ItemUsage.forms).where(ItemUsage.exam_id == exam_id)))


def test_a_reserve_set_is_sealed_verified_and_counted_once_it_is_used(world, browsers):  # P16
    exam_id = world.sealed_exam(3, reserve_set=True)
    forms = world.forms(exam_id)
    assert [row.registration_id is None for row in forms] == [False] * 3 + [True] * 7
    main, reserve = forms[:5], forms[5:]
    assert not set.union(*map(items, main)) & set.union(*map(items, reserve))
    assert world.verdict(exam_id).agrees
    with acting_as(world.house, "test") as op:  # one form of the set is gone
        op.db.execute(delete(ReserveForm).where(ReserveForm.form_id == reserve[-1].id))
        op.db.execute(delete(FormRow).where(FormRow.id == reserve[-1].id))
        assert "试卷总数" in recompute_draw(op, exam_id).zh
        op.db.rollback()
    with world.house.database.transaction(reading=True) as db:
        assert (count_reserve_forms(db, exam_id), count_reserve_set(db, exam_id)) == (2, (5, 0))
        assert [row.number for row in spare_forms(db, exam_id)] == [4, 5]
    first = seen(world, exam_id)
    holders = [row.registration_id for row in main[:3]]
    with world.as_(world.approver) as op:
        assert [row.number for row in give_reserve_forms(op, holders[:2])] == [6, 7]
        assert give_reserve_forms(op, holders[:2]) == []  # what was given stays
        assert count_reserve_forms(op.db, exam_id) == 2  # what was put aside is not for who joins late
    assert seen(world, exam_id) == first + 2 * len(form_from_json(read_json(reserve[0].content)).entries)
    assert [row.registration_id for row in world.forms(exam_id)[5:7]] == holders[:2]
    assert world.verdict(exam_id).agrees  # a switch changes nobody's form, only whose it is
    switched = {world.registration(one).room_id for one in holders[:2]}
    person, number = world.person()
    with world.as_(world.approver) as op:
        joined = add_late(op, exam_id=exam_id, name=person.name, id_number=number, reason="单位漏报")
        form = op.db.scalars(select(FormRow).where(FormRow.registration_id == joined.id)).one()
        assert form.number == (9 if joined.room_id in switched else 4)  # in a switched room nobody gets the old set
    assert world.verdict(exam_id).agrees
    officer = browsers(world.officer)
    shown = officer.api_get(f"/exams/{exam_id}").json()
    assert (shown["reserve_set"], shown["seal"]["reserve_set_forms"], shown["seal"]["reserve_left"]) == (True, 5, 1)
    fairness = officer.api_get(f"/exams/{exam_id}/fairness").json()
    assert (fairness["reserve"]["forms"], fairness["reserve"]["common_items"]) == (5, 0)
    assert "成套备用卷" in officer.get(f"/exams/{exam_id}/fairness").text
    with world.house.database.transaction() as db:
        db.execute(update(FormRow).where(FormRow.id == reserve[4].id).values(view="{}"))
    assert not world.verdict(exam_id).agrees  # the reserve is verified like the rest


def test_without_a_reserve_set_there_is_nothing_to_give(world):
    exam_id = world.sealed_exam(1)
    with world.as_(world.approver) as op:
        assert give_reserve_forms(op, [row.id for row in world.candidates(exam_id)]) == []
        assert op.db.scalars(select(ReserveForm)).all() == []
        assert count_reserve_set(op.db, exam_id) == (0, 0)
