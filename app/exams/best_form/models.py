"""The best forms that were asked for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class BestFormRow(Base):
    """最优固定卷: one search, for a blueprint as it stood then."""

    __tablename__ = "best_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprint.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the blueprint's content: whether it has changed since."""
    seconds: Mapped[int] = mapped_column(Integer)
    """How long the search may take."""
    job_id: Mapped[int]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    found: Mapped[str | None] = mapped_column(Text)
    """Canonical JSON of what was found (see `rules.found_to_json`); empty until then."""
    kept_as: Mapped[int | None] = mapped_column(ForeignKey("blueprint.id"))
    """The draft that its items were kept in."""
