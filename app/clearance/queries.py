"""Everything that is read from the tables of clearance."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session

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
from app.clearance.rules import (
    APPROVES,
    HANDLES,
    CaseState,
    CheckState,
    NoticeState,
    ObjectionState,
    Office,
    Outcome,
)
from app.database import find_one, locked
from app.errors import NotFound
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Check]:
    """The checks this actor may see: those of the office they handle or approve for; another office's look missing,
    and so do those of a case that was withdrawn.

    The panel sees all, once the case is theirs to review; see `cases_visible`.
    """
    offices = [o for o in Office if actor.may(HANDLES[o]) or actor.may(APPROVES[o])]
    if not offices:
        return select(Check).where(false())
    return select(Check).where(Check.office.in_(offices), Check.case_id.not_in(_withdrawn()))


def _withdrawn() -> Select[int]:
    return select(ClearanceCase.id).where(ClearanceCase.state == CaseState.WITHDRAWN)


def cases_visible(actor: Actor) -> Select[ClearanceCase]:
    """The cases this actor may see as a whole: the panel's, except while offices are still at work on them, and those
    that were withdrawn."""
    if not actor.may(Capability.CASE_READ):
        return select(ClearanceCase).where(false())
    return select(ClearanceCase).where(ClearanceCase.state.not_in([CaseState.CHECKING, CaseState.WITHDRAWN]))


def find_check(db: Session, actor: Actor, check_id: int) -> Check:
    """One visible check, with its case locked: what two offices do to one case happens one after the other."""
    found = db.scalars(visible(actor).where(Check.id == check_id)).one_or_none()
    if found is None:
        raise NotFound
    lock_case(db, found.case_id)
    db.refresh(found)
    return found


def lock_case(db: Session, case_id: int) -> ClearanceCase:
    """A case by id, locked for the transaction. Raises NotFound."""
    return find_one(db, locked(select(ClearanceCase).where(ClearanceCase.id == case_id)))


def find_case(db: Session, actor: Actor, case_id: int) -> ClearanceCase:
    """One visible case, locked. Raises NotFound."""
    if db.scalars(cases_visible(actor).where(ClearanceCase.id == case_id)).one_or_none() is None:
        raise NotFound
    return lock_case(db, case_id)


def list_checks(
    db: Session, actor: Actor, *, states: Collection[CheckState], after: int, limit: int
) -> list[tuple[Check, ClearanceCase]]:
    """Visible checks in these states with their cases, oldest first."""
    rows = db.execute(
        visible(actor)
        .add_columns(ClearanceCase)
        .join(ClearanceCase, ClearanceCase.id == Check.case_id)
        .where(Check.state.in_(states), Check.id > after)
        .order_by(Check.id)
        .limit(limit)
    )
    return [(check, case) for check, case in rows]


def list_cases(
    db: Session, actor: Actor, *, states: Collection[CaseState], after: int, limit: int
) -> Sequence[ClearanceCase]:
    """Visible cases in these states, oldest first."""
    return db.scalars(
        cases_visible(actor)
        .where(ClearanceCase.state.in_(states), ClearanceCase.id > after)
        .order_by(ClearanceCase.id)
        .limit(limit)
    ).all()


def checks_of(db: Session, case_ids: Collection[int]) -> dict[int, list[Check]]:
    """The checks of cases, by case, in the order of offices."""
    found: dict[int, list[Check]] = {case_id: [] for case_id in case_ids}
    for check in db.scalars(select(Check).where(Check.case_id.in_(case_ids)).order_by(Check.office)):
        found[check.case_id].append(check)
    return found


def outcomes_of(db: Session, case_id: int) -> dict[Office, tuple[Outcome | None, datetime | None]]:
    """What each office has said last, and until when it holds."""
    return {c.office: (c.outcome, c.valid_until) for c in checks_of(db, [case_id])[case_id]}


def last_opinion(db: Session, check_id: int) -> Opinion | None:
    """The newest opinion on a check."""
    return db.scalars(
        select(Opinion).where(Opinion.check_id == check_id).order_by(Opinion.id.desc()).limit(1)
    ).one_or_none()


def people_on_checks(db: Session, case_id: int) -> set[int]:
    """The accounts that handled or signed any check of a case."""
    handlers = db.scalars(
        select(Opinion.handler_id).join(Check, Check.id == Opinion.check_id).where(Check.case_id == case_id)
    )
    approvers = db.scalars(
        select(SignOff.approver_id)
        .join(Opinion, Opinion.id == SignOff.opinion_id)
        .join(Check, Check.id == Opinion.check_id)
        .where(Check.case_id == case_id)
    )
    return {*handlers, *approvers}


def statement_of(db: Session, check_id: int) -> Statement | None:
    """What the person has stated, if they have."""
    return db.scalars(select(Statement).where(Statement.check_id == check_id)).one_or_none()


def checks_awaiting_person(db: Session, person_id: int) -> Sequence[Check]:
    """Checks whose adverse outcome a person may answer now."""
    return db.scalars(
        select(Check)
        .join(ClearanceCase, ClearanceCase.id == Check.case_id)
        .where(
            ClearanceCase.person_id == person_id,
            ClearanceCase.state != CaseState.WITHDRAWN,
            Check.state == CheckState.STATEMENT,
        )
        .order_by(Check.id)
    ).all()


def overdue_statements(db: Session, now: datetime) -> Sequence[int]:
    """Cases with a check whose time for a statement is over."""
    return db.scalars(
        select(Check.case_id).where(
            Check.state == CheckState.STATEMENT, Check.statement_due_at <= now, Check.case_id.not_in(_withdrawn())
        )
    ).all()


def votes_of(db: Session, case_id: int, review: int) -> Sequence[JointReview]:
    """The votes given in one review of a case."""
    return db.scalars(
        select(JointReview).where(JointReview.case_id == case_id, JointReview.review == review).order_by(JointReview.id)
    ).all()


def case_of_registration(db: Session, registration_id: int) -> ClearanceCase | None:
    """The case that a registration's pass has opened."""
    return db.scalars(select(ClearanceCase).where(ClearanceCase.registration_id == registration_id)).one_or_none()


