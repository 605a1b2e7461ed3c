"""Absences stated by one person, confirmed by another, opened again by two; reasons recognised afterwards."""

import hashlib
from collections.abc import Mapping

from app.accounts.queries import person_of
from app.attempts.absences import queries
from app.attempts.absences.models import Absence, AbsenceExcuse, AbsenceList
from app.attempts.absences.rules import (
    AbsenceCause,
    AbsencesMoved,
    ExcuseAction,
    ExcuseCause,
    ExcuseState,
    ListAction,
    ReasonPending,
    check_stated,
    move_excuse,
    move_list,
)
from app.attempts.events import AbsenceExcused, AbsencesClosed, AbsencesReopened
from app.attempts.proctoring.rules import Standing
from app.attempts.room_day.service import seats_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries import seats as seat_queries
from app.exams.queries.seats import RoomInfo, find_seat
from app.exams.rules import check_two_people
from app.operation import Operation, Task
from app.people.service import decrypt_finding, encrypt_finding
from app.security.permissions import Capability

_MAY_COME = frozenset({Standing.NOT_ARRIVED, Standing.CHECKED_IN})
_EXCUSE = "absence_excuse"


def without_attempt(op: Operation, room: RoomInfo) -> tuple[list[int], int]:
    """The registrations of a room that have no attempt and can have none any more, and how many may still come."""
    seats = seats_of(op, room)
    absent = [line.seat.registration_id for line in seats if line.standing is Standing.ABSENT]
    return absent, sum(line.standing in _MAY_COME for line in seats)


def state_absences(op: Operation, *, room_id: int, absent: Mapping[int, AbsenceCause]) -> AbsenceList:
    """Say who is absent from a room, and why as far as it was seen: exactly those who have no attempt.

    Raises NotFound, AbsencesMoved, EntryNotOver, AbsencesDiffer.
    """
    room, row = _hold(op, room_id, by=Capability.ROOM_RUN)
    state = move_list(row.state if row else None, ListAction.STATE)
    found, may_come = without_attempt(op, room)
    check_stated(absent, absent=found, may_come=may_come)
    if row is None:
        row = AbsenceList(room_id=room_id)
        op.db.add(row)
    row.state, row.stated_by, row.stated_at, row.reason = state, op.actor.account_id or 0, op.now, ""
    row.confirmed_by = row.confirmed_at = row.asked_by = None
    op.db.flush()
    queries.strike_list(op.db, row.id)
    op.db.add_all(Absence(list_id=row.id, registration_id=one, cause=cause) for one, cause in absent.items())
    op.db.flush()
    told = [[one, cause] for one, cause in sorted(absent.items())]
    record(op, AuditAction.ABSENCES_STATE, subject=("room", room_id), after={"state": state, "registrations": told})
    return row


def confirm_absences(op: Operation, *, room_id: int) -> AbsenceList:
    """Confirm what another person stated: from now on they are absent. Raises NotFound, AbsencesMoved, SameOfficer,
    AbsencesDiffer where the room shows something else by now."""
    room, row = _hold(op, room_id, by=Capability.ABSENCE_CONFIRM)
    state = move_list(row.state if row else None, ListAction.CONFIRM)
    row = _stated(row)
    check_two_people(person_of(op.db, row.stated_by), decider=op.actor.person_id)
    listed = [one.registration_id for one in queries.absences_on(op.db, row.id)]
    found, may_come = without_attempt(op, room)
    check_stated(listed, absent=found, may_come=may_come)
    row.state, row.confirmed_by, row.confirmed_at = state, op.actor.account_id, op.now
    op.db.flush()
    after = {"state": state, "registrations": listed, "stated_by": row.stated_by}
    record(op, AuditAction.ABSENCES_CONFIRM, subject=("room", room_id), after=after)
    op.publish(AbsencesClosed(room.exam_id, tuple(listed)))
    return row


def return_absences(op: Operation, *, room_id: int, reason: str) -> AbsenceList:
    """Do not confirm: it is stated anew. Raises NotFound, AbsencesMoved, SameOfficer."""
    _, row = _hold(op, room_id, by=Capability.ABSENCE_CONFIRM)
    state = move_list(row.state if row else None, ListAction.RETURN)
    row = _stated(row)
    check_two_people(person_of(op.db, row.stated_by), decider=op.actor.person_id)
    row.state, row.reason = state, reason
    op.db.flush()
    record(op, AuditAction.ABSENCES_RETURN, subject=("room", room_id), after={"state": state}, reason=reason)
    return row


def ask_reopening(op: Operation, *, room_id: int, reason: str) -> AbsenceList:
    """Ask that a closed list be opened again, because it is wrong. Raises NotFound, AbsencesMoved, ReasonPending."""
    _, row = _hold(op, room_id, by=Capability.ABSENCE_CONFIRM)
    state = move_list(row.state if row else None, ListAction.ASK_REOPENING)
    row = _stated(row)
    _check_no_reason(op, row)
    row.state, row.asked_by, row.reason = state, op.actor.account_id, reason
    op.db.flush()
    record(op, AuditAction.ABSENCES_ASK_REOPENING, subject=("room", room_id), after={"state": state}, reason=reason)
    return row


