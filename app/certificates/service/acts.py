"""Steps upon a certificate after its issue: proposed by one person, done by another (P29, P30, P32)."""

import hashlib

from app.accounts.queries import person_of
from app.attempts.events import PersonBarred
from app.audit.actions import AuditAction
from app.audit.record import record
from app.certificates import queries
from app.certificates.models import Certificate, CertificateAct
from app.certificates.rules import (
    CERTIFICATE_TRANSITIONS,
    ActAction,
    ActState,
    ActWaiting,
    Cause,
    CertificateAction,
    move_act,
    move_certificate,
    refuse_one_person,
    refuse_own,
)
from app.certificates.service.moving import move
from app.clearance.events import AdverseOutcomeSigned
from app.clearance.queries import case_of_registration
from app.grading.events import PassLost
from app.operation import Operation
from app.people.queries import close_to, lock_person
from app.people.service import decrypt_finding, encrypt_finding
from app.security.permissions import Capability


def propose_act(op: Operation, *, certificate_id: int, action: CertificateAction, reason: str) -> CertificateAct:
    """Propose a step upon a certificate within the scopes of that act.

    Raises NotFound, CertificateMoveRefused, ActWaiting, OwnCertificate.
    """
    queries.find_certificate(op.db, op.actor, certificate_id, by=Capability.CERTIFICATE_PROPOSE)
    certificate = queries.lock_certificate(op.db, certificate_id)
    move_certificate(certificate.state, action)
    refuse_own(
        decider=op.actor.person_id, judged=[certificate.person_id], close_to=close_to(op.db, op.actor.person_id or 0)
    )
    if queries.waiting_act(op.db, certificate_id) is not None:
        raise ActWaiting
    act = CertificateAct(
        certificate_id=certificate.id,
        action=action,
        state=ActState.PROPOSED,
        reason_cipher="",
        proposed_by=op.actor.account_id or 0,
        proposed_at=op.now,
    )
    op.db.add(act)
    op.db.flush()
    act.reason_cipher = encrypt_finding(
        op,
        person_id=certificate.person_id,
        table="certificate_act",
        column="reason_cipher",
        row=act.id,
        text=reason,
    )
    op.db.flush()
    record(op, AuditAction.ACT_PROPOSE, subject=("act", act.id), after=_told(act))
    return act


def approve_act(op: Operation, *, act_id: int) -> Certificate:
    """Do what was proposed; another natural person than who proposed it.

    Raises NotFound, SameApprover, OwnCertificate, CertificateMoveRefused where the certificate has moved meanwhile.
    """
    act, certificate = _held(op, act_id)
    state = move_act(act.state, ActAction.APPROVE)
    refuse_one_person(
        proposer=person_of(op.db, act.proposed_by),
        decider=op.actor.person_id,
        judged=[certificate.person_id],
        close_to=close_to(op.db, op.actor.person_id or 0),
    )
    act.state, act.settled_by, act.settled_at = state, op.actor.account_id, op.now
    after: dict[str, object] = {"proposed_by": act.proposed_by, "act_id": act.id}
    if act.action is CertificateAction.SUSPEND:
        after["cause"] = Cause.PROPOSED
    move(op, certificate, act.action, after=after)
    return certificate


def decline_act(op: Operation, *, act_id: int, reason: str) -> CertificateAct:
    """Leave the certificate as it is. Raises NotFound, SameApprover, OwnCertificate, CertificateMoveRefused."""
    act, certificate = _held(op, act_id)
    state = move_act(act.state, ActAction.DECLINE)
    refuse_one_person(
        proposer=person_of(op.db, act.proposed_by),
        decider=op.actor.person_id,
        judged=[certificate.person_id],
        close_to=close_to(op.db, op.actor.person_id or 0),
    )
    act.state, act.settled_by, act.settled_at = state, op.actor.account_id, op.now
    op.db.flush()
    record(op, AuditAction.ACT_DECLINE, subject=("act", act.id), after=_told(act), reason=reason)
    return act


def suspend_at_once(op: Operation, certificate_id: int, cause: Cause) -> bool:
    """The machine's own step, in the transaction where the ground was lost (P27, P32): an active certificate is
    suspended. Returns whether it was; one that is not active stays as it is."""
    certificate = queries.lock_certificate(op.db, certificate_id)
    if (certificate.state, CertificateAction.SUSPEND) not in CERTIFICATE_TRANSITIONS:
        return False
    move(op, certificate, CertificateAction.SUSPEND, after={"cause": cause})
    return True


def suspend_of_case(op: Operation, case_id: int, cause: Cause) -> bool:
    """`suspend_at_once` for the certificate that a clearance case led to; False where there is none."""
    certificate = queries.certificate_of_case(op.db, case_id)
    return certificate is not None and suspend_at_once(op, certificate.id, cause)


def suspend_on_adverse(op: Operation, event: AdverseOutcomeSigned) -> None:
    """An adverse outcome that becomes final after the issue suspends the certificate in its own transaction (P32)."""
    suspend_of_case(op, event.case_id, Cause.ADVERSE_OUTCOME)


def suspend_on_lost_pass(op: Operation, event: PassLost) -> None:
    """A pass that is lost after the issue suspends the certificate in its own transaction (P27, P32). The person is
    held first, as an issue does it."""
    case = case_of_registration(op.db, event.registration_id)
    if case is not None:
        lock_person(op.db, case.person_id)
        suspend_of_case(op, case.id, Cause.LOST_PASS)


def suspend_on_bar(op: Operation, event: PersonBarred) -> None:
    """A bar suspends every certificate that is active, in its own transaction (P32)."""
    for certificate_id in queries.active_certificates(op.db, event.person_id):
        suspend_at_once(op, certificate_id, Cause.BARRED)


def reason_of(op: Operation, act: CertificateAct, *, person_id: int) -> str:
    """Why the step was proposed, in clear; empty once the holder's data have been erased."""
    return decrypt_finding(
        op,
        person_id=person_id,
        table="certificate_act",
        column="reason_cipher",
        row=act.id,
        stored=act.reason_cipher,
    )


def _held(op: Operation, act_id: int) -> tuple[CertificateAct, Certificate]:
    """The act and its certificate, the certificate's row held first, as everywhere."""
    act = queries.find_act(op.db, op.actor, act_id)
    return act, queries.lock_certificate(op.db, act.certificate_id)


def _told(act: CertificateAct) -> dict[str, object]:
    digest = hashlib.sha256(act.reason_cipher.encode()).hexdigest()
    return {
        "certificate_id": act.certificate_id,
        "step": act.action,
        "state": act.state,
        "reason_hash": digest,
    }
