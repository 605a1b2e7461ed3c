"""What was read of a file, until its import is settled: packed, and item by item where something is said of it."""

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.authoring.models import partial_index
from app.database import Base


class ImportPack(Base):
    """Items of a file as they were read, many in a row (`packing.Pack`); gone when the import is settled.

    Everything that the bank will hold of them is worked out when the file is read, so that a commit only moves rows.
    """

    __tablename__ = "import_pack"

    import_id: Mapped[int] = mapped_column(ForeignKey("bank_import.id"), primary_key=True)
    first: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """The position of the first of them, from 0, in the order of the file."""
    count: Mapped[int] = mapped_column(Integer)
    entries: Mapped[bytes] = mapped_column(LargeBinary)
    signs: Mapped[bytes] = mapped_column(LargeBinary)
    spelt: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`searching.Spelt` of each: worked out while the reader reads on, so that a commit need not. None where the file
    was read while a page waited."""


class ImportEntry(Base):
    """One item of a file of which there is something to say, be it by the author; it stands in the place of the item at
    that position in its pack."""

    __tablename__ = "import_entry"
    __table_args__ = (
        Index("ix_import_entry_import_id_fate_position", "import_id", "fate", "position"),
        partial_index("ix_import_entry_repeated", "repeated", "import_id", "mark"),
        partial_index("ix_import_entry_flagged", "flagged", "import_id", "position"),
        partial_index("ix_import_entry_head", "head", "import_id", "position"),
        partial_index("ix_import_entry_near", "near <> ''", "import_id", "position"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("bank_import.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """From 0, in the order of the file."""
    item_type: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(32))
    difficulty: Mapped[str] = mapped_column(String(32))
    topic: Mapped[str] = mapped_column(String(500))
    """Its path in the bank's tree, "" for none."""
    stem_start: Mapped[str] = mapped_column(String(120))
    stem_fold: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(String(64))
    """`reading.duplicate_mark`."""
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    place_zh: Mapped[str] = mapped_column(Text)
    place_en: Mapped[str] = mapped_column(Text)
    doubts: Mapped[str] = mapped_column(Text)
    """JSON of the notes; "" for none."""
    valid: Mapped[bool]
    """Whether the bank could hold it as it stands."""
    flagged: Mapped[bool]
    """Doubtful once, or mended."""
    mended: Mapped[bool]
    decision: Mapped[str] = mapped_column(String(16))
    fate: Mapped[str] = mapped_column(String(16))
    """`reading.Fate`, when it was last looked at; so the two below."""
    repeated: Mapped[bool]
    """Whether its mark stands more than once in the file."""
    head: Mapped[bool]
    """Whether it is the first of those that share its mark, or the bank has one: the list of duplicates shows it."""
    near: Mapped[str] = mapped_column(Text)
    """JSON of `reading.Near`: what else in the file or the bank says almost the same; "" for none."""
