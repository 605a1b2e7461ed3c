"""What is read of best forms: who may see a blueprint may see what was found for it."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.exams.best_form.models import BestFormRow
from app.exams.models import BlueprintRow
from app.exams.queries import visible_blueprints
from app.security.actor import Actor


def visible(actor: Actor) -> Select[BestFormRow]:
    """The best forms of the blueprints that this actor may see."""
    blueprints = visible_blueprints(actor).with_only_columns(BlueprintRow.id)
    return select(BestFormRow).where(BestFormRow.blueprint_id.in_(blueprints))


def newest_of(db: Session, actor: Actor, blueprint_id: int) -> BestFormRow | None:
    """The one that was asked for last; None where none was."""
    query = visible(actor).where(BestFormRow.blueprint_id == blueprint_id).order_by(BestFormRow.id.desc()).limit(1)
    return db.scalars(query.execution_options(populate_existing=True)).one_or_none()


def by_id(db: Session, best_form_id: int) -> BestFormRow:
    """One, for the job that looks for it."""
    return db.get_one(BestFormRow, best_form_id, populate_existing=True)
