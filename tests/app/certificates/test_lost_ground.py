"""A pass lost to misconduct, and a bar: what follows for case and certificates, in the transaction of the decision."""

import json
from datetime import timedelta
from urllib.parse import quote

from app.attempts.misconduct import service
from app.attempts.misconduct.models import MisconductCase, MisconductProposal
from app.attempts.misconduct.rules import Category, MisconductState, Ruling
from app.audit.models import AuditRecord
from app.certificates.rules import CertificateState, Condition
from app.certificates.service.batches import candidacies
from app.clearance.models import ClearanceCase
from app.clearance.queries import checks_of, entries_of, list_checks
from app.clearance.rules import CaseState, CheckState, Office
from app.exams.models import Exam, Room, Sitting
from app.operation import acting_as
from app.people.queries import person_by_id
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.house import MORNING
from tests.support.personas import make_staff


def settle(world, cleared, ruling, *, agreed=True):
    """A case of misconduct of this person, proposed and now decided."""
    staff = {role: make_staff(world.house, role) for role in (Role.PROCTOR, Role.EXAM_OFFICER, Role.EXAM_APPROVER)}
    at = MORNING - timedelta(days=35)
    with acting_as(world.house, "test") as op:
        room = Room(
            sitting_id=op.db.query(Sitting.id).first()[0],
            name=f"考场{staff[Role.PROCTOR].account_id}",
            capacity=30,
            remote=False,
        )
        op.db.add(room)
        op.db.flush()
        case = MisconductCase(
            registration_id=cleared.registration_id,
            room_id=room.id,
            state=MisconductState.PROPOSED,
            category=Category.DEVICE,
            happened_at=at,
            facts_cipher="",
            evidence_cipher="",
            ended=False,
            reported_by=staff[Role.PROCTOR].account_id,
            reported_at=MORNING,
            notified_at=at,
        )
        op.db.add(case)
        op.db.flush()
        proposal = {"ruling": ruling, "document_number": "1", "reason_cipher": "", "proposed_at": at}
        op.db.add(MisconductProposal(case_id=case.id, proposed_by=staff[Role.EXAM_OFFICER].account_id, **proposal))
        case_id = case.id
    decider = world.acting(staff[Role.EXAM_APPROVER], Role.EXAM_APPROVER)
    with acting_as(world.house, "test", actor=decider) as op:
        service.settle(op, case_id=case_id, agreed=agreed, note="")


def causes(world):
    with world.house.database.transaction(reading=True) as db:
        records = db.query(AuditRecord).filter_by(action="certificate:suspend").order_by(AuditRecord.id)
        return [(int(record.subject_id), json.loads(record.after)["cause"]) for record in records]


def state_of(world, case_id):
    with world.house.database.transaction(reading=True) as db:
        return db.get_one(ClearanceCase, case_id).state


def test_a_void_result_withdraws_the_case_and_suspends_what_was_issued(world, browsers):  # P27, P31, P32
    issued, waiting, other = world.add(), world.add(), world.add()
    (certificate,) = world.issue(issued.case_id)
    settle(world, issued, Ruling.VOID, agreed=False)  # sent back: nothing follows
    assert world.certificate(certificate.id).state is CertificateState.ACTIVE
    settle(world, issued, Ruling.VOID)
    settle(world, waiting, Ruling.VOID)
    assert world.certificate(certificate.id).state is CertificateState.SUSPENDED
    assert causes(world) == [(certificate.id, "lost_pass")]
    asked = f"/verify?number={quote(certificate.number)}&code={quote(certificate.check_code)}"
    assert "暂停" in browsers(None).get(asked).text  # at once, for anyone
    states = [state_of(world, one.case_id) for one in (issued, waiting, other)]
    assert states == [CaseState.WITHDRAWN, CaseState.WITHDRAWN, CaseState.APPROVED]
    handler = world.acting(make_staff(world.house, Role.DISCIPLINE_HANDLER), Role.DISCIPLINE_HANDLER)
    with acting_as(world.house, "test") as op:
        assert [entry.case_id for entry in entries_of(op.db, world.notice_id)] == [other.case_id]
        seen = list_checks(op.db, handler, states=list(CheckState), after=0, limit=9)
        assert [case.id for _, case in seen] == [other.case_id]
        assert len(checks_of(op.db, [waiting.case_id])[waiting.case_id]) == len(Office)  # kept, out of sight
        exam = op.db.get_one(Exam, world.exam_id)
        unmet = {found.case.id: set(found.unmet) for found in candidacies(op, exam)}
    assert {Condition.RESULT_PASSED, Condition.REVIEW_APPROVED} <= unmet[waiting.case_id]
    assert unmet[other.case_id] == set()


def test_a_bar_suspends_every_active_certificate_of_the_person(world):  # P32
    first = world.add()
    (lower,) = world.issue(first.case_id)
    world.add_exam(level=Level.INTERMEDIATE)
    with acting_as(world.house, "test") as op:
        person = person_by_id(op.db, first.person_id)
    second = world.add(person)
    neighbour = world.add()
    settle(world, second, Ruling.BAR)
    assert causes(world) == [(lower.id, "barred")]
    assert state_of(world, second.case_id) is CaseState.WITHDRAWN
    assert state_of(world, neighbour.case_id) is CaseState.APPROVED


def test_what_counts_after_all_leaves_everything_as_it_is(sqlite_world):
    cleared = sqlite_world.add()
    (certificate,) = sqlite_world.issue()
    settle(sqlite_world, cleared, Ruling.COUNTS)
    assert sqlite_world.certificate(certificate.id).state is CertificateState.ACTIVE
    assert state_of(sqlite_world, cleared.case_id) is CaseState.APPROVED
