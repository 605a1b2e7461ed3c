"""P28: a certificate is issued by one rule, each in one transaction, exactly once; P34: numbers have no gaps."""

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.audit.models import AuditRecord
from app.certificates import queries
from app.certificates.models import BatchEntry, Certificate, CertificateBatch
from app.certificates.rules import (
    BatchState,
    Cause,
    CertificateMoveRefused,
    CertificateState,
    Condition,
    Conditions,
    NotAllMet,
    NothingToIssue,
    OwnCertificate,
    SameApprover,
    unmet,
)
from app.certificates.service import batches
from app.certificates.service.acts import suspend_at_once
from app.certificates.service.issuing import issue_batch, issue_entry, make_handler
from app.clearance.models import Check, ClearanceCase, Objection, PublicNotice
from app.clearance.rules import CaseState, Office, Outcome
from app.errors import NotFound
from app.grading.models import Release, Result
from app.grading.rules import ReleaseState
from app.jobs.models import Job
from app.jobs.worker import Worker
from app.operation import acting_as
from app.people.models import Person, PersonRelation
from app.people.rules import FactKind, Relation, StandingFact, level_on
from app.people.service import append_fact, facts_of
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.house import MORNING
from tests.support.personas import make_person, make_staff

ALL = Conditions(**dict.fromkeys([c.value for c in Condition], True))


def test_every_subset_of_conditions_names_what_is_missing():
    for number in range(2 ** len(Condition)):
        wanting = tuple(c for place, c in enumerate(Condition) if number >> place & 1)
        assert unmet(replace(ALL, **{c.value: False for c in wanting})) == wanting


def test_a_batch_is_issued_by_the_job_that_its_approval_asks_for(world):
    for _ in range(3):
        world.add()
    batch = world.approve(world.propose())
    assert batch.state is BatchState.APPROVED
    worker = Worker(world.house.database, world.house.clock, {"issue_batch": make_handler(world.house)})
    assert worker.drain() == 1
    with world.house.database.transaction(reading=True) as db:
        job = db.get_one(Job, batch.job_id)
        assert (job.state.value, job.done, job.total) == ("done", 3, 3)
        assert db.get_one(CertificateBatch, batch.id).state is BatchState.ISSUED
        issued = queries.certificates_of_batch(db, batch.id)
        assert [c.number for c in issued] == [f"SF-2026-C-00000{n}" for n in (1, 2, 3)]
        for c in issued:
            assert re.fullmatch(r"([2-9A-HJKMNP-Z]{4}-){2}[2-9A-HJKMNP-Z]{4}", c.check_code)
        assert len({c.check_code for c in issued}) == len({c.status_index for c in issued}) == 3
        # The approver is the one who issued, in a record of its own for each certificate (P35).
        rows = db.query(AuditRecord).filter_by(action="certificate:issue").all()
        assert [r.actor_account_id for r in rows] == [world.approver.account_id] * 3
        assert [r.subject_id for r in rows] == [str(c.id) for c in issued]


BREAKS = {
    Condition.RESULT_PASSED: lambda db, c: (
        db.query(Result).filter_by(registration_id=c.registration_id).update({"passed": False})
    ),
    Condition.CHECKS_CLEAR: lambda db, c: (
        db.query(Check).filter_by(case_id=c.case_id, office=Office.DISCIPLINE).update({"outcome": Outcome.ADVERSE})
    ),
    Condition.REVIEW_APPROVED: lambda db, c: (
        db.query(ClearanceCase).filter_by(id=c.case_id).update({"state": CaseState.CHECKING})
    ),
    Condition.ELIGIBLE: lambda db, c: db.query(Person).filter_by(id=c.person_id).update({"in_post": False}),
}


