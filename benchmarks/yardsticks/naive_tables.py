"""The tables of the naive storm and of the naive listing, as an ORM maps them."""

from typing import Any

from sqlalchemy import BigInteger, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class _Base(DeclarativeBase):
    pass


class Item(_Base):
    """An item."""

    __tablename__ = "st_item"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cell: Mapped[int] = mapped_column(SmallInteger)
    stem: Mapped[str] = mapped_column(Text)
    options: Mapped[Any] = mapped_column(JSONB)
    key: Mapped[int] = mapped_column(SmallInteger)


class Attempt(_Base):
    """An attempt."""

    __tablename__ = "st_attempt"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[int | None] = mapped_column(Integer)


class Response(_Base):
    """A response, one row each."""

    __tablename__ = "st_answer"
    attempt_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    qno: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    item_id: Mapped[int] = mapped_column(Integer)
    choice: Mapped[int | None] = mapped_column(SmallInteger)
    right_: Mapped[bool | None]
