"""What comparisons of responses found."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class SimilarityReport(Base):
    """作答相似比对: one comparison of all responses of an exam; made again it is another report beside this one."""

    __tablename__ = "similarity_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    candidates: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    """JSON: `compared`, how many pairs of each nearness; `pairs` and `timed`, each with registrations and figures; no
    names. Reports that were made before times were compared have no `timed`."""
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