@pytest.mark.parametrize("condition", BREAKS)
def test_who_loses_a_condition_after_approval_is_held_back_by_its_name_and_the_others_are_issued(world, condition):
    good, bad = world.add(), world.add()
    batch_id = world.propose()
    world.approve(batch_id)
    with acting_as(world.house, "test") as op:
        BREAKS[condition](op.db, bad)
    issue_batch(world.house, batch_id)
    with world.house.database.transaction(reading=True) as db:
        assert [c.case_id for c in queries.certificates_of_batch(db, batch_id)] == [good.case_id]
        held = {e.case_id: e.held_back for e in queries.entries_of(db, batch_id)}
        assert held == {good.case_id: None, bad.case_id: condition.value}
        assert db.query(AuditRecord).filter_by(action="batch:hold_back").count() == 1
        # No gap where somebody was held back (P34).
        assert queries.certificate_of_case(db, good.case_id).number.endswith("000001")


def test_an_aged_check_an_unended_notice_unreleased_results_an_objection_and_a_hold_each_hold_back(world):
    cleared = world.add()
    batch_id = world.propose()
    world.approve(batch_id)

    def told(change):
        with acting_as(world.house, "test") as op:
            change(op)
            entry = queries.entries_of(op.db, batch_id)[0]
            found = issue_entry(op, entry_id=entry.id)
            op.db.rollback()
            return found

    assert told(lambda op: op.db.query(Check).filter_by(office=Office.DISCIPLINE).update({"valid_until": op.now})) == (
        Condition.CHECKS_CLEAR,
    )
    assert told(lambda op: op.db.query(PublicNotice).update({"ends_at": op.now + timedelta(seconds=1)})) == (
        Condition.NOTICE_ENDED,
    )
    assert told(lambda op: op.db.query(Release).update({"state": ReleaseState.PROPOSED})) == (Condition.RESULT_PASSED,)
    assert told(lambda op: world.object_to(op, cleared)) == (Condition.NO_OPEN_OBJECTION,)

    def bar(op):
        fact = StandingFact(FactKind.BARRED, "decision:1", MORNING.date() - timedelta(days=1))
        append_fact(op, person_id=cleared.person_id, fact=fact)

    assert told(bar) == (Condition.ELIGIBLE,)
    assert isinstance(told(lambda op: None), Certificate)


def test_a_suspended_certificate_is_a_hold_on_a_new_one(world):
    first = world.add()
    certificate = world.issue(first.case_id)[0]
    with acting_as(world.house, "test") as op:
        suspend_at_once(op, certificate.id, Cause.LOST_PASS)
        person = op.db.get_one(Person, first.person_id)
    world.add_exam()
    second = world.add(person)
    with acting_as(world.house, "test", actor=world.as_officer) as op:
        found = {c.case.id: c for c in batches.candidacies(op, op.db.get_one(_exam(), world.exam_id))}
    assert Condition.NO_HOLD in found[second.case_id].unmet


def _exam():
    from app.exams.models import Exam

    return Exam


def test_only_cases_that_meet_every_condition_may_be_proposed(world):
    good, bad = world.add(), world.add()
    with acting_as(world.house, "test") as op:
        world.object_to(op, bad)
    with pytest.raises(NotAllMet):
        world.propose(good.case_id, bad.case_id)
    with pytest.raises(NothingToIssue), acting_as(world.house, "test", actor=world.as_officer) as op:
        batches.propose_batch(op, exam_id=world.exam_id, document_number="x", case_ids=[])
    world.propose(good.case_id)
    with pytest.raises(NotAllMet):  # it stands in a batch already
        world.propose(good.case_id)


def test_a_declined_batch_gives_its_cases_back(world):
    world.add()
    batch_id = world.propose()
    with acting_as(world.house, "test", actor=world.as_approver) as op:
        batches.decline_batch(op, batch_id=batch_id, reason="文号有误")
    assert world.propose() != batch_id
    with pytest.raises(CertificateMoveRefused):
        world.approve(batch_id)


