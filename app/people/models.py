"""Units, party organisations, persons, what is known of their standing, and the working calendar."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.people.changes.rules import ChangeKind, ChangeState
from app.people.identity import Gender
from app.people.rules import (
    Education,
    FactKind,
    PartyOrganisationKind,
    PoliticalStatus,
    Relation,
    UnitKind,
)
from app.people.training.rules import TrainingKind, TrainingState
from question_bank.items import Level


class Unit(Base):
    """单位: an employing body. `path` is "/1/7/": a scope covers every unit whose path starts with its own."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[UnitKind] = mapped_column(closed_set(UnitKind))
    name: Mapped[str] = mapped_column(String(200), unique=True)
    headcount: Mapped[int] = mapped_column(Integer)
    quota_posts: Mapped[int] = mapped_column(Integer)
    """员额: posts for dedicated workers, within `app.people.rules.quota_range` of its kind or as approved."""


class PartyOrganisation(Base):
    """党组织: a node of the Party tree; belongs to a unit. Two trees, on purpose."""

    __tablename__ = "party_organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("party_organisation.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[PartyOrganisationKind] = mapped_column(closed_set(PartyOrganisationKind))
    name: Mapped[str] = mapped_column(String(200))


class Person(Base):
    """人员. The ID number is encrypted under the person's own key and found by its keyed index only (P46)."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_unit_id_in_post", "unit_id", "in_post"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_pinyin: Mapped[str] = mapped_column(String(200), index=True)
    name_initials: Mapped[str] = mapped_column(String(40), index=True)
    gender: Mapped[Gender] = mapped_column(closed_set(Gender))
    birth_date: Mapped[date] = mapped_column(Date)
    id_number_cipher: Mapped[str] = mapped_column(Text)
    id_number_index: Mapped[str] = mapped_column(String(64), unique=True)
    id_number_masked: Mapped[str] = mapped_column(String(18))
    phone_cipher: Mapped[str | None] = mapped_column(Text)
    """手机号, encrypted like the ID number; nothing searches by it, so it has no index. None: there is none."""
    phone_masked: Mapped[str | None] = mapped_column(String(11))
    wrapped_key: Mapped[str | None] = mapped_column(Text)
    """The person's data key, wrapped; erasure destroys it (P47)."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    party_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("party_organisation.id"))
    political_status: Mapped[PoliticalStatus] = mapped_column(closed_set(PoliticalStatus))
    in_post: Mapped[bool]
    post: Mapped[str] = mapped_column(String(100))
    education: Mapped[Education] = mapped_column(closed_set(Education))
    photo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """295 × 413 JPEG, re-encoded by us. Read only where it is asked for: lists of hundreds would carry megabytes."""
    created_at: Mapped[datetime]


class PersonRelation(Base):
    """A relation between two persons that keeps one from judging the other (回避); read in both directions."""

    __tablename__ = "person_relation"
    __table_args__ = (
        UniqueConstraint("person_id", "other_id"),
        CheckConstraint("person_id <> other_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    relation: Mapped[Relation] = mapped_column(closed_set(Relation))


class StandingFactRow(Base):
    """持证状态的一项事实, appended by whichever feature learns it and never changed: a later row of the same kind and
    `reference` takes the place of the earlier one. See `app.people.rules.StandingFact` for the fields."""

    __tablename__ = "standing_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[FactKind] = mapped_column(closed_set(FactKind))
    reference: Mapped[str] = mapped_column(String(80))
    level: Mapped[Level | None] = mapped_column(closed_set(Level))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)
    amount: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime]


class TrainingRecord(Base):
    """培训学时: hours that a person has attended, entered by one and confirmed by another. All three are natural
    persons; a confirmed record is a fact of standing as well."""

    __tablename__ = "training_record"
    __table_args__ = (CheckConstraint("hundredths > 0", name="hundredths"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[TrainingState] = mapped_column(closed_set(TrainingState))
    day: Mapped[date] = mapped_column(Date)
    kind: Mapped[TrainingKind] = mapped_column(closed_set(TrainingKind))
    hundredths: Mapped[int] = mapped_column(Integer)
    """Hundredths of an hour."""
    title: Mapped[str] = mapped_column(String(200))
    entered_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was declined or withdrawn; empty otherwise."""


class RegisterChange(Base):
    """人员变动备案: a change of a person's or a unit's row, filed by one and confirmed by another natural person."""

    __tablename__ = "register_change"
    __table_args__ = (
        CheckConstraint("kind = 'newcomer' OR (kind = 'figures') = (person_id IS NULL)", name="subject"),
        Index("uq_register_change_number_index", "number_index", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Whose row is to change; None where it is the unit's, and of a new person until they are entered."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    """The unit whose row is to change, or that the person was in when it was filed."""
    kind: Mapped[ChangeKind] = mapped_column(closed_set(ChangeKind))
    state: Mapped[ChangeState] = mapped_column(closed_set(ChangeState), index=True)
    day: Mapped[date] = mapped_column(Date)
    """On which it took effect."""
    due_on: Mapped[date] = mapped_column(Date)
    """By which it had to be filed; by the calendar as it stood then."""
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Columns by name, see `app.people.changes.rules.Difference`."""
    number_index: Mapped[str | None] = mapped_column(String(64))
    """The keyed index of the ID number that it brings, while it waits; the number itself is nowhere before it is
    confirmed."""
    reason: Mapped[str] = mapped_column(Text, default="")
    filed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    filed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was returned; empty otherwise."""


class CalendarEntry(Base):
    """One day that differs from its weekday: a holiday, or a make-up workday. An administrator may add to it."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str] = mapped_column(String(100))
