"""What authoring keeps for a term: what was read of imports that nobody committed or discarded."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.authoring.import_models import ImportEntry, ImportPack
from app.authoring.models import BankImport
from app.authoring.rules import ImportState
from app.holdings import Holding, Part


def _due(until: datetime) -> Select[int]:
    return select(BankImport.id).where(
        BankImport.state == ImportState.CHECKED, ~BankImport.entering, BankImport.uploaded_at <= until
    )


def _settle(db: Session, import_ids: Collection[int], now: datetime) -> None:
    db.execute(update(BankImport).where(BankImport.id.in_(import_ids)).values(settled_at=now))


IMPORTS = Holding(
    "imports",
    (
        Part(ImportEntry.import_id),
        Part(ImportPack.import_id),
        Part(BankImport.id, leaves={"state": ImportState.DISCARDED, "read": b""}),
    ),
    _due,
    note=_settle,
)
