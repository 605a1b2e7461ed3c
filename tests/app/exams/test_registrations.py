"""Registrations: one by one and by list, within one's own units, confirmed, refused, withdrawn."""

import io
from datetime import timedelta

import pytest
import xlsxwriter
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.exams.models import Registration, RegistrationList
from app.exams.rules import (
    REGISTRATION_TRANSITIONS,
    AlreadyRegistered,
    ExamMoveRefused,
    LeftOutDiffers,
    ListChanged,
    NobodyChosen,
    NotEligible,
    OtherName,
    PersonNotFound,
    RegistrationAction,
    RegistrationShut,
    RegistrationState,
)
from app.exams.service import lists, registrations
from app.operation import acting_as
from app.people.models import Person
from app.people.rules import FactKind, PoliticalStatus, StandingFact
from app.people.service import append_fact
from app.security.permissions import Role
from tests.support.personas import make_staff


def workbook(*people, rounded=()):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["姓名", "身份证号"])
    for row, (name, number) in enumerate(people, start=1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, number)
    for row, number in enumerate(rounded, start=1 + len(people)):
        sheet.write_string(row, 0, "四舍五入")
        sheet.write_number(row, 1, number)
    book.close()
    return buffer.getvalue()


def of(person_and_number):
    person, number = person_and_number
    return person.name, number


def entries(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        rows = select(Registration).where(Registration.exam_id == exam_id).order_by(Registration.id)
        return list(db.scalars(rows))


def check(world, exam_id, content, *, persona=None):
    with world.as_(persona or world.liaison) as op:
        return lists.check_list(op, exam_id=exam_id, file_name="名单.xlsx", content=content)


def test_a_unit_registers_one_person_and_the_act_is_audited(world, browsers):
    exam_id = world.published_exam()
    person, number = world.person()
    liaison = browsers(world.liaison)
    given = {"name": person.name, "id_number": number}
    made = liaison.api(f"/exams/{exam_id}/registrations", given)
    assert made.status_code == 200, made.text
    (row,) = liaison.api_get(f"/exams/{exam_id}/registrations").json()["rows"]
    assert (row["person_name"], row["state"], row["eligible"]) == (person.name, "registered", True)
    assert number not in str(row)
    again = liaison.api(f"/exams/{exam_id}/registrations", given)
    assert again.status_code == 409
    shown = liaison.api_get(f"/exams/{exam_id}/registrations/{row['id']}").json()
    assert all(answer["yes"] for answer in shown["answers"])
    assert shown["can"] == ["withdraw"]
    with world.house.database.transaction(reading=True) as db:
        (record,) = db.scalars(select(AuditRecord).where(AuditRecord.action == "registration:create"))
        assert number not in (record.after or "")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"in_post": False}, "不在党务工作岗位"),
        ({"status": PoliticalStatus.PROBATIONARY_MEMBER}, "不是中共正式党员"),
    ],
)
def test_who_may_not_sit_is_refused_with_the_rule(world, more, words):
    exam_id = world.published_exam()
    person, number = world.person(**more)
    with world.as_(world.liaison) as op, pytest.raises(NotEligible) as refused:
        registrations.register(op, exam_id=exam_id, name=person.name, id_number=number)
    assert words in refused.value.sentence("zh")
    assert entries(world, exam_id) == []


def test_who_had_a_part_in_the_items_is_refused(world):  # candidate never together with the making
    exam_id = world.published_exam()
    person, number = world.person()
    world.involve(person.id)
    with world.as_(world.liaison) as op, pytest.raises(NotEligible) as refused:
        registrations.register(op, exam_id=exam_id, name=person.name, id_number=number)
    assert "备选试题" in refused.value.sentence("zh")


def test_officer_approver_and_proctor_of_an_exam_do_not_sit_it(world):
    exam_id = world.published_exam()
    world.staffed(exam_id)
    with world.as_(world.officer) as op:
        exam = registrations.queries.exam_by_id(op.db, exam_id)
        people = [op.db.get_one(Person, p.person_id) for p in (world.officer, world.approver, world.proctor)]
        answers = registrations.answers_for(op, exam, people)
    for found in answers.values():
        assert [a.rule.value for a in found if not a.yes] == ["no_part_in_making"]


