"""Certificates, the batches they are issued in, acts upon them, and the counter of their numbers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.certificates.rules import ActState, BatchState, CertificateAction, CertificateState, Ground
from app.database import Base, closed_set
from question_bank.items import Level


class CertificateBatch(Base):
    """A batch of one exam's certificates: proposed by one person, issued by another."""

    __tablename__ = "certificate_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    level: Mapped[Level] = mapped_column(closed_set(Level))
    state: Mapped[BatchState] = mapped_column(closed_set(BatchState))
    document_number: Mapped[str] = mapped_column(String(100))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]
    job_id: Mapped[int | None]
    """The background job that issues its certificates; no foreign key, for jobs are swept away."""


class BatchEntry(Base):
    """A case proposed for a certificate; `held_back` names, when the batch was issued, the conditions that failed."""

    __tablename__ = "batch_entry"
    __table_args__ = (UniqueConstraint("batch_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("certificate_batch.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("clearance_case.id"), index=True)
    held_back: Mapped[str | None] = mapped_column(String(200))
    """Values of `Condition`, with commas between them."""


_LIVE = text("state IN ('active', 'suspended')")


class Certificate(Base):
    """证书. Its number is sequential and explained, its check code unguessable (P33, P34)."""

    __tablename__ = "certificate"
    __table_args__ = (
        Index(
            "uq_certificate_live",
            "person_id",
            "level",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    check_code: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    level: Mapped[Level] = mapped_column(closed_set(Level))
    ground: Mapped[Ground] = mapped_column(closed_set(Ground))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("clearance_case.id"), unique=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_batch.id"), index=True)
    state: Mapped[CertificateState] = mapped_column(closed_set(CertificateState))
    unit_name: Mapped[str] = mapped_column(String(200))
    issued_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    """The first moment at which it is no longer valid: the end of a local day."""
    warned_days: Mapped[int | None] = mapped_column(Integer)
    """The shortest term before its end, in days, that was told of; empty before the first."""
    moved_at: Mapped[datetime]
    """Since when it stands in its state."""
    status_index: Mapped[int] = mapped_column(Integer, unique=True)
    """The place in the status lists, allocated at random."""
    identity_salt: Mapped[bytes] = mapped_column(LargeBinary)
    credential: Mapped[str] = mapped_column(Text)
    """电子凭证: the signed JWT, made once."""


class CertificateAct(Base):
    """A step upon a certificate after its issue, proposed by one person and done by another (P32)."""

    __tablename__ = "certificate_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    action: Mapped[CertificateAction] = mapped_column(closed_set(CertificateAction))
    state: Mapped[ActState] = mapped_column(closed_set(ActState))
    reason_cipher: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]


class NumberCounter(Base):
    """The last certificate number given out per series ("SF-2026-C"); the row's lock makes numbers gapless."""

    __tablename__ = "number_counter"

    series: Mapped[str] = mapped_column(String(32), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
