"""Blueprints, exams, sittings, rooms, registrations, and what sealing freezes: the pool and the forms."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.exams.accommodations import AccommodationState
from app.exams.emergencies import ChangeKind, ChangeState
from app.exams.integrity import Integrity
from app.exams.registering.rules import RegistrationWay
from app.exams.rules import BlueprintState, ExamState, ListState, RegistrationState
from question_bank.items import Level


class BlueprintRow(Base):
    """组卷方案: what a form must contain, approved by a second person."""

    __tablename__ = "blueprint"

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    name: Mapped[str] = mapped_column(String(200), unique=True)
    level: Mapped[Level] = mapped_column(closed_set(Level))
    state: Mapped[BlueprintState] = mapped_column(closed_set(BlueprintState))
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `question_bank.blueprint.Blueprint`."""
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was returned; empty otherwise."""
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]


class BlueprintAlert(Base):
    """缺题提示: from a day on the bank cannot serve a blueprint, for a document that its items cite ends then."""

    __tablename__ = "blueprint_alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprint.id"), index=True)
    from_day: Mapped[date]
    short: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The cells that fall short: section, topic, item_type, wanted, served."""
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Exam(Base):
    """考试: one administration for one level. After sealing nothing of it changes."""

    __tablename__ = "exam"
    __table_args__ = (
        CheckConstraint("registration_closes_at > registration_opens_at", name="registration_window"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 600", name="duration"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    level: Mapped[Level] = mapped_column(closed_set(Level))
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprint.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("eligibility_policy.id"))
    """The version of the policy of eligibility that it was announced under; given when it is published."""
    state: Mapped[ExamState] = mapped_column(closed_set(ExamState))
    registration_opens_at: Mapped[datetime]
    registration_closes_at: Mapped[datetime]
    way: Mapped[RegistrationWay] = mapped_column(
        closed_set(RegistrationWay), default=RegistrationWay.UNIT, server_default="unit"
    )
    endorsement_closes_at: Mapped[datetime | None]
    """Until when units endorse what persons entered; empty: until the exam is sealed."""
    duration_minutes: Mapped[int] = mapped_column(Integer)
    late_entry_minutes: Mapped[int] = mapped_column(Integer)
    earliest_hand_in_minutes: Mapped[int] = mapped_column(Integer)
    reserve_forms: Mapped[int] = mapped_column(Integer)
    """Spare forms for who joins after sealing."""
    reserve_set: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether sealing draws, beside every form, one of other items that a room can be switched to."""
    lockdown: Mapped[bool] = mapped_column(default=False, server_default=false())
    """考试浏览器: whether it is sat in Safe Exam Browser alone."""
    integrity: Mapped[Integrity] = mapped_column(closed_set(Integrity), default=Integrity.BASIC, server_default="basic")
    makes_up_for: Mapped[int | None] = mapped_column(ForeignKey("exam.id"))
    """补考: the exam that this one makes up for; empty for every other exam."""
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was last returned, declined or cancelled; empty otherwise."""
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    seal_proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sealed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sealed_at: Mapped[datetime | None]
    seed_cipher: Mapped[str | None] = mapped_column(Text)
    seed_commitment: Mapped[str | None] = mapped_column(String(64))
    """Published when sealed; the seed itself is disclosed after the exam (P16)."""
    seed_disclosed: Mapped[str | None] = mapped_column(String(64))
    """The seed (hex), once every sitting is over and it was made public."""
    pool_hash: Mapped[str | None] = mapped_column(String(64))
    forms_hash: Mapped[str | None] = mapped_column(String(64))
    draw_version: Mapped[str | None] = mapped_column(String(8))
    """The version of the draw that it was sealed with; empty means the first, cz1."""
    draw_facts: Mapped[str | None] = mapped_column(Text)
    """Canonical JSON of `question_bank.assembly.PoolFacts`: what the draw was told of the pool."""
    tickets_from: Mapped[datetime | None]
    """When candidates and units may begin to print admission tickets; empty: once the exam is sealed."""
    tickets_until: Mapped[datetime | None]
    """Until when; empty: until the sitting ends."""
    fairness: Mapped[str | None] = mapped_column(Text)
    """JSON of the fairness report: of a trial while sealing is proposed, then of the forms themselves."""
    reserve_fairness: Mapped[str | None] = mapped_column(Text)
    """The same of the reserve set, with how many items the two sets have in common; empty where there is none."""


class Sitting(Base):
    """场次: one start time. `ends_at` is the fixed end: a late comer gets no extra time."""

    __tablename__ = "sitting"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="window"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Room(Base):
    """考场 of one sitting; may be remote (then candidates sign in with number and password)."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("sitting_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    name: Mapped[str] = mapped_column(String(100))
    capacity: Mapped[int] = mapped_column(Integer)
    remote: Mapped[bool]
    columns: Mapped[int] = mapped_column(Integer, default=6, server_default="6")
    """Seats to a row: what neighbours are follows from it."""
    separate: Mapped[bool] = mapped_column(default=False, server_default=false())
    """单独考场: for candidates who were granted a room apart, and for nobody else."""


class RoomProctor(Base):
    """A proctor assigned to a room; never one of the candidates' own unit."""

    __tablename__ = "room_proctor"

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)


_LIVE = text("state IN ('applied', 'registered', 'confirmed')")