def approved_unshown(db: Session, exam_id: int) -> Sequence[ClearanceCase]:
    """Approved cases of an exam that stand on no notice that was published or is proposed."""
    shown = (
        select(NoticeEntry.case_id)
        .join(PublicNotice, PublicNotice.id == NoticeEntry.notice_id)
        .join(ClearanceCase, ClearanceCase.id == NoticeEntry.case_id)
        .where(
            PublicNotice.state != NoticeState.DECLINED,
            or_(PublicNotice.published_at.is_(None), PublicNotice.published_at >= ClearanceCase.decided_at),
        )
    )
    return db.scalars(
        select(ClearanceCase)
        .where(
            ClearanceCase.exam_id == exam_id,
            ClearanceCase.state == CaseState.APPROVED,
            ClearanceCase.id.not_in(shown),
        )
        .order_by(ClearanceCase.id)
    ).all()


def exams_with_cases(db: Session) -> list[int]:
    """Exams that have opened cases, newest first."""
    return list(db.scalars(select(ClearanceCase.exam_id).distinct().order_by(ClearanceCase.exam_id.desc())))


def cases_of_exam(db: Session, exam_id: int) -> Sequence[ClearanceCase]:
    """Every case of an exam, for counting and for those above."""
    return db.scalars(select(ClearanceCase).where(ClearanceCase.exam_id == exam_id).order_by(ClearanceCase.id)).all()


def find_notice(db: Session, notice_id: int, *, lock: bool = False) -> PublicNotice:
    """One notice. Raises NotFound."""
    query = select(PublicNotice).where(PublicNotice.id == notice_id)
    return find_one(db, locked(query) if lock else query)


def notices(db: Session, *, states: Collection[NoticeState]) -> Sequence[PublicNotice]:
    """Notices in these states, newest first."""
    return db.scalars(select(PublicNotice).where(PublicNotice.state.in_(states)).order_by(PublicNotice.id.desc())).all()


