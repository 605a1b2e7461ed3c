"""Make-up exams: entitled by causes, used once, linked to what is made up for (decision 0030)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, local

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditRecord
from app.errors import Conflict, Invalid
from app.exams.eligibility import EligibilityRule as R
from app.exams.eligibility import Rule
from app.exams.emergencies import ChangeKind
from app.exams.make_ups import entitlements, service
from app.exams.make_ups.models import MakeUp, MakeUpEntitlement
from app.exams.make_ups.queries import granted_in, told_of
from app.exams.make_ups.rules import (
    ENTITLEMENT_TRANSITIONS,
    Cause,
    EntitlementAction,
    EntitlementMoved,
    EntitlementState,
    NobodyEntitled,
    NoMakeUp,
    first_cause,
    move_entitlement,
)
from app.exams.models import Registration
from app.exams.rule_kinds import asked_for
from app.exams.rules import NotEligible
from app.exams.service import emergencies, exams, registrations
from app.outbox.models import OutboxMessage
from question_bank.items import Level
from tests.app.exams.test_eligibility import as_delivered
from tests.app.exams.test_policies import announce
from tests.support.personas import make_candidate


@pytest.mark.parametrize("state", [None, *EntitlementState])
def test_moves_are_those_of_the_table(state):  # P13
    for action in EntitlementAction:
        if (state, action) in ENTITLEMENT_TRANSITIONS:
            assert move_entitlement(state, action) is ENTITLEMENT_TRANSITIONS[state, action]
        else:
            with pytest.raises(EntitlementMoved):
                move_entitlement(state, action)


def test_causes_of_the_house_are_used_up_before_those_of_the_person_and_quotas_are_not_asked_again():
    assert first_cause([Cause.FAILED, Cause.UNFOUNDED, Cause.EXCUSED]) is Cause.EXCUSED
    quota, failing = Rule(R.UNIT_QUOTA, {"percent": 100}), Rule(R.MAKE_UP, {"after_failing": 1})
    barred = Rule(R.NOT_BARRED, {})
    assert asked_for([quota, barred, failing], make_up=False) == (quota, barred)
    for policy in ([quota, barred, failing], [quota, barred]):
        assert [rule.kind for rule in asked_for(policy, make_up=True)] == [R.NOT_BARRED, R.MAKE_UP]


def cancelled(world, people=2):
    """An exam that was cancelled after so many people had been confirmed: its id and their registrations."""
    exam_id = world.published_exam()
    found = world.confirmed(exam_id, people)
    world.register(exam_id, *world.person())  # never confirmed: nothing is due
    with world.as_(world.approver) as op:
        exams.cancel_exam(op, exam_id=exam_id, reason="台风")
    return exam_id, found


def enter(world, exam_id):
    with world.as_(world.officer) as op:
        return [row.id for row in service.enter_entitled(op, exam_id=exam_id)]


def told(world, registration_id):
    with world.house.database.transaction(reading=True) as db:
        return told_of(db, [registration_id]).get(registration_id)


def acts(world, *registration_ids):
    with world.house.database.transaction(reading=True) as db:
        of = AuditRecord.subject_kind == "registration", AuditRecord.subject_id.in_([*map(str, registration_ids)])
        rows = db.scalars(select(AuditRecord.action).where(*of).order_by(AuditRecord.id))
        return [action for action in rows if action.startswith("make_up:")]


def test_who_was_confirmed_for_a_cancelled_exam_is_entered_from_the_cause_and_once(world, browsers):  # P35
    first, (one, two) = cancelled(world)
    with world.house.database.transaction(reading=True) as db:
        assert granted_in(db, first, Cause.CALLED_OFF) == {one, two}
        notices = db.scalars(select(OutboxMessage.person_id).where(OutboxMessage.template == "make_up_due")).all()
        assert len(notices) == 2
    announce(world, *as_delivered(Level.PRIMARY), Rule(R.UNIT_QUOTA, {"percent": 1}))
    make_up, other = (world.published_exam(makes_up_for=first) for _ in range(2))
    with pytest.raises(NotEligible):
        world.register(make_up, *world.person())
    with pytest.raises(NoMakeUp):
        enter(world, world.published_exam())
    officer, here = browsers(world.officer), f"/exams/{make_up}/make-ups"
    assert "考试取消" in officer.get(f"/exams/{first}/make-ups").text
    assert officer.api_get(here).json()["to_enter"] == 2
    assert browsers(world.approver).api(f"{here}/enter").status_code == 403
    assert officer.submit(f"{here}/enter", {}).status_code == 303
    listed = officer.api_get(here).json()["candidates"]
    assert [(row["original_id"], row["cause"]) for row in listed] == [(one, "called_off"), (two, "called_off")]
    assert f"/exams/{first}/registrations/{one}" in officer.get(here).text
    entered = [row["registration_id"] for row in listed]
    assert officer.api(f"{here}/enter").json()["code"] == "make_up.nobody"
    with pytest.raises(NobodyEntitled):  # they are made up for already
        enter(world, other)
    with world.house.database.transaction(reading=True) as db:
        used = db.scalars(select(MakeUp.entitlement_id).where(MakeUp.original_id == one)).one()
    second = insert(MakeUp).values(registration_id=one, original_id=one, entitlement_id=used)
    with world.as_(world.officer) as op, pytest.raises(IntegrityError):  # and the database says so too
        op.db.execute(second)
    shown = officer.api_get(f"/exams/{make_up}/registrations/{entered[0]}").json()
    assert (shown["makes_up"]["registration_id"], shown["makes_up"]["cause"]) == (one, "called_off")
    assert told(world, one).made_up_in == shown["exam_name"]
    with world.as_(world.officer) as op:
        registrations.refuse(op, exam_id=make_up, registration_id=entered[0], reason="材料不全")
    assert acts(world, one, entered[0]) == ["make_up:grant", "make_up:take", "make_up:free"]
    again = enter(world, other)
    assert told(world, again[0]).makes_up_cause is Cause.CALLED_OFF
    with world.as_(world.approver) as op:
        exams.cancel_exam(op, exam_id=other, reason="台风")
    assert told(world, one).made_up_in == ""
    person = world.registration(one).person_id
    with world.house.database.transaction(reading=True) as db:
        person = db.get_one(registrations.Person, person)
    own = browsers(make_candidate(world.house, person))
    for lang in ("zh", "en"):
        officer.http.cookies.set("lang", lang)
        own.http.cookies.set("lang", lang)
        for page in (
            here,
            f"/exams/{first}/make-ups",
            f"/exams/{make_up}",
            f"/exams/{make_up}/registrations/{again[0]}",
        ):
            assert officer.get(page).status_code in {200, 404}
        assert ("已取消" if lang == "zh" else "Cancelled") in own.get("/way").text
        assert ("待安排" if lang == "zh" else "To be arranged") in own.get("/way").text


def test_of_two_exams_that_race_for_one_person_one_makes_up(world):  # P35
    first, (one,) = cancelled(world, 1)
    racing = [world.published_exam(makes_up_for=first) for _ in range(2)]
    engine, both, held = world.house.database.engine, Barrier(2, timeout=20), local()

    def wait_for_the_other(_connection, _cursor, statement, *_more):
        if "FROM registration" in statement and "FOR UPDATE" in statement and not hasattr(held, "once"):
            held.once = True
            both.wait()  # each has found the entitlement free, and neither holds it

    def attempt(exam_id):
        try:
            return enter(world, exam_id)
        except Conflict as refused:
            return refused.code

    if engine.dialect.name == "postgresql":  # on SQLite writers come one after the other
        event.listen(engine, "before_cursor_execute", wait_for_the_other)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(attempt, racing))
    refused, (entered,) = sorted(found, key=lambda outcome: isinstance(outcome, list))
    assert refused == ("make_up.used" if engine.dialect.name == "postgresql" else "make_up.nobody")
    with world.house.database.transaction(reading=True) as db:
        assert db.execute(select(MakeUp.original_id, MakeUp.registration_id)).all() == [(one, entered)]
        assert len(db.scalars(select(Registration).where(Registration.exam_id.in_(racing))).all()) == 1


def test_a_call_off_entitles_and_a_make_up_keeps_to_what_it_makes_up_for(world):
    sealed = world.sealed_exam(1)
    with world.as_(world.officer) as op:
        change = emergencies.propose_change(op, exam_id=sealed, kind=ChangeKind.CALL_OFF, reason="停电")
    with world.as_(world.approver) as op:
        emergencies.approve_change(op, exam_id=sealed, change_id=change.id)
    with world.house.database.transaction(reading=True) as db:
        assert db.scalars(select(MakeUpEntitlement.source)).all() == [f"change:{change.id}"]
    living = world.published_exam()
    for wrong in ({"makes_up_for": living}, {"makes_up_for": world.draft_exam()}):
        with pytest.raises(Invalid):
            world.draft_exam(**wrong)
    now = world.clock.now()
    late = {"starts_at": now + timedelta(days=8), "ends_at": now + timedelta(days=8, hours=2)}
    assert world.exam(world.draft_exam(makes_up_for=living, **late)).makes_up_for == living


def test_failings_entitle_as_often_as_the_policy_says_and_lapse_with_a_correction(world):
    announce(world, *as_delivered(Level.PRIMARY), Rule(R.MAKE_UP, {"after_failing": 1}))
    first = world.published_exam()
    failed, passed = world.confirmed(first, 2)

    def follow(exam_id, *failing):
        with world.as_(world.officer) as op:
            entitlements.follow_failures(op, exam_id, failing, among=[failed, passed, *failing])
            return granted_in(op.db, exam_id, Cause.FAILED)

    assert follow(first, failed) == follow(first, failed) == {failed}
    assert follow(first) == set()
    assert follow(first, failed) == {failed}
    now = world.clock.now()
    late = {"starts_at": now + timedelta(days=8), "ends_at": now + timedelta(days=8, hours=2)}
    second = world.published_exam(makes_up_for=first, **late)
    (entered,) = enter(world, second)
    assert follow(first) == set()
    with pytest.raises(NotEligible), world.as_(world.officer) as op:  # the correction has made a pass of it
        registrations.confirm(op, exam_id=second, registration_ids=[entered])
    assert follow(first, failed) == {failed}
    assert follow(second, entered) == set(), "one make-up after failing, as the policy says"
    assert acts(world, failed) == ["make_up:grant", "make_up:lapse"] * 2 + ["make_up:grant"]
    with world.house.database.transaction(reading=True) as db:  # the inbox never says who passed
        assert db.scalars(select(OutboxMessage).where(OutboxMessage.template == "make_up_due")).all() == []
    without = world.published_exam()
    with world.as_(world.officer) as op:
        op.db.get_one(type(world.exam(without)), without).policy_id = None
    assert follow(without, *world.confirmed(without, 1)) == set()
