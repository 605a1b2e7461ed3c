"""What attempts keep for a term: responses, signals, consents, codes, sheets on paper, files of misconduct, reasons of
absence, technical faults, what was said in the hall, records of rooms."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.holdings import LOG_INS, PRINTED_CODES
from app.attempts import queries
from app.attempts.absences.models import AbsenceExcuse, AbsenceList
from app.attempts.hall.models import AnnouncementReading, Hand, ItemReport
from app.attempts.lockdown.models import LockdownPass, LockdownWaiver
from app.attempts.misconduct.models import MisconductCase, MisconductCitation, MisconductProposal
from app.attempts.misconduct.rules import MisconductState
from app.attempts.models import (
    Attempt,
    CheckInCode,
    Declaration,
    GrantedTime,
    JournalEntry,
    PaperKeying,
    PaperScan,
    PaperSheet,
    Pause,
    Presence,
    RefusedSave,
    Response,
    ResponseFile,
    ResponsesDestroyed,
)
from app.attempts.response_files.queries import hash_at_closing
from app.attempts.responses import hash_responses
from app.attempts.room_day.models import RoomDay
from app.attempts.rules import AttemptState
from app.attempts.signals.models import Signal, SignalAnswer
from app.attempts.sitting_record.models import RecordWaiver, RoomIncident, SittingRecord
from app.attempts.technical_faults.models import TechnicalFault
from app.exams.holdings import BY_REGISTRATION, GIVEN_CONSENTS
from app.exams.queries.over import (
    persons_of_registrations,
    registrations_over,
    rooms_of_registrations,
    rooms_over,
)
from app.holdings import Holding, Part, subjects_of
from app.people.calendar import local_date

_BY_ATTEMPT = ((Attempt.id, Attempt.registration_id),)
_BY_SHEET = ((PaperSheet.id, PaperSheet.attempt_id), *_BY_ATTEMPT)
_BY_CASE = ((MisconductCase.id, MisconductCase.registration_id),)


def _themselves(registrations: Select[int]) -> Select[Any]:
    """Where registrations are the subjects."""
    return registrations


def _responses_due(until: datetime) -> Select[int]:
    gone = select(ResponsesDestroyed.attempt_id)
    kept = select(Attempt.registration_id).where(Attempt.state == AttemptState.CLOSED, Attempt.id.not_in(gone))
    return registrations_over(until, among=kept)


def _due_after(parts: tuple[Part, ...]) -> Callable[[datetime], Select[int]]:
    """The registrations of whom something of `parts` is left, once their exam is over."""
    return lambda until: registrations_over(until, among=subjects_of(parts, until))


def _codes_due(until: datetime) -> Select[int]:
    return subjects_of(_CODES, until)


def _cases_due(until: datetime) -> Select[int]:
    barred = select(MisconductProposal.case_id).where(MisconductProposal.bar_until > local_date(until))
    return select(MisconductCase.id).where(
        MisconductCase.state == MisconductState.SETTLED,
        MisconductCase.settled_at <= until,
        MisconductCase.id.not_in(barred),
        MisconductCase.facts_cipher != "",
    )


def _cases_held(registrations: Select[int]) -> Select[Any]:
    return select(MisconductCase.id).where(MisconductCase.registration_id.in_(registrations))


def _note_responses(db: Session, registration_ids: Collection[int], now: datetime) -> None:
    """Write down what the code shown at the end vouches for, before the responses themselves are gone (P6)."""
    attempts = queries.attempts_of(db, registration_ids).values()
    folded = queries.folded_among(db, [attempt.id for attempt in attempts])
    for attempt in attempts:
        said = {position: response for position, (_, response) in folded.get(attempt.id, {}).items()}
        digest = hash_at_closing(db, attempt.id) or hash_responses(said)
        db.add(ResponsesDestroyed(attempt_id=attempt.id, responses_hash=digest, at=now))
    db.flush()


RESPONSES = Holding(
    "responses",
    (
        Part(JournalEntry.attempt_id, _BY_ATTEMPT),
        Part(Response.attempt_id, _BY_ATTEMPT),
        Part(RefusedSave.attempt_id, _BY_ATTEMPT),
        Part(ResponseFile.attempt_id, _BY_ATTEMPT, leaves={"content": "[]"}),
        Part(Presence.attempt_id, _BY_ATTEMPT),
    ),
    _responses_due,
    _themselves,
    _note_responses,
)
_SIGNALS = (
    Part(Signal.registration_id),
    Part(SignalAnswer.registration_id),
    Part(MisconductCitation.case_id, _BY_CASE),
)
SIGNALS = Holding("signals", _SIGNALS, _due_after(_SIGNALS), _themselves)
_CONSENTS = (Part(Declaration.registration_id), GIVEN_CONSENTS)
CONSENTS = Holding("consents", _CONSENTS, _due_after(_CONSENTS), _themselves)
_SCANS = (Part(PaperScan.sheet_id, _BY_SHEET), Part(PaperKeying.sheet_id, _BY_SHEET))
SCANS = Holding("sheets", _SCANS, _due_after(_SCANS), _themselves)
MISCONDUCT = Holding(
    "misconduct",
    (
        Part(MisconductProposal.case_id, leaves={"reason_cipher": ""}),
        Part(MisconductCase.id, leaves={"facts_cipher": "", "evidence_cipher": "", "statement_cipher": None}),
    ),
    _cases_due,
    _cases_held,
)
_CODES = (
    Part(CheckInCode.registration_id, BY_REGISTRATION, old=CheckInCode.ends_at),
    Part(LockdownPass.registration_id, BY_REGISTRATION, old=LockdownPass.proved_at),
    PRINTED_CODES,
    LOG_INS,
)
CODES = Holding("codes", _CODES, _codes_due, persons_of_registrations)
# While nobody has decided, there is no moment of a decision, and what proves it stays.
_EXCUSES = (Part(AbsenceExcuse.registration_id, old=AbsenceExcuse.decided_at, leaves={"proof_cipher": ""}),)
EXCUSES = Holding("excuses", _EXCUSES, _due_after(_EXCUSES), _themselves)
_FAULTS = (Part(TechnicalFault.registration_id, old=TechnicalFault.decided_at, leaves={"facts_cipher": ""}),)
FAULTS = Holding("faults", _FAULTS, _due_after(_FAULTS), _themselves)
_HALL = (
    Part(Hand.registration_id),
    Part(AnnouncementReading.registration_id),
    # Who reported an item and as what stays, for what became of the item rests on it.
    Part(ItemReport.registration_id, leaves={"words": ""}),
)
HALL = Holding("hall", _HALL, _due_after(_HALL), _themselves)
# Time that was granted and browsers that were waived stay: a deadline, and what was let in, rest on them.
_NOTES = (
    Part(GrantedTime.attempt_id, _BY_ATTEMPT, leaves={"note": ""}),
    Part(LockdownWaiver.registration_id, leaves={"note": ""}),
)
NOTES = Holding("notes", _NOTES, _due_after(_NOTES), _themselves)
_ROOMS = (
    Part(SittingRecord.room_id, leaves={"content": ""}),
    Part(RoomIncident.room_id, leaves={"words": ""}),
    Part(RecordWaiver.room_id, leaves={"reason": ""}),
    Part(RoomDay.room_id, leaves={"note": ""}),
    Part(Pause.room_id, leaves={"note": ""}),
    Part(AbsenceList.room_id, leaves={"reason": ""}),
)


def _rooms_due(until: datetime) -> Select[int]:
    return rooms_over(until, among=subjects_of(_ROOMS, until))


ROOMS = Holding("rooms", _ROOMS, _rooms_due, rooms_of_registrations)
