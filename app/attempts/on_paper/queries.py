"""What is read of sheets, keyings and scans."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.attempts.models import Attempt, PaperKeying, PaperScan, PaperSheet, RoomSwitch
from app.attempts.on_paper.rules import SheetState
from app.attempts.rules import AttemptState
from app.database import find_one, locked
from app.exams.queries.seats import visible_rooms
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[PaperSheet]:
    """The sheets this actor may see: those of the rooms in which they key sheets."""
    return select(PaperSheet).where(PaperSheet.room_id.in_(visible_rooms(actor, by=Capability.SHEET_KEY)))


def list_sheets(db: Session, actor: Actor, *, limit: int = 1000) -> Sequence[PaperSheet]:
    """The visible sheets, the newest switch first."""
    return db.scalars(visible(actor).order_by(PaperSheet.switch_id.desc(), PaperSheet.id).limit(limit)).all()


def sheets_of_rooms(db: Session, room_ids: Collection[int]) -> Sequence[PaperSheet]:
    """Every sheet of these rooms, for the service's own work."""
    return db.scalars(select(PaperSheet).where(PaperSheet.room_id.in_(room_ids))).all()


def find_sheet(db: Session, actor: Actor, sheet_id: int, *, lock: bool = False) -> PaperSheet:
    """One visible sheet; with `lock` held until the transaction ends. Raises NotFound."""
    query = visible(actor).where(PaperSheet.id == sheet_id)
    if lock:
        query = locked(query, of=PaperSheet)
    return find_one(db, query)


def count_unsettled(db: Session, actor: Actor) -> int:
    """How many visible sheets are not settled yet."""
    open_ones = visible(actor).where(PaperSheet.state != SheetState.SETTLED)
    return db.execute(select(func.count()).select_from(open_ones.subquery())).scalar_one()


def keyings_of(db: Session, sheet_ids: Collection[int]) -> dict[int, list[PaperKeying]]:
    """The keyings of these sheets, the first first; what of them may be shown, the caller judges."""
    found: dict[int, list[PaperKeying]] = {sheet_id: [] for sheet_id in sheet_ids}
    for row in db.scalars(select(PaperKeying).where(PaperKeying.sheet_id.in_(sheet_ids)).order_by(PaperKeying.number)):
        found[row.sheet_id].append(row)
    return found


def scan_ids(db: Session, sheet_ids: Collection[int]) -> dict[int, list[int]]:
    """The scans of these sheets, in the order in which they came."""
    found: dict[int, list[int]] = {sheet_id: [] for sheet_id in sheet_ids}
    query = select(PaperScan.sheet_id, PaperScan.id).where(PaperScan.sheet_id.in_(sheet_ids)).order_by(PaperScan.id)
    for sheet_id, scan_id in db.execute(query):
        found[sheet_id].append(scan_id)
    return found


def moved_at(db: Session, sheet: PaperSheet) -> datetime:
    """When the room of a sheet went over to paper."""
    switch = db.get_one(RoomSwitch, sheet.switch_id)
    return switch.settled_at or switch.proposed_at


def find_scan(db: Session, sheet_id: int, scan_id: int) -> PaperScan:
    """One scan of a sheet that the caller may see. Raises NotFound."""
    one = PaperScan.id == scan_id, PaperScan.sheet_id == sheet_id
    return find_one(db, select(PaperScan).where(*one))


def scan_with_hash(db: Session, sheet_id: int, sha256: str) -> PaperScan | None:
    """The scan of a sheet with these bytes, if it came before."""
    one = PaperScan.sha256 == sha256, PaperScan.sheet_id == sheet_id
    return db.scalars(select(PaperScan).where(*one)).one_or_none()


def begin_on_paper(db: Session, forms: dict[int, int], *, now: datetime) -> None:
    """Add an attempt on paper for each of these registrations (with its form) that has none; a start that came first
    stays."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    moments = dict.fromkeys(("started_at", "deadline_at", "next_check_at", "writing_since"), now)
    rows = [
        {"registration_id": registration_id, "form_id": form_id, "state": AttemptState.ON_PAPER, "epoch": 1, **moments}
        for registration_id, form_id in sorted(forms.items())
    ]
    if rows:
        adding = dialect.insert(Attempt).values(rows)
        db.execute(adding.on_conflict_do_nothing(index_elements=["registration_id"]))


def hold_all(db: Session, registration_ids: Collection[int]) -> Sequence[Attempt]:
    """The attempts of these registrations, held in the order of ids."""
    query = select(Attempt).where(Attempt.registration_id.in_(registration_ids)).order_by(Attempt.id)
    held = locked(query, key_share=True)
    return db.scalars(held).all()