def test_another_units_person_answers_like_nobody(world):  # P21
    exam_id = world.published_exam()
    person, number = world.person(world.west)
    nobody = "990101199912310018"
    said = []
    for given in (number, nobody):
        with world.as_(world.liaison) as op, pytest.raises(PersonNotFound) as refused:
            registrations.register(op, exam_id=exam_id, name=person.name, id_number=given)
        said.append([problem.zh for problem in refused.value.fields])
    assert said[0] != []
    assert said[0] == [PersonNotFound.zh]


def test_name_and_number_must_belong_together(world):
    exam_id = world.published_exam()
    _, number = world.person()
    with world.as_(world.liaison) as op, pytest.raises(OtherName):
        registrations.register(op, exam_id=exam_id, name="另一人", id_number=number)


def test_registration_opens_and_closes_by_time(world):
    now = world.clock.now()
    exam_id = world.published_exam(registration_opens_at=now + timedelta(days=1))
    person, number = world.person()

    def attempt():
        with world.as_(world.liaison) as op:
            return registrations.register(op, exam_id=exam_id, name=person.name, id_number=number)

    with pytest.raises(RegistrationShut):
        attempt()
    world.at(now + timedelta(days=5))
    with pytest.raises(RegistrationShut):
        attempt()
    world.at(now + timedelta(days=5) - timedelta(seconds=1))
    assert attempt()


