"""P27, P29, P30, P32: after issue the machine suspends at once; every further step takes two people."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from app.audit.models import AuditRecord
from app.certificates import queries
from app.certificates.models import Certificate, CertificateAct
from app.certificates.rules import (
    CERTIFICATE_TRANSITIONS,
    PROPOSABLE,
    ActState,
    ActWaiting,
    Cause,
    CertificateAction,
    CertificateMoveRefused,
    CertificateState,
    OwnCertificate,
    SameApprover,
)
from app.certificates.service import acts
from app.certificates.service.tasks import waiting
from app.clearance.events import AdverseOutcomeSigned
from app.errors import NotFound
from app.operation import acting_as
from app.people.models import PersonRelation
from app.people.rules import Relation, days_at_level, level_on
from app.people.service import facts_of
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.house import MORNING


@pytest.fixture
def certificate(world):
    world.add()
    return world.issue()[0]


def propose(world, certificate, action, reason="经核实"):
    with acting_as(world.house, "test", actor=world.as_officer) as op:
        return acts.propose_act(op, certificate_id=certificate.id, action=action, reason=reason).id


def approve(world, act_id):
    with acting_as(world.house, "test", actor=world.as_approver) as op:
        return acts.approve_act(op, act_id=act_id)


def do(world, certificate, action):
    return approve(world, propose(world, certificate, action))


def put(world, certificate, state):
    with acting_as(world.house, "test") as op:
        op.db.get_one(Certificate, certificate.id).state = state


def test_every_cell_is_walked_by_two_people_and_each_refused_cell_is_refused_to_both(world, certificate):
    for state, action in product(CertificateState, PROPOSABLE):
        put(world, certificate, state)
        allowed = CERTIFICATE_TRANSITIONS.get((state, action))
        if allowed is None:
            with pytest.raises(CertificateMoveRefused):
                propose(world, certificate, action)
            # Proposed while it was allowed, and overtaken: refused at approval too.
            put(world, certificate, CertificateState.SUSPENDED)
            start = CertificateState.SUSPENDED if action is CertificateAction.RESTORE else CertificateState.ACTIVE
            put(world, certificate, start)
            act_id = propose(world, certificate, action)
            put(world, certificate, state)
            with pytest.raises(CertificateMoveRefused):
                approve(world, act_id)
            with acting_as(world.house, "test", actor=world.as_approver) as op:
                acts.decline_act(op, act_id=act_id, reason="情况有变")
            assert world.certificate(certificate.id).state is state
        elif action is not CertificateAction.RESTORE:  # whose facts need a suspension, see below
            assert do(world, certificate, action).state is allowed


def test_each_step_is_audited_with_who_proposed_it_and_the_reason_only_as_a_commitment(world, certificate):
    do(world, certificate, CertificateAction.SUSPEND)
    with world.house.database.transaction(reading=True) as db:
        rows = {r.action: r for r in db.query(AuditRecord)}
        act = db.query(CertificateAct).one()
    proposed, done = rows["act:propose"], rows["certificate:suspend"]
    assert proposed.actor_account_id == world.officer.account_id
    assert done.actor_account_id == world.approver.account_id
    assert '"cause":"proposed"' in done.after
    assert f'"proposed_by":{world.officer.account_id}' in done.after
    assert "经核实" not in act.reason_cipher + proposed.after + done.after
    with acting_as(world.house, "test") as op:
        found = op.db.get_one(CertificateAct, act.id)
        assert acts.reason_of(op, found, person_id=certificate.person_id) == "经核实"


def test_the_proposer_the_holder_and_who_is_close_to_the_holder_decide_nothing(world, certificate):
    act_id = propose(world, certificate, CertificateAction.CANCEL)

    def as_person(person_id):
        return world.acting(replace(world.approver, person_id=person_id), Role.CERTIFICATE_APPROVER)

    for person_id, refusal in ((world.officer.person_id, SameApprover), (certificate.person_id, OwnCertificate)):
        for act in (
            lambda op: acts.approve_act(op, act_id=act_id),
            lambda op: acts.decline_act(op, act_id=act_id, reason="x"),
        ):
            with pytest.raises(refusal), acting_as(world.house, "test", actor=as_person(person_id)) as op:
                act(op)
    with acting_as(world.house, "test") as op:
        op.db.add(
            PersonRelation(
                person_id=world.approver.person_id, other_id=certificate.person_id, relation=Relation.SUPERIOR
            )
        )
        op.db.add(
            PersonRelation(person_id=certificate.person_id, other_id=world.officer.person_id, relation=Relation.KIN)
        )
    with pytest.raises(OwnCertificate):
        approve(world, act_id)
    with acting_as(world.house, "test", actor=world.as_approver) as op:
        op.db.query(CertificateAct).delete()
    with pytest.raises(OwnCertificate):
        propose(world, certificate, CertificateAction.CANCEL)


def test_one_act_waits_at_a_time_and_is_settled_once(world, certificate):
    act_id = propose(world, certificate, CertificateAction.SUSPEND)
    with pytest.raises(ActWaiting):
        propose(world, certificate, CertificateAction.CANCEL)
    approve(world, act_id)
    with pytest.raises(CertificateMoveRefused):
        approve(world, act_id)
    with world.house.database.transaction(reading=True) as db:
        assert db.get_one(CertificateAct, act_id).state is ActState.DONE


def test_the_machine_suspends_an_active_certificate_at_once_and_nothing_else(world, certificate):
    def at_once():
        with acting_as(world.house, "grading") as op:
            return acts.suspend_of_case(op, certificate.case_id, Cause.LOST_PASS)

    assert at_once()
    assert world.certificate(certificate.id).state is CertificateState.SUSPENDED
    assert not at_once()
    do(world, certificate, CertificateAction.CANCEL)
    assert not at_once()
    with acting_as(world.house, "grading") as op:
        assert not acts.suspend_of_case(op, 10**6, Cause.BARRED)
        row = op.db.query(AuditRecord).filter_by(action="certificate:suspend").one()
        assert '"cause":"lost_pass"' in row.after
        assert row.actor_kind.value == "service"


def test_two_suspensions_each_leave_their_days_out_of_the_time_at_the_level(world, certificate):
    for _ in range(2):
        world.house.clock.advance(timedelta(days=10))
        do(world, certificate, CertificateAction.SUSPEND)
        world.house.clock.advance(timedelta(days=5))
        do(world, certificate, CertificateAction.RESTORE)
    world.house.clock.advance(timedelta(days=10))
    with acting_as(world.house, "test") as op:
        facts = facts_of(op, [certificate.person_id])[certificate.person_id]
    day = MORNING.date()
    assert level_on(facts, day + timedelta(days=12)) is None
    assert level_on(facts, day + timedelta(days=27)) is None
    assert days_at_level(facts, Level.PRIMARY, day + timedelta(days=40)) == 40 - 2 * 5


@pytest.mark.parametrize("action", [CertificateAction.CANCEL, CertificateAction.RETIRE, CertificateAction.REVOKE])
def test_an_ended_certificate_ends_the_standing_and_a_revoked_one_was_never_held(world, certificate, action):
    world.house.clock.advance(timedelta(days=10))
    do(world, certificate, action)
    with acting_as(world.house, "test") as op:
        facts = facts_of(op, [certificate.person_id])[certificate.person_id]
    day = MORNING.date() + timedelta(days=10)
    assert level_on(facts, day) is None
    assert level_on(facts, day - timedelta(days=1)) is (None if action is CertificateAction.REVOKE else Level.PRIMARY)


def test_who_may_not_see_a_certificate_cannot_act_on_it(world, certificate):
    nobody = world.acting(world.officer, Role.EXAM_OFFICER)
    with pytest.raises(NotFound), acting_as(world.house, "test", actor=nobody) as op:
        acts.propose_act(op, certificate_id=certificate.id, action=CertificateAction.SUSPEND, reason="x")
    act_id = propose(world, certificate, CertificateAction.SUSPEND)
    with pytest.raises(NotFound), acting_as(world.house, "test", actor=nobody) as op:
        acts.approve_act(op, act_id=act_id)
    with world.house.database.transaction(reading=True) as db:
        assert queries.waiting_act(db, certificate.id).id == act_id


def test_an_adverse_outcome_after_the_issue_suspends_and_waits_for_two_people(world, certificate):  # P32
    with acting_as(world.house, "test") as op:
        op.publish(AdverseOutcomeSigned(certificate.case_id))
        op.publish(AdverseOutcomeSigned(10**6))  # of a case that led to no certificate
    assert world.certificate(certificate.id).state is CertificateState.SUSPENDED
    with acting_as(world.house, "test") as op:
        row = op.db.query(AuditRecord).filter_by(action="certificate:suspend").one()
        assert '"cause":"adverse_outcome"' in row.after
    with acting_as(world.house, "test", actor=world.as_officer) as op:
        (task,) = [task for task in waiting(op) if task.urgent]
        assert (task.count, task.href) == (1, "/certificates?state=suspended")
