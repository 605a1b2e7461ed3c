"""Issue: each certificate in one transaction, by the rule of P28 and no other, exactly once."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from app.accounts.queries import person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.certificates import credential, queries, status_list
from app.certificates.credential import Attested, Issuer, StatusEntry, StatusPurpose
from app.certificates.models import Certificate, CertificateBatch
from app.certificates.rules import (
    BATCH_TRANSITIONS,
    CODE_ALPHABET,
    CODE_LENGTH,
    BatchAction,
    CertificateAction,
    CertificateState,
    Condition,
    Conditions,
    Ground,
    check_code,
    move_batch,
    number_in,
    series_of,
    unmet,
    valid_until_for,
)
from app.certificates.service.moving import move
from app.certificates.service.standing import note_issue
from app.clearance.models import ClearanceCase
from app.clearance.queries import lock_case
from app.clearance.service.notices import clearance_standing
from app.exams.service import still_eligible
from app.grading.queries import passed_and_released
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.calendar import local_date
from app.people.queries import lock_person, unit_by_id
from app.security.actor import Actor, ActorKind
from app.security.signing_keys import KeyPurpose, Keyring
from app.settings import Settings

JOB = "issue_batch"
_SALT_BYTES = 16


def issuer_of(settings: Settings) -> Issuer:
    """The issuing authority as credentials name it."""
    return Issuer(name=settings.authority, base_url=settings.public_base_url.rstrip("/"))


def list_url(settings: Settings, purpose: StatusPurpose) -> str:
    """Where a status list is served."""
    return f"{settings.public_base_url.rstrip('/')}/status/{purpose.value}"


def conditions_of(op: Operation, case: ClearanceCase) -> Conditions:
    """P28 for one case now. Holds the rows that those who could change an answer hold too: the case, then the person.

    Whatever is asked is asked after that: an objection that was committed first is seen, a later one waits.
    """
    standing = clearance_standing(op, case.id)
    person = lock_person(op.db, case.person_id)
    return Conditions(
        result_passed=passed_and_released(op.db, case.registration_id),
        checks_clear=standing.checks_clear,
        review_approved=standing.approved,
        notice_ended=standing.notice_ended,
        no_open_objection=standing.no_open_objection,
        no_hold=not queries.held_persons(op.db, [person.id]),
        eligible=still_eligible(op, case.registration_id),
    )


def issue_entry(op: Operation, *, entry_id: int) -> Certificate | tuple[Condition, ...]:
    """Issue the certificate of one entry of an approved batch, or hold it back naming what is not met.

    Done once: repeated, or by two at the same moment, it gives what the first has done.
    """
    entry = queries.entry_by_id(op.db, entry_id)
    batch = queries.batch_by_id(op.db, entry.batch_id)
    case = lock_case(op.db, entry.case_id)
    before = queries.certificate_of_case(op.db, case.id)
    if before is not None:
        return before
    entry = queries.entry_by_id(op.db, entry_id)
    if entry.held_back is not None:
        return tuple(Condition(word) for word in entry.held_back.split(","))
    missing = unmet(conditions_of(op, case))
    if missing:
        entry.held_back = ",".join(missing)
        op.db.flush()
        after = {"case_id": case.id, "conditions": list(missing)}
        record(op, AuditAction.BATCH_HOLD_BACK, subject=("batch", batch.id), after=after)
        return missing
    return _earn(op, batch, case)


def _earn(op: Operation, batch: CertificateBatch, case: ClearanceCase) -> Certificate:
    """Write the certificate that P28 allows, with everything that follows from it."""
    person = lock_person(op.db, case.person_id)
    settings = op.settings
    series = series_of(prefix=settings.number_prefix, year=local_date(op.now).year, level=batch.level)
    certificate = Certificate(
        number=number_in(series, queries.next_in(op.db, series)),
        check_code=check_code("".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))),
        person_id=person.id,
        level=batch.level,
        ground=Ground.EARNED,
        case_id=case.id,
        batch_id=batch.id,
        state=CertificateState.ACTIVE,
        unit_name=unit_by_id(op.db, person.unit_id).name,
        issued_at=op.now,
        valid_until=valid_until_for(op.now, days=settings.certificate_valid_days),
        moved_at=op.now,
        status_index=status_list.place(queries.PlacesTaken(op.db), draw=secrets.randbelow),
        identity_salt=secrets.token_bytes(_SALT_BYTES),
    )
    kid = _sign(op, certificate, holder_name=person.name)
    lower = queries.lower_in_force(op.db, person.id, certificate.level)
    op.db.add(certificate)
    op.db.flush()
    record(
        op,
        AuditAction.CERTIFICATE_ISSUE,
        subject=("certificate", certificate.id),
        after={
            "person_id": person.id,
            "level": certificate.level,
            "ground": certificate.ground,
            "ground_id": case.id,
            "number": certificate.number,
            "valid_from": certificate.issued_at,
            "valid_until": certificate.valid_until,
            "proposed_by": batch.proposed_by,
            "batch_id": batch.id,
        },
    )
    digest = hashlib.sha256(certificate.credential.encode()).hexdigest()
    after = {"certificate_id": certificate.id, "credential_hash": digest, "key_id": kid}
    record(op, AuditAction.CREDENTIAL_SIGN, subject=("certificate", certificate.id), after=after)
    note_issue(op, certificate)
    told = {"number": certificate.number}
    post(op.db, person_id=person.id, template=Kind.CERTIFICATE_ISSUED, params=told, now=op.now)
    for other in lower:
        move(op, other, CertificateAction.SUPERSEDE, after={"by_certificate_id": certificate.id})
    return certificate


def _sign(op: Operation, certificate: Certificate, *, holder_name: str) -> str:
    """Make the credential; returns the id of the key that signed it."""
    issuer = issuer_of(op.settings)
    key = op.house.tool(Keyring).current(op.db, KeyPurpose.CREDENTIAL, now=op.now)
    attested = Attested(
        credential_id=uuid4(),
        holder_id=uuid4(),
        holder_name=holder_name,
        salt=base64.urlsafe_b64encode(certificate.identity_salt).decode().rstrip("="),
        certificate_number=certificate.number,
        level=certificate.level,
        awarded_at=certificate.issued_at,
        valid_from=certificate.issued_at,
        valid_until=certificate.valid_until,
        status=tuple(
            StatusEntry(purpose, list_url(op.settings, purpose), certificate.status_index) for purpose in StatusPurpose
        ),
    )
    certificate.credential = credential.sign(credential.compose(attested, issuer=issuer), key, issuer=issuer)
    return key.kid


def issue_batch(house: House, batch_id: int, *, said: Callable[[int, int], None] = lambda _done, _total: None) -> None:
    """Issue every entry of an approved batch that is not settled yet, each in a transaction of its own.

    The approver is the one who acts. `said` is told how far it is, between the transactions. Begun anew after a crash
    it goes on where it stopped. Harmless where the batch is not approved.
    """
    with house.database.transaction(reading=True) as db:
        batch = queries.batch_by_id(db, batch_id)
        total = len(queries.entries_of(db, batch_id))
        open_entries = queries.unsettled_entries(db, batch_id)
        if (batch.state, BatchAction.FINISH) not in BATCH_TRANSITIONS:
            return
        account_id = batch.settled_by or 0
        actor = Actor(ActorKind.PERSON, account_id=account_id, person_id=person_of(db, account_id))
    for done, entry_id in enumerate(open_entries, total - len(open_entries)):
        said(done, total)
        with acting_as(house, JOB, actor=actor) as op:
            issue_entry(op, entry_id=entry_id)
    with acting_as(house, JOB, actor=actor) as op:
        finish_batch(op, batch_id=batch_id)
    said(total, total)


def finish_batch(op: Operation, *, batch_id: int) -> CertificateBatch:
    """The batch is issued once every entry is settled; whoever comes second finds it so."""
    batch = queries.batch_by_id(op.db, batch_id, lock=True)
    if (batch.state, BatchAction.FINISH) not in BATCH_TRANSITIONS or queries.unsettled_entries(op.db, batch_id):
        return batch
    before = batch.state
    batch.state = move_batch(before, BatchAction.FINISH)
    op.db.flush()
    entries = queries.entries_of(op.db, batch_id)
    held = sum(entry.held_back is not None for entry in entries)
    record(
        op,
        AuditAction.BATCH_FINISH,
        subject=("batch", batch.id),
        before={"state": before},
        after={"state": batch.state, "issued": len(entries) - held, "held_back": held},
    )
    return batch


def make_handler(house: House) -> Callable[[RunningJob], Mapping[str, Any] | None]:
    """The handler of the job that an approval asks for."""

    def handle(job: RunningJob) -> Mapping[str, Any] | None:
        issue_batch(
            house,
            int(job.payload["batch_id"]),
            said=lambda done, total: job.progress(
                done, total, zh=f"已办理 {done} / {total} 人", en=f"{done} of {total} settled"
            ),
        )
        return None

    return handle
