"""Attempts, the answer journal, what it is folded into, granted time, and what the proctor's desk needs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.attempts.on_paper.rules import SheetState
from app.attempts.proctoring.rules import TimeCause
from app.attempts.response_files.rules import FileState, Proposal
from app.attempts.rules import AttemptState, Closing, RefusedWhy
from app.attempts.switches.rules import SwitchCause, SwitchKind, SwitchState
from app.database import Base, closed_set


class Attempt(Base):
    """答卷: one candidate's timed run through a form. One per registration, whatever the concurrency (P8)."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_state_next_check_at", "state", "next_check_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), unique=True)
    state: Mapped[AttemptState] = mapped_column(closed_set(AttemptState))
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    """min(entry + duration, window end) + granted + paused; recomputed from the ledger whenever that grows."""
    next_check_at: Mapped[datetime]
    """An index for the sweeper, never the truth."""
    writing_session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    """The one log-in session whose saves count (P12); empty where it began on paper."""
    epoch: Mapped[int] = mapped_column(Integer)
    """Counts take-overs; a save names the epoch it was made in."""
    writing_since: Mapped[datetime]
    """When the writing session began to write: the start, or the last take-over."""
    closed_at: Mapped[datetime | None]
    """As of when it was closed: the moment of hand-in, or the deadline itself, never the sweeper's."""
    closing: Mapped[Closing | None] = mapped_column(closed_set(Closing))
    receipt_code: Mapped[str | None] = mapped_column(String(40))
    paused_at: Mapped[datetime | None]
    """Since when its clock stands still; see `Pause`, the ledger."""
    lockdown: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether each of its requests must prove the exam's browser: asked for, and not waived for this seat."""


class JournalEntry(Base):
    """One acknowledged save, appended: also its audit record. The newest revision of a position counts (P3)."""

    __tablename__ = "answer_journal"
    __table_args__ = (UniqueConstraint("attempt_id", "position", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int]
    """No foreign key: a check per row would cost more than the row; the batch that appends it holds the attempt."""
    position: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int]
    epoch: Mapped[int] = mapped_column(Integer)
    response: Mapped[str] = mapped_column(Text)
    arrived_at: Mapped[datetime]


