"""Items, their immutable versions, reviews, imports, topics, and who had what to do with which item."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.authoring.rules import Confidentiality, ImportState, Involvement, ItemState
from app.database import Base, closed_set
from question_bank.items import Difficulty, ItemType, Level
from question_bank.statistics.calibration import CalibrationMethod

SECRET_ONLY = text("confidentiality = 'secret'")


def partial_index(name: str, condition: str, *columns: str) -> Index:
    """An index over the rows alone that fulfil the condition, on both databases."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class Bank(Base):
    """题库: a set of items under one owner; visible to the author group of its unit (P19)."""

    __tablename__ = "bank"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    practice: Mapped[bool] = mapped_column(default=False, server_default=false())
    """练习题库: for mock exams alone, the others for exams alone; never changes (decision 0024)."""


class Topic(Base):
    """知识点: a node of the tree of a bank's items. `path`: names from the root, joined by "/", which none holds."""

    __tablename__ = "topic"
    __table_args__ = (UniqueConstraint("bank_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    name: Mapped[str] = mapped_column(String(200))
    path: Mapped[str] = mapped_column(String(500))


class ItemRow(Base):
    """试题: its state and its newest version. Content is in the versions only."""

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_bank_id_state_item_type", "bank_id", "state", "item_type"),
        Index("ix_item_import_id_import_position", "import_id", "import_position"),
        partial_index("ix_item_unindexed", "pinyin IS NULL", "id"),
        # Whatever a list is narrowed by stands in this one index, so that a page costs the same wherever it is.
        Index(
            "ix_item_bank_id_id_state",
            "bank_id",
            "id",
            "state",
            "item_type",
            "level",
            "difficulty",
            "topic_id",
            "stale_from",
            "created_by",
            "import_id",
            "last_seen_at",
            "confidentiality",
        ),
        Index("ix_item_secret", "bank_id", postgresql_where=SECRET_ONLY, sqlite_where=SECRET_ONLY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    state: Mapped[ItemState] = mapped_column(closed_set(ItemState))
    version: Mapped[int] = mapped_column(Integer)
    """The number of the newest version."""
    item_type: Mapped[ItemType] = mapped_column(closed_set(ItemType))
    level: Mapped[Level] = mapped_column(closed_set(Level))
    difficulty: Mapped[Difficulty] = mapped_column(closed_set(Difficulty))
    stem_start: Mapped[str] = mapped_column(String(120))
    stem_fold: Mapped[str] = mapped_column(Text)
    """The folded stem (`question_bank.canonical.stem_fold`): what a search looks into, alike on both databases."""
    duplicate_mark: Mapped[str] = mapped_column(String(64), index=True)
    """`reading.duplicate_mark`: equal for items of one type with the same folded stem."""
    import_id: Mapped[int | None] = mapped_column(ForeignKey("bank_import.id"))
    import_position: Mapped[int | None] = mapped_column(Integer)
    """Which item of the imported file it was, from 0."""
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    pinyin: Mapped[str | None] = mapped_column(String(400))
    """`searching.Spelt`; None in a row that the worker has still to index."""
    initials: Mapped[str | None] = mapped_column(String(48))
    stale_from: Mapped[date | None]
    """待复核: the first day on which a document that the item cites does not hold any more."""
    forms_seen: Mapped[int] = mapped_column(Integer, default=0)
    """In how many forms it has stood: a stored number, never counted rows."""
    last_seen_at: Mapped[datetime | None]
    confidentiality: Mapped[Confidentiality] = mapped_column(
        closed_set(Confidentiality), default=Confidentiality.INTERNAL
    )


class ItemVersion(Base):
    """试题版本: what was written, by whom and when. Never changes."""

    __tablename__ = "item_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `question_bank.items.Item`."""
    content_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ItemReview(Base):
    """审题: the word of a second person on one version."""

    __tablename__ = "item_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved: Mapped[bool]
    comment: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ItemInvolvement(Base):
    """Who had what to do with an item; appended, read by eligibility. Who imported it stands with its import instead
    (`BankImport.imported_by`; decision 0038), and here for imports of releases before that."""

    __tablename__ = "item_involvement"
    __table_args__ = (UniqueConstraint("item_id", "person_id", "involvement"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    involvement: Mapped[Involvement] = mapped_column(closed_set(Involvement))
    at: Mapped[datetime]


class ItemUsage(Base):
    """How often a version was drawn for an exam: a stored number, appended by sealing; the draw reads it."""

    __tablename__ = "item_usage"
    __table_args__ = (UniqueConstraint("item_version_id", "exam_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    exam_id: Mapped[int]
    """No foreign key: the bank knows no exams."""
    forms: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]


class Calibration(Base):
    """标定: what one exam's responses said of an item version. Scored again later, the exam has a later row beside it.

    The shares of its points that candidates earned are summed in permille, and so are their squares: exams add up
    exactly. The others are in thousandths, and as in `question_bank.statistics.calibration`.
    """

    __tablename__ = "item_calibration"
    __table_args__ = (
        UniqueConstraint("item_version_id", "exam_id", "number"),
        CheckConstraint("responses > 0", name="responses"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    exam_id: Mapped[int] = mapped_column(index=True)
    """No foreign key: the bank knows no exams."""
    number: Mapped[int] = mapped_column(Integer)
    method: Mapped[CalibrationMethod] = mapped_column(closed_set(CalibrationMethod))
    responses: Mapped[int] = mapped_column(Integer)
    shares: Mapped[int] = mapped_column(BigInteger)
    squares: Mapped[int] = mapped_column(BigInteger)
    item_rest: Mapped[int | None] = mapped_column(Integer)
    slope: Mapped[int | None] = mapped_column(Integer)
    location: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]


class BankImport(Base):
    """A file that was read into the bank in two steps: a dry run that shows all, then one commit, all or nothing."""

    __tablename__ = "bank_import"
    __table_args__ = (partial_index("ix_bank_import_entering", "entering", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    state: Mapped[ImportState] = mapped_column(closed_set(ImportState))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(32))
    read: Mapped[bytes] = mapped_column(LargeBinary)
    """The file itself while it waits to be read, empty after that; what was read are in `import_models`."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Counts, when it was read: items, by item type, doubtful, refused, lost; and `committed` once it was."""
    notes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was refused, what was lost: lists of `reading.Note` as JSON."""
    level: Mapped[str | None] = mapped_column(String(32))
    """Where given, what holds for every item whatever the file says; so `difficulty`."""
    difficulty: Mapped[str | None] = mapped_column(String(32))
    duplicates: Mapped[str] = mapped_column(String(32), default="keep_first")
    """`reading.Duplicates`."""
    outlook: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """`reading.Outlook` as JSON: what would become of the items when it was last looked at."""
    compared: Mapped[bool] = mapped_column(default=False)
    """Whether its items were compared with those that say almost the same (`import_models.ImportEntry.near`)."""
    entering: Mapped[bool] = mapped_column(default=False)
    """While its items are being written: until all of them are in, nobody sees one (`queries.hide_entering`)."""
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    uploaded_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """The natural person who brought its items in, once they are: involved in every one of them, also when it is undone
    (`queries.made_item`). None where each item has a row in `ItemInvolvement` that says so."""
    job_id: Mapped[int | None]
    """The last job that was to read it or to bring it in. No foreign key: jobs know no imports."""


class BankExport(Base):
    """导出: a bank as a file, asked for by one person and granted by another (P19); who took it stands in the log."""

    __tablename__ = "bank_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), index=True)
    format: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    """When its file was made last; the file says so, too."""
    file_hash: Mapped[str | None] = mapped_column(String(64))


class PictureRow(Base):
    """A picture as `question_bank.content` wrote it anew: found by the SHA-256 of its bytes, never changed."""

    __tablename__ = "picture"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(32))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)


class BankPicture(Base):
    """A picture that someone put into a bank: who may look into the bank may look at it."""

    __tablename__ = "bank_picture"

    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("picture.sha256"), primary_key=True)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """None where a machine added it."""
    added_at: Mapped[datetime]


class ItemTag(Base):
    """标签: of an item's newest version."""

    __tablename__ = "item_tag"

    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(200), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)


class SavedFilter(Base):
    """A list of a bank's items that one person wants to find again."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("account_id", "bank_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    name: Mapped[str] = mapped_column(String(200))
    query: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_at: Mapped[datetime]


class EnemyPair(Base):
    """互斥题: two items that a person says may not stand in one form."""

    __tablename__ = "enemy_pair"
    __table_args__ = (UniqueConstraint("item_id", "other_id"), CheckConstraint("item_id < other_id", name="ordered"))

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    reason: Mapped[str] = mapped_column(Text)
    declared_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    declared_at: Mapped[datetime]


class NearGroup(Base):
    """Items of a bank whose stems are near (`question_bank.duplicates`), as the last look through the bank found."""

    __tablename__ = "near_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), index=True)
    items: Mapped[list[int]] = mapped_column(JSON)


class NearCheck(Base):
    """When a bank was last looked through, and what it was then: `mark` changes with its items."""

    __tablename__ = "near_check"

    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    checked_at: Mapped[datetime]


class Promise(Base):
    """保密承诺: the declaration of confidentiality that an account has accepted, in the edition that it read."""

    __tablename__ = "promise"
    __table_args__ = (UniqueConstraint("account_id", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    edition: Mapped[int] = mapped_column(Integer)
    accepted_at: Mapped[datetime]
