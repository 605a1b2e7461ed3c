"""Exports of banks: seen by the author group of the bank, and by those who may grant them."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.authoring.models import Bank, BankExport
from app.authoring.queries import visible_ids
from app.database import find_one, locked
from app.security.actor import Actor
from app.security.permissions import Capability


def exports_of(db: Session, bank_id: int, *, limit: int) -> Sequence[BankExport]:
    """The exports of a bank that the caller has found, the newest first."""
    return db.scalars(
        select(BankExport).where(BankExport.bank_id == bank_id).order_by(BankExport.id.desc()).limit(limit)
    ).all()


def find_export(db: Session, actor: Actor, export_id: int, capability: Capability) -> BankExport:
    """One export of a bank in which the actor has the capability; its row is held. Raises NotFound."""
    allowed = BankExport.bank_id.in_(visible_ids(actor, capability))
    return find_one(db, locked(select(BankExport).where(BankExport.id == export_id, allowed)))


def waiting_exports(db: Session, actor: Actor) -> Sequence[tuple[BankExport, str]]:
    """The exports that wait for a grant within what the actor approves, with the names of their banks."""
    rows = db.execute(
        select(BankExport, Bank.name)
        .join(Bank, Bank.id == BankExport.bank_id)
        .where(BankExport.granted_by.is_(None), Bank.id.in_(visible_ids(actor, Capability.EXAM_APPROVE)))
        .order_by(BankExport.id)
    )
    return [(row[0], row[1]) for row in rows]


def waiting_export_count(db: Session, actor: Actor) -> int:
    """How many those are."""
    allowed = visible_ids(actor, Capability.EXAM_APPROVE)
    return db.scalar(select(func.count()).where(BankExport.granted_by.is_(None), BankExport.bank_id.in_(allowed))) or 0
