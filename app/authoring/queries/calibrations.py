"""What real exams said of items: the newest figures of each exam count, added up over exams."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.authoring.models import Calibration, ItemRow, ItemVersion
from question_bank.statistics.calibration import Tally


def calibrations_of(db: Session, version_id: int) -> Sequence[Calibration]:
    """The newest calibration of a version in each exam, newest first."""
    return db.scalars(_newest().where(Calibration.item_version_id == version_id).order_by(Calibration.id.desc())).all()


def tallies_of_bank(db: Session, bank_id: int) -> dict[int, Tally]:
    """What exams said of the newest versions of a bank's items, by version; nothing of those that none has said of."""
    rows = db.scalars(_of_newest_versions(bank_id))
    found: dict[int, Tally] = {}
    for row in rows:
        found[row.item_version_id] = found.get(row.item_version_id, Tally()) + tally_of(row)
    return found


def fitted_of_bank(db: Session, bank_id: int) -> dict[int, tuple[int, int]]:
    """Slope and location, in thousandths, of the newest versions of a bank's items, by version, as the newest exam that
    they could be fitted for has them."""
    rows = db.scalars(_of_newest_versions(bank_id).where(Calibration.slope.is_not(None)).order_by(Calibration.id))
    return {
        row.item_version_id: (row.slope, row.location)
        for row in rows
        if row.slope is not None and row.location is not None
    }


def add_up(rows: Iterable[Calibration]) -> Tally:
    """All of them as if it had been one exam."""
    return sum(map(tally_of, rows), Tally())


def tally_of(row: Calibration) -> Tally:
    """The sums of one calibration."""
    return Tally(row.responses, row.shares, row.squares)


def last_numbers(db: Session, exam_id: int) -> dict[int, int]:
    """The number of the newest calibration of each version in an exam, by version."""
    rows = db.execute(
        select(Calibration.item_version_id, func.max(Calibration.number))
        .where(Calibration.exam_id == exam_id)
        .group_by(Calibration.item_version_id)
    )
    return {row[0]: row[1] for row in rows}


def calibrated_at(db: Session, exam_id: int) -> datetime | None:
    """When an exam's responses were last made calibrations of; None if they never were."""
    return db.scalars(
        select(Calibration.at).where(Calibration.exam_id == exam_id).order_by(Calibration.id.desc()).limit(1)
    ).one_or_none()


def _of_newest_versions(bank_id: int) -> Select[Calibration]:
    """The newest calibrations of what is now the version of a bank's items."""
    return (
        _newest()
        .join(ItemVersion, ItemVersion.id == Calibration.item_version_id)
        .join(ItemRow, (ItemRow.id == ItemVersion.item_id) & (ItemRow.version == ItemVersion.number))
        .where(ItemRow.bank_id == bank_id)
    )


def _newest() -> Select[Calibration]:
    """Of each version and exam the calibration with the highest number, if it is of the exam's newest set: what was
    void when the exam was scored again is in that set no more, and says nothing of the item."""
    latest = (
        select(Calibration.item_version_id, Calibration.exam_id, func.max(Calibration.number).label("number"))
        .group_by(Calibration.item_version_id, Calibration.exam_id)
        .subquery()
    )
    sets = select(Calibration.exam_id, func.max(Calibration.at).label("at")).group_by(Calibration.exam_id).subquery()
    of_set = (sets.c.exam_id == Calibration.exam_id) & (sets.c.at == Calibration.at)
    newest = select(Calibration).join(sets, of_set)
    return newest.join(
        latest,
        (latest.c.item_version_id == Calibration.item_version_id)
        & (latest.c.exam_id == Calibration.exam_id)
        & (latest.c.number == Calibration.number),
    )