def test_the_proposer_does_not_approve_under_any_account(world):
    world.add()
    batch_id = world.propose()
    other_account = world.acting(replace(world.approver, person_id=world.officer.person_id), Role.CERTIFICATE_APPROVER)
    with pytest.raises(SameApprover), acting_as(world.house, "test", actor=other_account) as op:
        batches.approve_batch(op, batch_id=batch_id)
    with pytest.raises(SameApprover), acting_as(world.house, "test", actor=other_account) as op:
        batches.decline_batch(op, batch_id=batch_id, reason="x")
    with pytest.raises(SameApprover), acting_as(world.house, "process") as op:  # nor does a process of the service
        batches.approve_batch(op, batch_id=batch_id)


def test_nobody_decides_on_a_batch_with_themselves_or_somebody_close_in_it(world):
    with acting_as(world.house, "test") as op:
        approver, officer = (op.db.get_one(Person, p.person_id) for p in (world.approver, world.officer))
    mine, other = world.add(approver), world.add()
    batch_id = world.propose(mine.case_id, other.case_id)
    with pytest.raises(OwnCertificate):
        world.approve(batch_id)
    theirs = world.add(officer)
    with pytest.raises(OwnCertificate):
        world.propose(theirs.case_id)
    kin = world.add()
    with acting_as(world.house, "test") as op:
        op.db.add(PersonRelation(person_id=kin.person_id, other_id=approver.id, relation=Relation.KIN))
    with pytest.raises(OwnCertificate):
        world.approve(world.propose(kin.case_id))


def test_a_batch_is_approved_once(world):
    world.add()
    batch_id = world.propose()
    world.approve(batch_id)
    with pytest.raises(CertificateMoveRefused):
        world.approve(batch_id)
    with world.house.database.transaction(reading=True) as db:
        assert db.query(Job).count() == 1


def test_whose_scope_is_a_part_of_the_county_sees_no_batch(world):
    world.add()
    batch_id = world.propose()
    with acting_as(world.house, "test") as op:
        person = make_person(op, world.unit)
    small = make_staff(world.house, Role.CERTIFICATE_APPROVER, unit=world.unit)
    actor = replace(world.acting(small, Role.CERTIFICATE_APPROVER))
    object.__setattr__(actor, "grants", (replace(actor.grants[0], unit_path=world.unit.path),))
    with pytest.raises(NotFound), acting_as(world.house, "test", actor=actor) as op:
        batches.approve_batch(op, batch_id=batch_id)
    assert person.unit_id == world.unit.id


def test_a_higher_level_supersedes_the_lower_in_the_same_transaction_and_the_standing_says_so(world):
    first = world.add()
    lower = world.issue(first.case_id)[0]
    assert world.certificate(lower.id).state is CertificateState.ACTIVE
    world.house.clock.advance(timedelta(days=400))
    with acting_as(world.house, "test") as op:
        person = op.db.get_one(Person, first.person_id)
    now = world.house.clock.now()
    world.add_exam(level=Level.INTERMEDIATE, sat=now - timedelta(days=30))
    second = world.add(person)
    with acting_as(world.house, "test") as op:
        op.db.query(Check).update({"valid_until": now + timedelta(days=1)})
    higher = world.issue(second.case_id)[0]
    assert higher.number == "SF-2027-Z-000001"
    assert world.certificate(lower.id).state is CertificateState.SUPERSEDED
    with acting_as(world.house, "test") as op:
        facts = facts_of(op, [person.id])[person.id]
        today = now.date()
        assert level_on(facts, today) is Level.INTERMEDIATE
        assert level_on(facts, today - timedelta(days=1)) is Level.PRIMARY
        row = op.db.query(AuditRecord).filter_by(action="certificate:supersede").one()
        assert f'"by_certificate_id":{higher.id}' in row.after


