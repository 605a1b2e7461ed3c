"""Policies of eligibility: data with versions, two people, and every exam under the one it was announced by."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.exams.eligibility import EligibilityRule as R
from app.exams.eligibility import Rule
from app.exams.policies import queries, service
from app.exams.policies.rules import (
    POLICY_TRANSITIONS,
    PolicyAction,
    PolicyMoveRefused,
    PolicyOverdue,
    PolicyState,
    Version,
    move_policy,
    version_on,
)
from app.exams.registration_models import EligibilityPolicy
from app.exams.rules import NotEligible, RowOutcome, SameOfficer
from app.exams.service import lists
from app.people.training import service as training
from app.people.training.rules import TrainingKind
from app.security.permissions import Role
from question_bank.items import Level
from tests.app.exams.test_eligibility import as_delivered
from tests.support.personas import make_staff
from tests.support.roster import roster_xlsx

TODAY = date(2026, 11, 23)
GIVEN = {
    "level": "primary",
    "effective_from": "2026-11-23",
    "rules": ["full_member", "in_post", "training_hours", "not_barred", "no_part_in_making"],
    "parameters": {"training_hours": {"hours": 8, "within_months": 12}},
    "reason": "县委组织部〔2026〕8 号",
}


def announce(world, *rules, day=TODAY):
    """A new version for primary, approved."""
    with world.as_(world.officer) as op:
        row = service.propose(op, level=Level.PRIMARY, rules=[*rules], effective_from=day, reason="文件")
    with world.as_(world.approver) as op:
        return service.approve(op, policy_id=row.id)


@pytest.mark.parametrize("state", PolicyState)
def test_moves_are_those_of_the_table(state):  # P13
    for action in PolicyAction:
        if (state, action) in POLICY_TRANSITIONS:
            assert move_policy(state, action) is POLICY_TRANSITIONS[state, action]
        else:
            with pytest.raises(PolicyMoveRefused):
                move_policy(state, action)


def test_the_version_in_force_is_the_newest_that_counts_by_the_day():
    versions = [Version(1, 1, date(2000, 1, 1)), Version(7, 2, date(2027, 1, 1)), Version(9, 3, date(2026, 12, 1))]
    assert version_on(versions, date(1999, 1, 1)) is None
    assert [version_on(versions, date(2026, month, 30)).id for month in (11, 12)] == [1, 9]
    assert version_on(versions, date(2027, 1, 1)).id == 9


def test_what_is_delivered_is_version_one_of_each_level(house):
    with house.database.transaction(reading=True) as db:
        for level in Level:
            row = queries.version_numbered(db, level, 1)
            assert [*service.rules_of(row)] == as_delivered(level)


def test_two_people_make_a_version_and_an_exam_keeps_the_one_it_was_announced_under(world):  # P29, P35
    before = world.published_exam()
    member, number = world.person()
    hours = Rule(R.TRAINING_HOURS, {"hours": 8, "within_months": 12})
    policy = announce(world, *as_delivered(Level.PRIMARY), hours)
    assert policy.number == 2
    after = world.published_exam()
    assert (world.exam(before).policy_id, world.exam(after).policy_id) == (1, policy.id)
    world.register(before, member, number)
    with pytest.raises(NotEligible) as refused:
        world.register(after, member, number)
    assert "不足 8 学时" in refused.value.sentence("zh")
    with world.as_(world.liaison) as op:
        entered = training.Training(TODAY, TrainingKind.THEORY, 800, "条例专题培训")
        record = training.enter(op, person_id=member.id, training=entered)
    with world.as_(world.officer) as op:
        training.confirm(op, person_id=member.id, record_id=record.id)
    world.register(after, member, number)
    both = make_staff(world.house, Role.EXAM_OFFICER, Role.EXAM_APPROVER)
    with world.as_(both) as op:
        own = service.propose(op, level=Level.PRIMARY, rules=[], effective_from=TODAY, reason="文件")
        late = service.propose(op, level=Level.PRIMARY, rules=[], effective_from=TODAY, reason="文件")
    with world.as_(both) as op, pytest.raises(SameOfficer):
        service.approve(op, policy_id=own.id)
    with world.as_(world.approver) as op:
        service.decline(op, policy_id=own.id, reason="缺依据")
    with world.as_(world.approver) as op, pytest.raises(PolicyMoveRefused):
        service.approve(op, policy_id=own.id)
    world.at(world.clock.now() + timedelta(days=1))
    with world.as_(world.approver) as op, pytest.raises(PolicyOverdue):
        service.approve(op, policy_id=late.id)
    with world.house.database.transaction(reading=True) as db:
        acts = db.scalars(select(AuditRecord.action).where(AuditRecord.subject_kind == "policy")).all()
        assert [act.split(":")[1] for act in acts] == ["propose", "approve", "propose", "propose", "decline"]
        assert db.get_one(EligibilityPolicy, own.id).number is None


def test_a_unit_enters_no_more_than_its_share_and_the_order_of_the_list_decides(world):
    announce(world, *as_delivered(Level.PRIMARY), Rule(R.UNIT_QUOTA, {"percent": 100}))
    exam_id = world.published_exam()
    with world.house.database.transaction() as db:
        db.get_one(type(world.east), world.east.id).quota_posts = 2
    world.register(exam_id, *world.person())
    out, first, second = world.person(in_post=False), world.person(), world.person()
    rows = [(person.name, number) for person, number in (out, first, second)]
    with world.as_(world.liaison) as op:
        checked = lists.check_list(op, exam_id=exam_id, file_name="名单.xlsx", content=roster_xlsx(rows))
        found = [RowOutcome(row["outcome"]) for row in checked.rows]
    assert found == [RowOutcome.NOT_ELIGIBLE, RowOutcome.GOOD, RowOutcome.NOT_ELIGIBLE]
    with world.as_(world.liaison) as op:
        lists.commit_list(op, list_id=checked.id, left_out=2)
    with pytest.raises(NotEligible) as refused:
        world.register(exam_id, *second)
    assert "最多报名 2 人" in refused.value.sentence("zh")
    with world.as_(world.officer) as op:  # whoever is entered keeps the place
        ids = [row.id for row in world.candidates(exam_id)]
        assert len(lists.queries.live_registrations(op.db, exam_id)) == len(ids) == 2
    assert all(world.eligible(one) for one in ids)


def test_pages_tell_versions_their_changes_and_who_may_sit(world, browsers):  # P21, P22
    officer, approver, liaison = (browsers(p) for p in (world.officer, world.approver, world.liaison))
    wrong = GIVEN | {
        "rules": ["prior_level", "training_hours"],
        "parameters": {"training_hours": {"hours": 0}, "x": {}},
    }
    problems = officer.api("/policies", wrong)
    assert problems.status_code == 422
    named = {entry["field"] for entry in problems.json()["errors"]}
    assert named == {
        "rules",
        "parameters",
        "parameters.prior_level.days",
        "parameters.training_hours.hours",
        "parameters.training_hours.within_months",
    }
    assert officer.api("/policies", GIVEN | {"effective_from": "2026-11-22"}).status_code == 422
    form = {k: v for k, v in GIVEN.items() if k != "parameters"} | {
        "parameters.training_hours.hours": "8",
        "parameters.training_hours.within_months": "12",
        "parameters.unit_quota.percent": "100",
    }
    assert "考试日前几个月内" in officer.get("/policies/new?level=intermediate").text
    assert officer.submit("/policies", form).status_code == 303
    proposed, *_ = officer.api_get("/policies").json()["policies"]
    here = f"/policies/{proposed['id']}"
    assert liaison.api_get(here).status_code == 404
    assert approver.api(f"{here}/approve").status_code == 200
    shown = liaison.api_get(here).json()
    assert (shown["number"], shown["against"], shown["in_force"]) == (2, 1, True)
    changed = {c["kind"]: (c["before"], c["after"]) for c in shown["changes"] if c["changed"]}
    assert set(changed) == {"level_not_held", "training_hours"}
    assert changed["level_not_held"] == ([], None)
    assert "第 2 版" in liaison.get("/policies").text
    page = liaison.get(here).text
    assert "新增" in page
    assert "取消" in page
    exam_id = world.published_exam()
    ours, _ = world.person()
    theirs, _ = world.person(world.west)
    asked = liaison.api_get(f"/exams/{exam_id}/eligibility").json()
    assert asked["policy_number"] == 2
    found = {line["person_id"]: line for line in asked["persons"]}
    assert not found[ours.id]["eligible"]
    assert theirs.id not in found
    assert "不足 8 学时" in liaison.get(f"/exams/{exam_id}/eligibility").text
    assert "不足 8 学时" in liaison.get(f"/exams/{exam_id}/eligibility/{ours.id}").text
    assert liaison.api_get(f"/exams/{exam_id}/eligibility/{theirs.id}").status_code == 404
    assert officer.api_get(f"/exams/{exam_id}/eligibility/{theirs.id}").status_code == 200
