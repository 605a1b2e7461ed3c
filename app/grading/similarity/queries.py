"""What is read of comparisons."""

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from app.grading.similarity.models import SimilarityReport
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[SimilarityReport]:
    """Those of every exam for who may see results, none for others."""
    return select(SimilarityReport) if actor.may(Capability.RESULT_READ) else select(SimilarityReport).where(false())


def newest_report(db: Session, actor: Actor, exam_id: int) -> SimilarityReport | None:
    """The last comparison of an exam; None where there was none."""
    query = visible(actor).where(SimilarityReport.exam_id == exam_id).order_by(SimilarityReport.id.desc()).limit(1)
    return db.scalars(query).one_or_none()
