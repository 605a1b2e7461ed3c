"""What was said and found of a candidate and in a room, of each class of retention that holds words."""

from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import select

from app.attempts.absences.models import AbsenceExcuse, AbsenceList
from app.attempts.hall.models import AnnouncementReading, Hand, ItemReport
from app.attempts.hall.rules import HandState
from app.attempts.lockdown.models import LockdownWaiver
from app.attempts.models import GrantedTime, Pause
from app.attempts.room_day.models import RoomDay
from app.attempts.sitting_record.models import RecordWaiver, RoomIncident, SittingRecord
from app.attempts.technical_faults.models import TechnicalFault
from app.attempts.technical_faults.rules import FaultState
from app.authoring.models import ItemVersion
from app.authoring.review_models import ItemThread
from app.clearance.models import (
    Check,
    ClearanceCase,
    JointReview,
    NoticeEntry,
    Objection,
    Opinion,
    PublicNotice,
    SignOff,
    Statement,
)
from app.clearance.rules import CaseState, NoticeState, ObjectionState
from app.exams.accommodations import AccommodationState
from app.exams.models import Accommodation, Registration
from app.operation import Operation
from app.retention.rules.classes import RecordClass
from tests.support.sealed_exam import Candidate, SealedExam


class Keeper(Protocol):
    """Who puts rows, and notes whose they are."""

    op: Operation
    exam: SealedExam

    def put(self, model: Any, **given: Any) -> Any:
        """A row of nobody."""

    def own(self, who: str, record_class: RecordClass, row: Any) -> Any:
        """Note whose a row is."""

    def keep(self, who: str, record_class: RecordClass, model: Any, **given: Any) -> Any:
        """A row of theirs."""


def keep_words(keeper: Keeper, who: str, candidate: Candidate, attempt_id: int) -> None:
    """Findings, an objection that was decided, a reason of absence, a fault, an accommodation that ended, a hand."""
    now = keeper.op.now
    one = {"registration_id": candidate.registration_id}
    person = {"person_id": candidate.persona.person_id}
    in_exam = {"exam_id": keeper.exam.exam_id}
    case = keeper.put(ClearanceCase, **one, **person, **in_exam, state=CaseState.APPROVED, decided_at=now)
    check = keeper.put(Check, case_id=case.id, round=1, due_on=now.date())
    opinion = keeper.keep(who, RecordClass.REVIEWS, Opinion, check_id=check.id)
    keeper.keep(who, RecordClass.REVIEWS, SignOff, opinion_id=opinion.id)
    keeper.keep(who, RecordClass.REVIEWS, Statement, check_id=check.id)
    keeper.keep(who, RecordClass.REVIEWS, JointReview, case_id=case.id)
    notice = keeper.put(PublicNotice, **in_exam, state=NoticeState.PUBLISHED)
    entry = keeper.put(NoticeEntry, notice_id=notice.id, case_id=case.id)
    decided = {"decided_at": now, "state": ObjectionState.DISMISSED, "decision_cipher": "x"}
    keeper.keep(who, RecordClass.OBJECTIONS, Objection, entry_id=entry.id, **decided)
    keeper.keep(who, RecordClass.EXCUSES, AbsenceExcuse, **one, decided_at=now)
    at = {"room_id": candidate.room_id, "state": FaultState.DECLINED, "decided_at": now}
    keeper.keep(who, RecordClass.FAULTS, TechnicalFault, **one, **at)
    ended = {"state": AccommodationState.APPROVED, "extra_percent": 0, "valid_until": now}
    keeper.keep(who, RecordClass.ACCOMMODATIONS, Accommodation, **person, **ended)
    # One that nobody has decided, and one that stands until it is withdrawn, have no end.
    waits = {"state": AccommodationState.PROPOSED, "extra_percent": 0, "valid_until": now - timedelta(days=1)}
    keeper.put(Accommodation, **person, **waits)
    keeper.keep(who, RecordClass.HALL, Hand, **one, state=HandState.ANSWERED)
    keeper.keep(who, RecordClass.HALL, AnnouncementReading, **one)
    version = keeper.op.db.scalars(select(ItemVersion).limit(1)).one()
    thread = keeper.put(ItemThread, item_id=version.item_id)
    reported = {"item_version_id": version.id, "thread_id": thread.id}
    keeper.keep(who, RecordClass.HALL, ItemReport, **one, **in_exam, **reported)
    keeper.keep(who, RecordClass.ROOMS, GrantedTime, attempt_id=attempt_id)
    keeper.keep(who, RecordClass.ROOMS, LockdownWaiver, **one)


def keep_of_room(keeper: Keeper, whose: str, room_id: int) -> None:
    """What was written down of a room."""
    db = keeper.op.db
    day, waiver = (select(model).where(model.room_id == room_id) for model in (RoomDay, RecordWaiver))
    opened = keeper.own(whose, RecordClass.ROOMS, db.scalars(day).one())  # this and the next came with the exam
    opened.note = "x"
    keeper.own(whose, RecordClass.ROOMS, db.scalars(waiver).one())
    for model in (SittingRecord, RoomIncident):
        keeper.keep(whose, RecordClass.ROOMS, model, room_id=room_id)
    keeper.keep(whose, RecordClass.ROOMS, Pause, room_id=room_id)
    keeper.keep(whose, RecordClass.ROOMS, AbsenceList, room_id=room_id, reason="x")


def keep_what_is_not_due(keeper: Keeper, entered: Registration, room_id: int) -> None:
    """Findings of one whose certificate has not ended; a reason and a fault on which nobody has decided."""
    one, now = {"registration_id": entered.id}, keeper.op.now
    of = {"person_id": entered.person_id, "exam_id": entered.exam_id, "decided_at": now}
    case = keeper.put(ClearanceCase, **one, **of, state=CaseState.APPROVED)
    check = keeper.put(Check, case_id=case.id, round=1, due_on=now.date())
    keeper.put(Opinion, check_id=check.id)
    keeper.put(AbsenceExcuse, **one)
    keeper.put(TechnicalFault, **one, room_id=room_id)
