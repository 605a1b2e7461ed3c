"""合理便利: proposed by an officer, approved by another person, applied by itself from then on."""

from dataclasses import asdict, dataclass
from datetime import date

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem
from app.exams.accommodations import (
    AccommodationAction,
    AccommodationStands,
    AccommodationState,
    Grant,
    begin_of,
    check_grant,
    end_of,
    move_accommodation,
)
from app.exams.models import Accommodation
from app.exams.queries.accommodations import approved_of, hold_accommodation
from app.exams.rules import OtherName, PersonNotFound
from app.exams.service.deciding import acting_account, check_other_person
from app.exams.service.registrations import find_person
from app.operation import Operation
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.names import same_name
from app.people.queries import unit_by_id
from app.people.service import decrypt_finding, encrypt_finding
from app.security.permissions import Capability

_TABLE, _COLUMN = "accommodation", "basis_cipher"


@dataclass(frozen=True)
class Proposal:
    """Who, what, from which day to which (both included), and why."""

    name: str
    id_number: str
    grant: Grant
    first_day: date
    last_day: date | None
    basis: str


def propose(op: Operation, proposal: Proposal) -> Accommodation:
    """Propose an accommodation for a person within the actor's scopes. Raises PersonNotFound, OtherName and Invalid,
    naming fields."""
    check_grant(proposal.grant, first_day=proposal.first_day, last_day=proposal.last_day)
    person = find_person(op, proposal.id_number)
    if not op.actor.covers(Capability.ACCOMMODATION_PROPOSE, unit_by_id(op.db, person.unit_id).path):
        raise PersonNotFound(FieldProblem("id_number", PersonNotFound.zh, PersonNotFound.en))
    if not same_name(person.name, proposal.name):
        raise OtherName(FieldProblem("name", OtherName.zh, OtherName.en))
    row = Accommodation(
        person_id=person.id,
        state=AccommodationState.PROPOSED,
        **asdict(proposal.grant),
        valid_from=begin_of(proposal.first_day),
        valid_until=end_of(proposal.last_day) if proposal.last_day else None,
        basis_cipher="",
        proposed_by=acting_account(op),
        proposed_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    row.basis_cipher = encrypt_finding(
        op, person_id=person.id, table=_TABLE, column=_COLUMN, row=row.id, text=proposal.basis
    )
    op.db.flush()
    record(op, AuditAction.ACCOMMODATION_PROPOSE, subject=("accommodation", row.id), after=_told(row))
    return row


def approve(op: Operation, *, accommodation_id: int) -> Accommodation:
    """Approve what another person proposed: it counts for every sitting within its days that has not begun. Raises
    NotFound, AccommodationMoveRefused, SameOfficer, AccommodationStands."""
    row = hold_accommodation(op.db, op.actor, accommodation_id)
    state = move_accommodation(row.state, AccommodationAction.APPROVE)
    check_other_person(op, row.proposed_by)
    if approved_of(op.db, row.person_id) is not None:
        raise AccommodationStands
    return _settle(op, row, state, AuditAction.ACCOMMODATION_APPROVE)


def decline(op: Operation, *, accommodation_id: int, reason: str) -> Accommodation:
    """Decline a proposal, with a reason. Raises NotFound, AccommodationMoveRefused, SameOfficer."""
    row = hold_accommodation(op.db, op.actor, accommodation_id)
    state = move_accommodation(row.state, AccommodationAction.DECLINE)
    check_other_person(op, row.proposed_by)
    return _settle(op, row, state, AuditAction.ACCOMMODATION_DECLINE, reason)


def withdraw(op: Operation, *, accommodation_id: int, reason: str) -> Accommodation:
    """End an approved accommodation for sittings that have not begun. Raises NotFound, AccommodationMoveRefused."""
    row = hold_accommodation(op.db, op.actor, accommodation_id)
    state = move_accommodation(row.state, AccommodationAction.WITHDRAW)
    return _settle(op, row, state, AuditAction.ACCOMMODATION_WITHDRAW, reason)


def basis_of(op: Operation, row: Accommodation) -> str:
    """Why it was proposed; empty once the person's data have been erased."""
    return decrypt_finding(
        op, person_id=row.person_id, table=_TABLE, column=_COLUMN, row=row.id, stored=row.basis_cipher
    )


def _settle(
    op: Operation, row: Accommodation, state: AccommodationState, action: AuditAction, reason: str = ""
) -> Accommodation:
    before = {"state": row.state}
    row.state, row.settled_by, row.settled_at = state, acting_account(op), op.now
    op.db.flush()
    record(op, action, subject=("accommodation", row.id), before=before, after=_told(row), reason=reason)
    if state is not AccommodationState.DECLINED:
        post(op.db, person_id=row.person_id, template=Kind.ACCOMMODATION_MOVED, params={}, now=op.now)
    return row


def _told(row: Accommodation) -> dict[str, object]:
    return {
        "person_id": row.person_id,
        "state": row.state,
        "extra_percent": row.extra_percent,
        "extra_minutes": row.extra_minutes,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "proposed_by": row.proposed_by,
    }
