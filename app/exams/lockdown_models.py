"""考试浏览器: the settings of an exam that is sat in Safe Exam Browser, and the versions of it that may be used."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, closed_set
from app.exams.lockdown import Platform


class LockdownFile(Base):
    """The settings of one exam as they are given out; made anew they take the place of the old, which are then void."""

    __tablename__ = "lockdown_file"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(32), unique=True)
    """What stands in the addresses of the check page and of the file: hex, random, no secret among the candidates."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """The property list, as it is downloaded."""
    config_key: Mapped[str] = mapped_column(String(64))
    quit_cipher: Mapped[str] = mapped_column(Text)
    """The password to leave the browser, wrapped; the file holds its digest."""
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))


_IN_USE = text("withdrawn_at IS NULL")


class BrowserExamKey(Base):
    """浏览器密钥 of one version on one platform, as copied from that program with the settings of the exam open."""

    __tablename__ = "browser_exam_key"
    __table_args__ = (
        Index(
            "uq_browser_exam_key_in_use",
            "exam_id",
            "exam_key",
            unique=True,
            postgresql_where=_IN_USE,
            sqlite_where=_IN_USE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    platform: Mapped[Platform] = mapped_column(closed_set(Platform))
    version: Mapped[str] = mapped_column(String(40))
    exam_key: Mapped[str] = mapped_column(String(64))
    listed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    listed_at: Mapped[datetime]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]
