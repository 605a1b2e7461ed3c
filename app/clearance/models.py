"""Clearance cases, each office's check, opinions and sign-offs, statements, joint review, public notice, objections.

Findings (grounds, explanations, statements) are encrypted under the person's own key (P46).
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clearance.rules import CaseState, CheckState, NoticeState, ObjectionState, Office, Outcome
from app.database import Base, closed_set


class ClearanceCase(Base):
    """审查案: opened when a person's passing result is released. One per registration."""

    __tablename__ = "clearance_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    state: Mapped[CaseState] = mapped_column(closed_set(CaseState))
    review: Mapped[int] = mapped_column(Integer)
    """Counts the reviews: a case whose checks were asked for again is reviewed again."""
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class Check(Base):
    """审查项: one office's part of a case."""

    __tablename__ = "clearance_check"
    __table_args__ = (UniqueConstraint("case_id", "office"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("clearance_case.id"))
    office: Mapped[Office] = mapped_column(closed_set(Office))
    state: Mapped[CheckState] = mapped_column(closed_set(CheckState))
    round: Mapped[int] = mapped_column(Integer)
    """1, and 2 after the person could answer an adverse outcome."""
    due_on: Mapped[date] = mapped_column(Date)
    outcome: Mapped[Outcome | None] = mapped_column(closed_set(Outcome))
    signed_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    """An outcome ages: after this it must be asked for again before a certificate is issued."""
    statement_due_at: Mapped[datetime | None]


class Opinion(Base):
    """经办意见: the handler's word on a check. Never changes; a correction is a new opinion (P30)."""

    __tablename__ = "opinion"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("clearance_check.id"), index=True)
    round: Mapped[int] = mapped_column(Integer)
    handler_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[Outcome] = mapped_column(closed_set(Outcome))
    ground_cipher: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class SignOff(Base):
    """审批: the approver's word on an opinion; another person than the handler (P29)."""

    __tablename__ = "sign_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinion.id"), unique=True)
    approver_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    agreed: Mapped[bool]
    """False sends the check back to the handler."""
    reason_cipher: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Statement(Base):
    """陈述申辩: the person's answer to an adverse outcome before it is final."""

    __tablename__ = "statement"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("clearance_check.id"), unique=True)
    text_cipher: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class JointReview(Base):
    """综合评审: one panel member's vote on a case in one review. Two that agree decide."""

    __tablename__ = "joint_review"
    __table_args__ = (UniqueConstraint("case_id", "review", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("clearance_case.id"))
    review: Mapped[int] = mapped_column(Integer)
    """Counts the reviews of a case: asked again, it is reviewed again."""
    member_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approve: Mapped[bool]
    reason_cipher: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class PublicNotice(Base):
    """公示: the list shown for N working days. `last_day` is the last of them (local date)."""

    __tablename__ = "public_notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    state: Mapped[NoticeState] = mapped_column(closed_set(NoticeState))
    document_number: Mapped[str] = mapped_column(String(100))
    working_days: Mapped[int] = mapped_column(Integer)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    last_day: Mapped[date | None] = mapped_column(Date)
    ends_at: Mapped[datetime | None]


class NoticeEntry(Base):
    """One person on a public notice: masked name and unit as they were shown."""

    __tablename__ = "notice_entry"
    __table_args__ = (UniqueConstraint("notice_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notice.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("clearance_case.id"), index=True)
    masked_name: Mapped[str] = mapped_column(String(100))
    unit_name: Mapped[str] = mapped_column(String(200))


class Objection(Base):
    """异议: what was raised against one entry while it was shown."""

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("notice_entry.id"), index=True)
    state: Mapped[ObjectionState] = mapped_column(closed_set(ObjectionState))
    text_cipher: Mapped[str] = mapped_column(Text)
    contact_cipher: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decision_cipher: Mapped[str | None] = mapped_column(Text)