def entries_of(db: Session, notice_id: int) -> Sequence[NoticeEntry]:
    """The persons on a notice, in the order they are shown; without those whose case was withdrawn meanwhile."""
    shown = NoticeEntry.notice_id == notice_id, NoticeEntry.case_id.not_in(_withdrawn())
    return db.scalars(select(NoticeEntry).where(*shown).order_by(NoticeEntry.id)).all()


def find_entry(db: Session, notice_id: int, entry_id: int) -> NoticeEntry:
    """One entry of a notice. Raises NotFound."""
    return find_one(db, select(NoticeEntry).where(NoticeEntry.id == entry_id, NoticeEntry.notice_id == notice_id))


def notice_of_case(db: Session, case_id: int) -> PublicNotice | None:
    """The newest published notice that a case stands on."""
    return db.scalars(
        select(PublicNotice)
        .join(NoticeEntry, NoticeEntry.notice_id == PublicNotice.id)
        .where(NoticeEntry.case_id == case_id, PublicNotice.state == NoticeState.PUBLISHED)
        .order_by(PublicNotice.id.desc())
        .limit(1)
    ).one_or_none()


def notices_of_cases(db: Session, case_ids: Collection[int]) -> dict[int, PublicNotice]:
    """The newest published notice that each of these cases stands on, by case; cases on none are left out."""
    rows = db.execute(
        select(NoticeEntry.case_id, PublicNotice)
        .join(PublicNotice, PublicNotice.id == NoticeEntry.notice_id)
        .where(NoticeEntry.case_id.in_(case_ids), PublicNotice.state == NoticeState.PUBLISHED)
        .order_by(PublicNotice.id)
    )
    return {row[0]: row[1] for row in rows}


def objected_cases(db: Session, case_ids: Collection[int]) -> set[int]:
    """Which of these cases an objection holds back."""
    return set(
        db.scalars(
            select(NoticeEntry.case_id)
            .join(Objection, Objection.entry_id == NoticeEntry.id)
            .where(NoticeEntry.case_id.in_(case_ids), Objection.state == ObjectionState.OPEN)
        )
    )


def cases_by_id(db: Session, case_ids: Collection[int]) -> dict[int, ClearanceCase]:
    """Many cases at once, for the service's own work."""
    return {case.id: case for case in db.scalars(select(ClearanceCase).where(ClearanceCase.id.in_(case_ids)))}


def open_objections(db: Session) -> list[tuple[Objection, NoticeEntry]]:
    """Objections that wait for a decision, oldest first."""
    rows = db.execute(
        select(Objection, NoticeEntry)
        .join(NoticeEntry, NoticeEntry.id == Objection.entry_id)
        .where(Objection.state == ObjectionState.OPEN)
        .order_by(Objection.id)
    )
    return [(objection, entry) for objection, entry in rows]


def case_of_objection(db: Session, objection_id: int) -> int:
    """The case that an objection is against. Raises NotFound."""
    return find_one(
        db,
        select(NoticeEntry.case_id)
        .join(Objection, Objection.entry_id == NoticeEntry.id)
        .where(Objection.id == objection_id),
    )


def find_objection(db: Session, objection_id: int) -> Objection:
    """One objection; lock its case first. Raises NotFound."""
    return find_one(db, select(Objection).where(Objection.id == objection_id).execution_options(populate_existing=True))


def open_cases() -> Select[int]:
    """The registrations whose clearance case has not been decided."""
    under_way = ClearanceCase.state.in_((CaseState.CHECKING, CaseState.IN_REVIEW))
    return select(ClearanceCase.registration_id).where(under_way)


def objected() -> Select[int]:
    """The registrations against which an objection has not been decided."""
    case = select(ClearanceCase.registration_id).join(NoticeEntry, NoticeEntry.case_id == ClearanceCase.id)
    return case.join(Objection, Objection.entry_id == NoticeEntry.id).where(Objection.state == ObjectionState.OPEN)