def test_an_issue_that_died_half_way_goes_on_where_it_stopped(world):
    for _ in range(4):
        world.add()
    batch_id = world.propose()
    world.approve(batch_id)

    class Killed(BaseException):
        pass

    def die(done, _total):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        issue_batch(world.house, batch_id, said=die)
    with world.house.database.transaction(reading=True) as db:
        assert len(queries.certificates_of_batch(db, batch_id)) == 2
        assert db.get_one(CertificateBatch, batch_id).state is BatchState.APPROVED
    issue_batch(world.house, batch_id)
    issue_batch(world.house, batch_id)
    with world.house.database.transaction(reading=True) as db:
        assert [c.number[-1] for c in queries.certificates_of_batch(db, batch_id)] == ["1", "2", "3", "4"]
        assert db.query(AuditRecord).filter_by(action="batch:finish").count() == 1


def test_an_issue_that_is_rolled_back_leaves_no_gap_no_certificate_and_no_record(world):
    world.add()
    batch_id = world.propose()
    world.approve(batch_id)
    with world.house.database.transaction(reading=True) as db:
        entry_id = queries.entries_of(db, batch_id)[0].id
    with acting_as(world.house, "test", actor=world.as_approver) as op:
        assert issue_entry(op, entry_id=entry_id).number.endswith("1")
        op.db.rollback()
    issue_batch(world.house, batch_id)
    with world.house.database.transaction(reading=True) as db:
        assert [c.number for c in db.query(Certificate)] == ["SF-2026-C-000001"]
        assert db.query(AuditRecord).filter_by(action="certificate:issue").count() == 1


def in_threads(*acts):
    """Run each at the same moment; whatever an act raises is raised here."""
    barrier, failures = threading.Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait(10)
            act()
        except Exception as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures


def test_two_jobs_at_once_issue_each_certificate_once_with_numbers_without_gaps(world):
    for _ in range(6):
        world.add()
    batch_id = world.propose()
    world.approve(batch_id)
    assert in_threads(*[lambda: issue_batch(world.house, batch_id)] * 3) == []
    with world.house.database.transaction(reading=True) as db:
        assert sorted(c.number[-1] for c in db.query(Certificate)) == list("123456")
        assert {e.held_back for e in queries.entries_of(db, batch_id)} == {None}
        assert db.get_one(CertificateBatch, batch_id).state is BatchState.ISSUED
        assert db.query(AuditRecord).filter_by(action="certificate:issue").count() == 6


def test_of_two_approvals_at_once_one_is_refused(world):
    world.add()
    batch_id = world.propose()
    failures = in_threads(*[lambda: world.approve(batch_id)] * 2)
    assert [type(f) for f in failures] == [CertificateMoveRefused]


def test_of_two_proposals_of_the_same_case_at_once_one_is_refused(world):
    world.add()
    failures = in_threads(*[world.propose] * 2)
    assert [type(f) for f in failures] == [NotAllMet]


def test_an_objection_that_is_in_before_the_issue_holds_back_whatever_the_order_of_arrival(world):
    """The objection holds the case; the issue waits for it, and then sees it (trap F6)."""
    cleared = world.add()
    batch_id = world.propose()
    world.approve(batch_id)
    entered, issuing = threading.Event(), []

    def object_slowly():
        with acting_as(world.house, "public") as op:
            world.object_to(op, cleared)
            entered.set()
            issuing[0].join(0.4)  # the issue is under way and cannot have been done

    def issue():
        entered.wait(10)
        issue_batch(world.house, batch_id)

    issuing.append(threading.Thread(target=issue))
    objecting = threading.Thread(target=object_slowly)
    issuing[0].start()
    objecting.start()
    objecting.join(30)
    issuing[0].join(30)
    with world.house.database.transaction(reading=True) as db:
        assert db.query(Objection).count() == 1
        assert db.query(Certificate).count() == 0
        assert db.query(BatchEntry).one().held_back == "no_open_objection"


def test_the_standing_of_the_holder_ends_with_validity(world):
    cleared = world.add()
    world.issue()
    with acting_as(world.house, "test") as op:
        facts = facts_of(op, [cleared.person_id])[cleared.person_id]
    day = MORNING.date()
    assert level_on(facts, day) is Level.PRIMARY
    assert level_on(facts, day + timedelta(days=425)) is Level.PRIMARY
    assert level_on(facts, day + timedelta(days=426)) is None