def settle_reopening(op: Operation, *, room_id: int, agreed: bool) -> AbsenceList:
    """Open it again as another person asked, or leave it closed. Not once the results are out (who listens refuses).

    Raises NotFound, AbsencesMoved, SameOfficer, ReasonPending.
    """
    room, row = _hold(op, room_id, by=Capability.ABSENCE_CONFIRM)
    state = move_list(row.state if row else None, ListAction.REOPEN if agreed else ListAction.KEEP)
    row = _stated(row)
    check_two_people(person_of(op.db, row.asked_by or 0), decider=op.actor.person_id)
    if agreed:
        _check_no_reason(op, row)
    listed = tuple(one.registration_id for one in queries.absences_on(op.db, row.id))
    asked_by, row.state, row.asked_by = row.asked_by, state, None
    op.db.flush()
    after = {"state": state, "agreed": agreed, "asked_by": asked_by}
    record(op, AuditAction.ABSENCES_REOPEN, subject=("room", room_id), after=after, reason=row.reason)
    if agreed:
        op.publish(AbsencesReopened(room.exam_id, listed))
    return row


def propose_excuse(
    op: Operation, *, exam_id: int, registration_id: int, cause: ExcuseCause, proof: str
) -> AbsenceExcuse:
    """Bring a reason forward, with what proves it. Raises NotFound unless the absence is closed, AbsencesMoved."""
    seat = find_seat(op.db, registration_id)
    seat_queries.hold_registration(op.db, registration_id)
    if seat.exam_id != exam_id or not queries.absent_among(op.db, [registration_id]):
        raise NotFound
    row = queries.excuses_of(op.db, op.actor, [registration_id]).get(registration_id)
    state = move_excuse(row.state if row else None, ExcuseAction.PROPOSE)
    if row is None:
        row = AbsenceExcuse(registration_id=registration_id, proof_cipher="")
        op.db.add(row)
    row.state, row.cause, row.proposed_by, row.proposed_at = state, cause, op.actor.account_id or 0, op.now
    row.decided_by = row.decided_at = None
    op.db.flush()
    row.proof_cipher = encrypt_finding(
        op, person_id=seat.person_id, table=_EXCUSE, column="proof_cipher", row=row.id, text=proof
    )
    op.db.flush()
    after = {"state": state, "cause": cause, "proof_hash": hashlib.sha256(row.proof_cipher.encode()).hexdigest()}
    record(op, AuditAction.EXCUSE_PROPOSE, subject=("registration", registration_id), after=after)
    return row


def decide_excuse(op: Operation, *, exam_id: int, registration_id: int, agreed: bool, note: str) -> AbsenceExcuse:
    """Recognise a reason that another person brought forward, or decline it. What a recognised one entitles to, a
    make-up exam, those do who listen. Raises NotFound, AbsencesMoved, SameOfficer."""
    row = queries.hold_excuse(op.db, op.actor, registration_id)
    if find_seat(op.db, registration_id).exam_id != exam_id:
        raise NotFound
    state = move_excuse(row.state, ExcuseAction.RECOGNISE if agreed else ExcuseAction.DECLINE)
    check_two_people(person_of(op.db, row.proposed_by), decider=op.actor.person_id)
    row.state, row.decided_by, row.decided_at = state, op.actor.account_id, op.now
    op.db.flush()
    after = {"state": state, "cause": row.cause, "proposed_by": row.proposed_by}
    record(op, AuditAction.EXCUSE_DECIDE, subject=("registration", registration_id), after=after, reason=note)
    if state is ExcuseState.RECOGNISED:
        op.publish(AbsenceExcused(registration_id, exam_id))
    return row


def proof_of(op: Operation, row: AbsenceExcuse, *, person_id: int) -> str:
    """What proves a reason, in clear; empty once the person's data have been erased."""
    place = {"table": _EXCUSE, "column": "proof_cipher"}
    return decrypt_finding(op, person_id=person_id, row=row.id, stored=row.proof_cipher, **place)


def waiting(op: Operation) -> list[Task]:
    """What waits: lists of absences to confirm, reasons to decide."""
    tasks = []
    if op.may(Capability.ABSENCE_CONFIRM):
        found = queries.lists_to_confirm(op.db, op.actor)
        link = f"/rooms/{found[0].room_id}/absences" if found else ""
        tasks.append(Task("份缺考名单待第二人确认", "lists of absences to confirm", len(found), link))
    if op.may(Capability.EXAM_APPROVE):
        excuses = queries.waiting_excuses(op.db, op.actor)
        link = f"/exams/{find_seat(op.db, excuses[0].registration_id).exam_id}/absences" if excuses else ""
        tasks.append(Task("项缺考事由待认定", "reasons of absence to decide", len(excuses), link))
    return tasks


def _hold(op: Operation, room_id: int, *, by: Capability) -> tuple[RoomInfo, AbsenceList | None]:
    room = seat_queries.find_room(op.db, op.actor, room_id, by=by)
    seat_queries.hold_room(op.db, room_id)
    return room, queries.list_of(op.db, op.actor, room_id, lock=True)


def _stated(row: AbsenceList | None) -> AbsenceList:
    if row is None:  # the table of moves has refused a list that nobody stated
        raise AbsencesMoved
    return row


def _check_no_reason(op: Operation, row: AbsenceList) -> None:
    listed = [one.registration_id for one in queries.absences_on(op.db, row.id)]
    if queries.brought_forward(op.db, listed):
        raise ReasonPending
