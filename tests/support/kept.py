"""Records of every class of retention: of a person whom nothing holds, of one for each hold, and of one not due yet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import JSON, Boolean, Enum, LargeBinary, String, inspect, select, text
from sqlalchemy.orm import InstanceState

from app.accounts.models import LoginSession, PrintedCode
from app.attempts import models as attempts
from app.attempts.lockdown.models import LockdownPass
from app.attempts.misconduct.models import MisconductCase, MisconductCitation, MisconductProposal
from app.attempts.misconduct.rules import MisconductState
from app.attempts.response_files.rules import FileState
from app.attempts.room_day.models import RoomDay
from app.attempts.rules import AttemptState
from app.attempts.signals.models import Signal, SignalAnswer
from app.attempts.sitting_record.models import RecordWaiver
from app.attempts.switches.rules import SwitchState
from app.authoring.import_models import ImportEntry, ImportPack
from app.authoring.models import Bank, BankImport
from app.authoring.rules import ImportState
from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.clearance.models import ClearanceCase, NoticeEntry, Objection
from app.clearance.rules import CaseState, ObjectionState
from app.database import Base, UtcDateTime
from app.drill.models import Drill
from app.drill.rules import DrillState
from app.exams.accommodations import AccommodationState
from app.exams.models import Accommodation, Exam, FormRow, PoolItem, Registration, RegistrationList, Room, Sitting
from app.exams.registration_models import Consent
from app.exams.rules import ExamState, RegistrationState
from app.grading.models import Release
from app.grading.rechecks.models import Recheck
from app.grading.rechecks.rules import RecheckState
from app.grading.rescoring.models import Rescoring
from app.grading.rescoring.rules import RescoringState
from app.grading.rules import ReleaseState
from app.grading.similarity.models import SimilarityReport
from app.operation import House, Operation, acting_as
from app.outbox.models import InboxMessage, OutboxMessage
from app.outbox.rules import OutboxState
from app.people.models import Person
from app.practice.models import PracticeAttempt, PracticeResponse
from app.practice.rules import PracticeState
from app.retention.rules.classes import Hold, RecordClass
from app.security.permissions import Role
from app.tables import METADATA
from tests.support.bank import SINGLE, blueprint_of, cell, mixed_pool
from tests.support.kept_words import keep_of_room, keep_what_is_not_due, keep_words
from tests.support.personas import Persona, make_person, make_staff, make_unit
from tests.support.sealed_exam import Candidate, SealedExam, make_sealed_exam

FREE, RECENT = "free", "recent"
Key = tuple[str, tuple[Any, ...]]
"""A table and the primary key of a row."""
_LIVELY = {"job", "throttle", "repeated_write", "instance", "destruction_list", "destruction_entry", "retention_terms"}
_sequence = count(1)


@dataclass
class Kept:
    """Whose each record is, by its class (a row may have columns of several); the registrations by whose they are."""

    owners: dict[tuple[Key, RecordClass], str] = field(default_factory=dict)
    registrations: dict[str, int] = field(default_factory=dict)
    exams: dict[str, int] = field(default_factory=dict)

    def of(self, who: str, record_class: RecordClass) -> set[Key]:
        """The records of a class that are theirs."""
        return {key for (key, one), owner in self.owners.items() if (owner, one) == (who, record_class)}


def snapshot(house: House) -> dict[Key, tuple[Any, ...]]:
    """Every row, but of what the service and its administrators write meanwhile."""
    found = {}
    with house.database.transaction(reading=True) as db:
        for table in METADATA.sorted_tables:
            if table.name in _LIVELY or table.name.startswith("audit_"):
                continue
            columns = [column for column in table.columns if column.name != "seen_at"]
            place = [columns.index(column) for column in table.primary_key]
            for row in db.execute(select(*columns)):
                found[table.name, tuple(row[n] for n in place)] = tuple(row)
    return found


def keep_everything(house: House) -> Kept:
    """Three exams that were over some five years ago: one released, one not, one with a correction that waits; and one
    of yesterday. Of each candidate a record of every kind that destruction touches."""
    kept = Kept()
    whole = [FREE, *(hold for hold in Hold if hold not in {Hold.UNRELEASED, Hold.CORRECTION})]
    _hold_exam(house, kept, whole)
    _hold_exam(house, kept, [Hold.UNRELEASED])
    _hold_exam(house, kept, [Hold.CORRECTION])
    house.clock.advance(timedelta(days=1900))
    _hold_exam(house, kept, [RECENT])
    house.clock.advance(timedelta(days=1))
    return kept


def _hold_exam(house: House, kept: Kept, names: list[str]) -> None:
    small = [entry.item for entry in mixed_pool(singles=4, multiples=0, judgements=0)]
    exam = make_sealed_exam(house, candidates=len(names), blueprint=blueprint_of(cell(SINGLE, 2)), items=small)
    house.clock.set(exam.ends_at)
    officer = make_staff(house, Role.EXAM_OFFICER)
    with acting_as(house, "test") as op:
        keeper = _Keeper(op, kept, exam, officer)
        keeper.keep_of_exam(names)
        for name, candidate in zip(names, exam.candidates, strict=True):
            keeper.keep_of_candidate(name, candidate)
            if name in HOLDS:
                HOLDS[Hold(name)](keeper, candidate)


@dataclass
class _Keeper:
    """Puts rows beside each other, with what each column must have."""

    op: Operation
    kept: Kept
    exam: SealedExam
    officer: Persona

    def put(self, model: type[Base], **given: Any) -> Any:
        """A row: what is not given, and must be there, is what its type has first."""
        for column in model.__table__.columns:
            name = column.name
            if name in given or column.nullable or column.default is not None or (name == "id" and column.primary_key):
                continue
            given[name] = self._usual(column)
        row = model(**given)
        self.op.db.add(row)
        self.op.db.flush()
        return row

    def own(self, who: str, record_class: RecordClass, row: Any) -> Any:
        """Note whose a row is."""
        state: InstanceState[Any] = inspect(row)
        self.kept.owners[(row.__tablename__, tuple(state.identity or ())), record_class] = who
        return row

    def keep(self, who: str, record_class: RecordClass, model: type[Base], **given: Any) -> Any:
        """A row of theirs."""
        return self.own(who, record_class, self.put(model, **given))

    def picture(self, who: str, person: Person) -> None:
        """How they look, and where they are called."""
        person.photo, person.phone_cipher, person.phone_masked = b"photo", "cipher", "138****5678"
        self.own(who, RecordClass.PHOTOGRAPHS, person)
        self.own(who, RecordClass.PHONES, person)

    def _usual(self, column: Any) -> Any:
        if column.name.endswith("_by"):
            return self.officer.account_id
        match column.type:
            case Enum() as closed:
                return next(iter(closed.enum_class or ()))
            case String():
                return f"x{next(_sequence)}"
            case LargeBinary():
                return b"x"
            case UtcDateTime():
                return self.op.now
            case JSON():
                return {}
            case Boolean():
                return False
            case _ if column.unique:
                return next(_sequence)
            case _:
                return 1

    def keep_of_exam(self, names: list[str]) -> None:
        """What is kept of an exam, and of nobody in it; `names` are those of its candidates."""
        db, exam_id, first = self.op.db, self.exam.exam_id, names[0]
        self.kept.exams[first] = exam_id
        if first != Hold.UNRELEASED:
            self.put(Release, exam_id=exam_id, state=ReleaseState.RELEASED)
        if first == Hold.CORRECTION:
            version = db.scalars(select(PoolItem.item_version_id).where(PoolItem.exam_id == exam_id).limit(1)).one()
            self.put(Rescoring, exam_id=exam_id, item_version_id=version, state=RescoringState.PROPOSED)
        # What is the exam's is held by what is open of any of its candidates.
        whose = f"all of {first}"
        self.keep(whose, RecordClass.SIGNALS, SimilarityReport, exam_id=exam_id)
        self.keep(whose, RecordClass.ROSTERS, RegistrationList, exam_id=exam_id)
        keep_of_room(self, whose, self.exam.candidates[0].room_id)
        spare = select(FormRow).where(FormRow.exam_id == exam_id, FormRow.registration_id.is_(None))
        for form in db.scalars(spare):
            self.own(whose, RecordClass.FORMS, form)
        if first not in {FREE, RECENT}:
            return
        # Who never registered keeps photograph and number: one is certified until long after this, one was entered
        # yesterday.
        stranger = make_person(self.op, make_unit(self.op))
        self.picture(RECENT, stranger)
        if first == FREE:
            until = {"valid_until": self.op.now + timedelta(days=4000), "state": CertificateState.ACTIVE}
            self.put(Certificate, person_id=stranger.id, check_code="L" * 20, **until)
        # What belongs to a whole exam is free where nothing is open of any of its candidates.
        like, now = db.get_one(Exam, exam_id), self.op.now
        times = {"registration_opens_at": now - timedelta(days=2), "registration_closes_at": now - timedelta(days=1)}
        empty = self.put(Exam, blueprint_id=like.blueprint_id, state=ExamState.CANCELLED, **times)
        sitting = self.put(Sitting, exam_id=empty.id, starts_at=now - timedelta(hours=1))
        room = self.put(Room, sitting_id=sitting.id)
        self.put(RoomDay, room_id=room.id, present=[])
        self.put(RecordWaiver, room_id=room.id)
        keep_of_room(self, first, room.id)
        self.keep(first, RecordClass.SIGNALS, SimilarityReport, exam_id=empty.id)
        self.keep(first, RecordClass.ROSTERS, RegistrationList, exam_id=empty.id)
        of = {"exam_id": empty.id, "sitting_id": sitting.id, "person_id": stranger.id}
        entered = self.put(Registration, **of, eligibility=[], state=RegistrationState.REFUSED)
        keep_what_is_not_due(self, entered, room.id)
        ended = {"ended_at": self.op.now, "state": DrillState.GO}
        self.keep(first, RecordClass.DRILLS, Drill, exam_id=exam_id, **ended)
        bank_id = db.scalars(select(Bank.id).limit(1)).one()
        batch = self.keep(first, RecordClass.IMPORTS, BankImport, bank_id=bank_id, state=ImportState.CHECKED)
        self.keep(first, RecordClass.IMPORTS, ImportPack, import_id=batch.id, first=0)
        self.keep(first, RecordClass.IMPORTS, ImportEntry, import_id=batch.id, position=0)

    def keep_of_candidate(self, who: str, candidate: Candidate) -> None:
        """What is kept of one candidate."""
        db, now, persona = self.op.db, self.op.now, candidate.persona
        one = {"registration_id": candidate.registration_id}
        self.kept.registrations[who] = candidate.registration_id
        form = db.scalars(select(FormRow).filter_by(**one)).one()
        self.own(who, RecordClass.FORMS, form)
        self.own(who, RecordClass.CONSENTS, db.scalars(select(Consent).filter_by(**one)).one())
        person = db.get_one(Person, persona.person_id)
        person.created_at = now - timedelta(days=3000)
        self.picture(who, person)

        if who == RECENT:  # an accommodation that ended long ago is kept for who has hardly sat
            withdrawn = {"state": AccommodationState.WITHDRAWN, "extra_percent": 0}
            self.put(Accommodation, person_id=person.id, **withdrawn, settled_at=now - timedelta(days=4000))
        account = {"account_id": persona.account_id}
        session = self.keep(who, RecordClass.CODES, LoginSession, **account, ends_at=now)
        self.keep(who, RecordClass.CODES, PrintedCode, **account, used_at=now)
        self.keep(who, RecordClass.CODES, attempts.CheckInCode, **one)
        self.keep(who, RecordClass.CODES, LockdownPass, **one, session_id=session.id)
        self.keep(who, RecordClass.CONSENTS, attempts.Declaration, **one, session_id=session.id)

        closed = {"state": AttemptState.CLOSED, "closed_at": now}
        attempt = self.put(attempts.Attempt, **one, form_id=form.id, **closed)
        its = {"attempt_id": attempt.id}
        for model in (attempts.JournalEntry, attempts.Response):
            self.keep(who, RecordClass.RESPONSES, model, **its, position=1, response="[0]")
        self.keep(who, RecordClass.RESPONSES, attempts.RefusedSave, **its)
        self.keep(who, RecordClass.RESPONSES, attempts.ResponseFile, **its, state=FileState.MERGED)
        self.keep(who, RecordClass.RESPONSES, attempts.Presence, **its)
        switch = self.put(attempts.RoomSwitch, sitting_id=self.exam.sitting_id, state=SwitchState.APPROVED)
        sheet = self.put(attempts.PaperSheet, **its, room_id=candidate.room_id, switch_id=switch.id)
        self.keep(who, RecordClass.SCANS, attempts.PaperScan, sheet_id=sheet.id)
        self.keep(who, RecordClass.SCANS, attempts.PaperKeying, sheet_id=sheet.id)

        keep_words(self, who, candidate, attempt.id)
        self.keep(who, RecordClass.SIGNALS, Signal, **one)
        self.keep(who, RecordClass.SIGNALS, SignalAnswer, **one)
        settled = {"state": MisconductState.SETTLED, "settled_at": now, "room_id": candidate.room_id}
        case = self.keep(who, RecordClass.MISCONDUCT, MisconductCase, **one, **settled, statement_cipher="x")
        self.keep(who, RecordClass.MISCONDUCT, MisconductProposal, case_id=case.id)
        self.keep(who, RecordClass.SIGNALS, MisconductCitation, case_id=case.id)
        if who == FREE:  # of a second case the bar has not ended
            barred = self.keep(RECENT, RecordClass.MISCONDUCT, MisconductCase, **one, **settled)
            bar = {"case_id": barred.id, "bar_until": (now + timedelta(days=4000)).date()}
            self.keep(RECENT, RecordClass.MISCONDUCT, MisconductProposal, **bar)

        to = {"person_id": persona.person_id}
        sent = {"state": OutboxState.DELIVERED, "delivered_at": now}
        message = self.keep(who, RecordClass.NOTICES, OutboxMessage, **to, **sent)
        self.keep(who, RecordClass.NOTICES, InboxMessage, **to, outbox_id=message.id)
        if who in {FREE, RECENT}:
            over = {"state": PracticeState.CLOSED, "closed_at": now}
            practised = self.keep(who, RecordClass.PRACTICE, PracticeAttempt, **to, **over)
            self.keep(who, RecordClass.PRACTICE, PracticeResponse, attempt_id=practised.id, position=1)

    def open_case(self, candidate: Candidate) -> None:
        """The case that was decided is opened again."""
        self._case_of(candidate).state = CaseState.CHECKING

    def object_to(self, candidate: Candidate) -> None:
        """A second objection, on which nobody has decided."""
        entry = select(NoticeEntry.id).where(NoticeEntry.case_id == self._case_of(candidate).id)
        self.put(Objection, entry_id=self.op.db.scalars(entry).one(), state=ObjectionState.OPEN)

    def _case_of(self, candidate: Candidate) -> ClearanceCase:
        mine = ClearanceCase.registration_id == candidate.registration_id
        return self.op.db.scalars(select(ClearanceCase).where(mine)).one()

    def bring_late(self, candidate: Candidate) -> None:
        """A response file that waits for two people."""
        mine = attempts.Attempt.registration_id == candidate.registration_id
        attempt_id = self.op.db.scalars(select(attempts.Attempt.id).where(mine)).one()
        late = {"attempt_id": attempt_id, "state": FileState.HELD}
        self.keep(Hold.LATE_FILE, RecordClass.RESPONSES, attempts.ResponseFile, **late)

    def suspend(self, candidate: Candidate) -> None:
        """A certificate that is suspended."""
        of = {"person_id": candidate.persona.person_id, "check_code": "K" * 20}
        self.put(Certificate, **of, state=CertificateState.SUSPENDED)

    def recheck(self, candidate: Candidate) -> None:
        """A recheck that nobody has answered."""
        of = {"exam_id": self.exam.exam_id, "registration_id": candidate.registration_id}
        self.put(Recheck, **of, state=RecheckState.ASKED)

    def accuse(self, candidate: Candidate) -> None:
        """A second case, on which nobody has decided."""
        of = {"registration_id": candidate.registration_id, "room_id": candidate.room_id}
        self.put(MisconductCase, **of, state=MisconductState.NOTIFIED)


HOLDS: dict[Hold, Callable[[_Keeper, Candidate], object]] = {
    Hold.CASE: _Keeper.open_case,
    Hold.OBJECTION: _Keeper.object_to,
    Hold.RECHECK: _Keeper.recheck,
    Hold.MISCONDUCT: _Keeper.accuse,
    Hold.LATE_FILE: _Keeper.bring_late,
    Hold.CERTIFICATE: _Keeper.suspend,
}
"""What is open of a candidate; the others are of a whole exam."""


def let_go(house: House, kept: Kept) -> None:
    """Everything that was open is ended."""
    unreleased = kept.exams[Hold.UNRELEASED]
    ends = (
        f"INSERT INTO result_release (exam_id, state) VALUES ({unreleased}, '{ReleaseState.RELEASED}')",
        f"UPDATE clearance_case SET state = '{CaseState.REJECTED}'",
        f"UPDATE objection SET state = '{ObjectionState.DISMISSED}'",
        f"UPDATE recheck SET state = '{RecheckState.ANSWERED}'",
        f"UPDATE rescoring SET state = '{RescoringState.DECLINED}'",
        f"UPDATE misconduct_case SET state = '{MisconductState.SETTLED}'",
        f"UPDATE response_file SET state = '{FileState.REFUSED}'",
        f"UPDATE certificate SET state = '{CertificateState.CANCELLED}'",
    )
    with house.database.transaction() as db:
        for statement in ends:
            db.execute(text(statement))