def test_a_list_is_shown_row_by_row_and_commits_exactly_its_good_rows(world, browsers):
    exam_id = world.published_exam()
    good, second, west, off = world.person(), world.person(), world.person(world.west), world.person(in_post=False)
    taken = world.person()
    world.register(exam_id, *taken)
    content = workbook(
        of(good),
        of(good),
        of(west),
        of(off),
        ("别名", second[1]),
        ("", second[1]),
        ("无", "123"),
        of(taken),
        of(second),
        rounded=[330102199001011234],
    )
    liaison = browsers(world.liaison)
    sent = liaison.request(
        "POST",
        f"/api/v1/exams/{exam_id}/lists",
        files={"upload": ("名单.xlsx", content)},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert sent.status_code == 200, sent.text
    list_id = sent.json()["id"]
    shown = liaison.api_get(f"/lists/{list_id}").json()
    assert [row["outcome"] for row in shown["rows"]] == [
        "good",
        "twice",
        "not_found",
        "not_eligible",
        "other_name",
        "no_name",
        "bad_number",
        "registered",
        "twice",
        "bad_number",
    ]
    assert "第 2 行" in shown["rows"][1]["zh"]
    assert "四舍五入" in shown["rows"][-1]["zh"]
    assert len(entries(world, exam_id)) == 1
    page = liaison.get(f"/lists/{list_id}")
    assert "登记 1 人，略去 9 行" in page.text
    assert good[1] not in page.text
    done = liaison.submit(f"/lists/{list_id}/commit", {"left_out": "9"})
    assert done.status_code == 303, done.text
    assert {row.person_id for row in entries(world, exam_id)} == {taken[0].id, good[0].id}
    assert liaison.api(f"/lists/{list_id}/commit", {"left_out": 9}).status_code == 409
    with world.house.database.transaction(reading=True) as db:
        stored = str([row.rows for row in db.scalars(select(RegistrationList))])
    for _, number in (good, second, west, off, taken):
        assert number not in stored  # P46


def test_without_consent_to_what_is_left_out_nobody_is_registered(world):
    exam_id = world.published_exam()
    found = check(world, exam_id, workbook(of(world.person()), ("无", "1")))
    with world.as_(world.liaison) as op, pytest.raises(LeftOutDiffers):
        lists.commit_list(op, list_id=found.id, left_out=0)
    assert entries(world, exam_id) == []


def test_what_changed_since_the_check_stops_the_whole_list(world):
    exam_id = world.published_exam()
    first, second, third, fourth = (world.person() for _ in range(4))
    found = check(world, exam_id, workbook(of(first), of(second), of(third), of(fourth)))
    world.register(exam_id, *second)
    with acting_as(world.house, "test") as op:
        op.db.get_one(Person, third[0].id).in_post = False
        op.db.get_one(Person, fourth[0].id).unit_id = world.west.id
    with world.as_(world.liaison) as op, pytest.raises(ListChanged) as refused:
        lists.commit_list(op, list_id=found.id, left_out=0)
    assert "3、4、5" in refused.value.sentence("zh")
    assert [row.person_id for row in entries(world, exam_id)] == [second[0].id]


def test_a_list_put_aside_registers_nobody(world):
    exam_id = world.published_exam()
    found = check(world, exam_id, workbook(of(world.person())))
    with world.as_(world.liaison) as op:
        lists.discard_list(op, list_id=found.id)
    for act in (
        lambda op: lists.commit_list(op, list_id=found.id, left_out=0),
        lambda op: lists.discard_list(op, list_id=found.id),
    ):
        with world.as_(world.liaison) as op, pytest.raises(ExamMoveRefused):
            act(op)
    assert entries(world, exam_id) == []


def test_a_list_belongs_to_who_uploaded_it(world, browsers):  # P21
    exam_id = world.published_exam()
    found = check(world, exam_id, workbook(of(world.person())))
    other = browsers(make_staff(world.house, Role.UNIT_LIAISON, unit=world.west))
    assert other.api_get(f"/lists/{found.id}").status_code == 404
    assert other.api(f"/lists/{found.id}/commit", {"left_out": 0}).status_code == 404


def test_a_file_that_is_no_list_gets_a_sentence_on_the_page(world, browsers):
    exam_id = world.published_exam()
    liaison = browsers(world.liaison)
    sent = liaison.request(
        "POST",
        f"/exams/{exam_id}/lists",
        files={"upload": ("报名.docx", b"%PDF-1.4")},
        data={"_csrf": liaison.csrf()},
        headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
    )
    assert sent.status_code == 422
    assert "报名.docx" in sent.text


def test_the_template_is_downloaded_with_the_units_own_names(world, browsers):
    exam_id = world.published_exam()
    sent = browsers(world.liaison).get(f"/exams/{exam_id}/registrations/template")
    assert sent.status_code == 200
    assert sent.content.startswith(b"PK")
    assert "attachment" in sent.headers["content-disposition"]


def test_an_officer_confirms_many_at_once_all_or_none(world):
    exam_id = world.published_exam()
    people = [world.person() for _ in range(3)]
    ids = [world.register(exam_id, *found) for found in people]
    with acting_as(world.house, "test") as op:
        op.db.get_one(Person, people[1][0].id).in_post = False
    with world.as_(world.officer) as op, pytest.raises(NotEligible) as refused:
        registrations.confirm(op, exam_id=exam_id, registration_ids=ids)
    assert people[1][0].name in refused.value.sentence("zh")
    assert {row.state for row in entries(world, exam_id)} == {RegistrationState.REGISTERED}
    with world.as_(world.officer) as op:
        registrations.refuse(op, exam_id=exam_id, registration_id=ids[1], reason="已离岗")
        registrations.confirm(op, exam_id=exam_id, registration_ids=[ids[0], ids[2], ids[0]])
    first, second, _ = entries(world, exam_id)
    assert (first.state, second.state, second.remark) == ("confirmed", "refused", "已离岗")
    assert [a["rule"] for a in second.eligibility if not a["yes"]] == ["in_post"]
    with world.as_(world.officer) as op, pytest.raises(NobodyChosen):
        registrations.confirm(op, exam_id=exam_id, registration_ids=[])


ACTS = {
    RegistrationAction.CONFIRM: (
        "officer",
        lambda op, e, r: registrations.confirm(op, exam_id=e, registration_ids=[r]),
    ),
    RegistrationAction.REFUSE: (
        "officer",
        lambda op, e, r: registrations.refuse(op, exam_id=e, registration_id=r, reason="不符"),
    ),
    RegistrationAction.WITHDRAW: ("liaison", lambda op, e, r: registrations.withdraw(op, exam_id=e, registration_id=r)),
}
WORDS = {"confirm": "registration:accept", "refuse": "registration:refuse", "withdraw": "registration:withdraw"}


@pytest.mark.parametrize("wanted", RegistrationState)
def test_registrations_walk_their_table_and_each_step_is_audited(world, wanted):  # P13, P35
    exam_id = world.published_exam()
    for action, (who, act) in ACTS.items():
        row_id = world.register(exam_id, *world.person())
        with acting_as(world.house, "test") as op:
            op.db.get_one(Registration, row_id).state = wanted
        target = REGISTRATION_TRANSITIONS.get((wanted, action))
        if target is None:
            with world.as_(getattr(world, who)) as op, pytest.raises(ExamMoveRefused):
                act(op, exam_id, row_id)
        else:
            with world.as_(getattr(world, who)) as op:
                act(op, exam_id, row_id)
        assert world.registration(row_id).state == (target or wanted)
        with world.house.database.transaction(reading=True) as db:
            told = list(
                db.scalars(
                    select(AuditRecord.action).where(
                        AuditRecord.subject_kind == "registration", AuditRecord.subject_id == str(row_id)
                    )
                )
            )
        assert told == ["registration:create"] + ([WORDS[action.value]] if target else [])


def test_who_withdrew_may_register_again_but_nobody_twice(world):
    exam_id = world.published_exam()
    found = world.person()
    first = world.register(exam_id, *found)
    with world.as_(world.liaison) as op, pytest.raises(AlreadyRegistered):
        registrations.register(op, exam_id=exam_id, name=found[0].name, id_number=found[1])
    with world.as_(world.liaison) as op:
        registrations.withdraw(op, exam_id=exam_id, registration_id=first)
    assert world.register(exam_id, *found) != first


def test_a_liaison_sees_and_touches_only_the_own_unit(world, browsers):  # P21
    exam_id = world.published_exam()
    own = world.register(exam_id, *world.person())
    west = make_staff(world.house, Role.UNIT_LIAISON, unit=world.west)
    person, number = world.person(world.west)
    with world.as_(west) as op:
        other = registrations.register(op, exam_id=exam_id, name=person.name, id_number=number).id
    liaison = browsers(world.liaison)
    shown = liaison.api_get(f"/exams/{exam_id}/registrations").json()
    assert [row["id"] for row in shown["rows"]] == [own]
    assert shown["counts"] == {"registered": 1}
    assert liaison.api_get(f"/exams/{exam_id}").json()["registered"] == 1
    missing = liaison.api_get(f"/exams/{exam_id}/registrations/999999")
    hidden = liaison.api_get(f"/exams/{exam_id}/registrations/{other}")
    assert missing.status_code == hidden.status_code == 404
    assert missing.json()["title"] == hidden.json()["title"]
    assert liaison.api(f"/exams/{exam_id}/registrations/{other}/withdraw").status_code == 404
    assert liaison.api(f"/exams/{exam_id}/registrations/confirm", {"registration_ids": [own]}).status_code == 403
    officer = browsers(world.officer).api_get(f"/exams/{exam_id}/registrations").json()
    assert len(officer["rows"]) == 2


def test_a_registration_of_another_exam_is_missing_here(world):
    one, two = world.published_exam(), world.published_exam()
    row_id = world.register(one, *world.person())
    for act in (
        lambda op: registrations.confirm(op, exam_id=two, registration_ids=[row_id]),
        lambda op: registrations.refuse(op, exam_id=two, registration_id=row_id, reason="不符"),
    ):
        with world.as_(world.officer) as op, pytest.raises(registrations.NotFound):
            act(op)


def test_a_certificate_can_ask_whether_somebody_is_still_eligible(world):  # P28
    exam_id = world.published_exam()
    (row_id,) = world.confirmed(exam_id, 1)
    person_id = world.registration(row_id).person_id
    assert world.eligible(row_id)
    world.clock.advance(timedelta(days=30))
    world.involve(person_id)  # item work taken up after the sitting is no part in that exam
    assert world.eligible(row_id)
    with acting_as(world.house, "test") as op:
        today = world.clock.now().date()
        append_fact(op, person_id=person_id, fact=StandingFact(FactKind.BARRED, "B1", today))
    assert not world.eligible(row_id)