class Registration(Base):
    """报名: a person's entry for an exam; with it a person is a candidate. One live entry per person and exam."""

    __tablename__ = "registration"
    __table_args__ = (
        Index(
            "uq_registration_live",
            "exam_id",
            "person_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        UniqueConstraint("exam_id", "ticket_number"),
        UniqueConstraint("room_id", "seat"),
        Index("ix_registration_ticket_number", "ticket_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[RegistrationState] = mapped_column(closed_set(RegistrationState))
    eligibility: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The answers of the rules as last asked: at registration, when settled, at sealing."""
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused; empty otherwise."""
    ticket_number: Mapped[str | None] = mapped_column(String(32))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    seat: Mapped[int | None] = mapped_column(Integer)
    ticket_prints: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often the admission ticket was printed."""
    ticket_told_at: Mapped[datetime | None]
    """When the candidate was told that it can be printed; once for ever."""
    ticket_voided_at: Mapped[datetime | None]
    """Since when what was printed is void: another seat or another time stands on it. Empty again once printed anew."""
    registered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    registered_at: Mapped[datetime]
    endorsed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who endorsed, of the unit, what the person entered themselves."""
    endorsed_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]

    @property
    def ticket_stands(self) -> bool:
        """Whether a ticket was printed that still says what is so."""
        return self.ticket_prints > 0 and self.ticket_voided_at is None


class SeatingDraw(Base):
    """抽座位: one draw of the seats of an exam. The newest counts; the older ones stay, with why they were not kept."""

    __tablename__ = "seating_draw"
    __table_args__ = (UniqueConstraint("exam_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    number: Mapped[int] = mapped_column(Integer)
    version: Mapped[str] = mapped_column(String(8))
    seed: Mapped[str] = mapped_column(String(64))
    """Hex, from a CSPRNG in the act itself. No secret: seats are shown to all, and anybody may draw them again."""
    reason: Mapped[str] = mapped_column(Text)
    """Why it was drawn again; empty for the first."""
    facts: Mapped[str] = mapped_column(Text)
    """Canonical JSON of the candidates and rooms as they stood: what the seats follow from, with the seed."""
    places_hash: Mapped[str] = mapped_column(String(64))
    clashes: Mapped[int] = mapped_column(Integer)
    """Pairs of neighbours of one unit that could not be kept apart."""
    drawn_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    drawn_at: Mapped[datetime]


_APPROVED = text("state = 'approved'")


class Accommodation(Base):
    """合理便利 of one person, for every exam whose sitting begins within its days; approved by a second person."""

    __tablename__ = "accommodation"
    __table_args__ = (
        Index(
            "uq_accommodation_approved",
            "person_id",
            unique=True,
            postgresql_where=_APPROVED,
            sqlite_where=_APPROVED,
        ),
        CheckConstraint("extra_percent = 0 OR extra_minutes = 0", name="one_extra"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[AccommodationState] = mapped_column(closed_set(AccommodationState))
    extra_percent: Mapped[int] = mapped_column(Integer)
    extra_minutes: Mapped[int] = mapped_column(Integer)
    large_print: Mapped[bool]
    separate_room: Mapped[bool]
    near_door: Mapped[bool]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    """The first moment at which it counts no more; None: until it is withdrawn."""
    basis_cipher: Mapped[str] = mapped_column(Text)
    """Why, under the person's own key: often a matter of health (P46)."""
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]


class ExamChange(Base):
    """应急处置: a proposal to postpone an exam or to call it off, and what became of it."""

    __tablename__ = "exam_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    kind: Mapped[ChangeKind] = mapped_column(closed_set(ChangeKind))
    state: Mapped[ChangeState] = mapped_column(closed_set(ChangeState))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]


class RegistrationList(Base):
    """报名名单: a file that a unit uploaded, in two steps: a dry run that shows every row, then one commit. Holds no ID
    number: a person who was found stands by id, everybody else by the row of the file."""

    __tablename__ = "registration_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    state: Mapped[ListState] = mapped_column(closed_set(ListState))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """One object a row: row, name, masked, outcome, zh, en, person_id; see `app.exams.roster`."""
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class PoolItem(Base):
    """备选题集: an item version that the sealed exam's forms were drawn from."""

    __tablename__ = "pool_item"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    topic: Mapped[str | None] = mapped_column(String(500))
    """The path that the item was filed under when the exam was sealed; None: as its version says."""


class FormRow(Base):
    """试卷 of one candidate, or a reserve form (备用卷) while `registration_id` is empty."""

    __tablename__ = "form"
    __table_args__ = (UniqueConstraint("exam_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    number: Mapped[int] = mapped_column(Integer)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), unique=True)
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `question_bank.form.Form`."""
    content_hash: Mapped[str] = mapped_column(String(64))
    view: Mapped[str] = mapped_column(Text)
    """The candidate's view, made when sealed: what a start delivers, holding no key (P14)."""


class ReserveForm(Base):
    """备用卷: a form of the reserve set, beside the form that it can stand in for. Both are drawn when the exam is
    sealed; a switch (decision 0021) gives the candidate the one that nobody had, and nobody has the other any more."""

    __tablename__ = "reserve_form"

    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), primary_key=True)
    beside_id: Mapped[int] = mapped_column(ForeignKey("form.id"), unique=True)
    used_at: Mapped[datetime | None]
    """When it was given out in place of the other."""


class PaperOrder(Base):
    """备用纸质卷: the forms of a sealed exam on paper, ordered by one person and granted by another (P19)."""

    __tablename__ = "paper_order"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