class Response(Base):
    """作答 as folded from the journal: the newest revision of each position."""

    __tablename__ = "response"

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """No foreign key, as in the journal: whoever folds holds the attempt; a check per row costs what the row does."""
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    revision: Mapped[int]
    response: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class ResponsesDestroyed(Base):
    """That the responses of an attempt were destroyed at the end of their term, and what they hashed to when it was
    closed: the code shown at its end is still verified, and nobody scores what is not there (P6, P37)."""

    __tablename__ = "responses_destroyed"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True, autoincrement=False)
    responses_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class RefusedSave(Base):
    """A save that came too late or from the wrong place: refused, kept as evidence, listed in the report (P9). The same
    save sent again is not listed again."""

    __tablename__ = "refused_save"
    __table_args__ = (UniqueConstraint("attempt_id", "position", "revision", "why"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    position: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int]
    response: Mapped[str] = mapped_column(Text)
    why: Mapped[RefusedWhy] = mapped_column(closed_set(RefusedWhy))
    arrived_at: Mapped[datetime]


class ResponseFile(Base):
    """加密作答文件 that a proctor brought from a candidate's computer; one that came too late waits for two people."""

    __tablename__ = "response_file"
    __table_args__ = (UniqueConstraint("attempt_id", "file_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    file_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file as it came."""
    state: Mapped[FileState] = mapped_column(closed_set(FileState))
    why: Mapped[RefusedWhy | None] = mapped_column(closed_set(RefusedWhy))
    """Why it is held; None where it was merged at once."""
    made_at: Mapped[datetime]
    """When the page says that it made the file."""
    arrived_at: Mapped[datetime]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    content: Mapped[str] = mapped_column(Text)
    """JSON: [position, revision, epoch, canonical response] of each."""
    newer: Mapped[int] = mapped_column(Integer)
    """How many of its responses were newer than what was stored when it came."""
    proposal: Mapped[Proposal | None] = mapped_column(closed_set(Proposal))
    cause: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    hash_before: Mapped[str | None] = mapped_column(String(64))
    """What the responses hashed to before this file was accepted: the code shown at the end vouches for those."""


class GrantedTime(Base):
    """补时: an entry of the ledger from which a deadline is recomputed; never shortens (P11)."""

    __tablename__ = "granted_time"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    seconds: Mapped[int] = mapped_column(Integer)
    cause: Mapped[TimeCause] = mapped_column(closed_set(TimeCause))
    note: Mapped[str] = mapped_column(Text)
    granted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


_UNDER_WAY = text("ended_at IS NULL")
_ROOM_UNDER_WAY = text("ended_at IS NULL AND attempt_id IS NULL")


class Pause(Base):
    """暂停: an entry of the ledger. `attempt_id` is empty for the room itself, whose late entry and end move by it;
    `with_room` says that the attempt was stopped together with its room, and goes on with it."""

    __tablename__ = "pause"
    __table_args__ = (
        Index(
            "uq_pause_attempt",
            "attempt_id",
            unique=True,
            postgresql_where=_UNDER_WAY,
            sqlite_where=_UNDER_WAY,
        ),
        Index(
            "uq_pause_room",
            "room_id",
            unique=True,
            postgresql_where=_ROOM_UNDER_WAY,
            sqlite_where=_ROOM_UNDER_WAY,
        ),
        Index("ix_pause_room_id_attempt_id", "room_id", "attempt_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    with_room: Mapped[bool]
    cause: Mapped[TimeCause] = mapped_column(closed_set(TimeCause))
    note: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime]
    began_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    seconds: Mapped[int] = mapped_column(Integer, default=0)
    """What it adds to the deadline, whole seconds; 0 while it lasts."""


_WAITS = text("state = 'proposed'")


class RoomSwitch(Base):
    """启用备用卷, 转为纸笔作答: proposed for a room, or for every room of its sitting while `room_id` is empty, and
    carried out or declined by another person."""

    __tablename__ = "room_switch"
    __table_args__ = (
        Index("uq_room_switch_waits", "sitting_id", unique=True, postgresql_where=_WAITS, sqlite_where=_WAITS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    kind: Mapped[SwitchKind] = mapped_column(closed_set(SwitchKind))
    cause: Mapped[SwitchCause] = mapped_column(closed_set(SwitchCause))
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[SwitchState] = mapped_column(closed_set(SwitchState))
    switched: Mapped[int] = mapped_column(Integer, default=0)
    """How many candidates it has touched."""
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]


class PaperSheet(Base):
    """答题卡 of one attempt that goes on paper: awaited, keyed twice, settled."""

    __tablename__ = "paper_sheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), unique=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    switch_id: Mapped[int] = mapped_column(ForeignKey("room_switch.id"))
    state: Mapped[SheetState] = mapped_column(closed_set(SheetState))
    proposal: Mapped[str | None] = mapped_column(Text)
    """JSON, as of a keying: what one of the two who keyed it proposes to count."""
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]


class PaperKeying(Base):
    """录入: what one person read on a sheet; never changed, and shown to nobody else before the second."""

    __tablename__ = "paper_keying"
    __table_args__ = (UniqueConstraint("sheet_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("paper_sheet.id"))
    number: Mapped[int] = mapped_column(Integer)
    keyed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    keyed_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(Text)
    """JSON: `present`, and `responses` by position, canonical."""


class PaperScan(Base):
    """扫描件 of a sheet, a page each, decoded and written anew."""

    __tablename__ = "paper_scan"
    __table_args__ = (UniqueConstraint("sheet_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("paper_sheet.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]


class Presence(Base):
    """When the page of an attempt was last heard of, and last saved; gathered in memory and written a few seconds
    later (`app.attempts.proctoring.presence`). For the eyes of the board only: no rule depends on it."""

    __tablename__ = "presence"

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """No foreign key: a check per row would cost more than the row."""
    seen_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]


class CheckInCode(Base):
    """签到码: shown on the proctor's board for one person, single use, short life; also releases a take-over."""

    __tablename__ = "check_in_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    code_cipher: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    """The log-in session that was opened, or released to take over, with this code."""
    issued_by: Mapped[int] = mapped_column(ForeignKey("account.id"))


class Declaration(Base):
    """诚信承诺 as the candidate made it, once per registration; its words stand in `declarations.TEXTS`."""

    __tablename__ = "declaration"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    version: Mapped[int] = mapped_column(Integer)
    accepted_at: Mapped[datetime]
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    """The log-in session in which it was made."""
