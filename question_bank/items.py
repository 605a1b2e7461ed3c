"""What an item is: frozen values, shared by every other module.

An `Item` is content only. Who wrote it, when, and whether it was approved are the institution's business.
Keys are positions (`frozenset` of option indices, counted from 0), never letters: letters belong to a form,
where the options of each candidate stand in an order of their own.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class ItemType(StrEnum):
    """题型. The value is what files, tables and pages use."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    FILL_BLANK = "fill_blank"
    SHORT_ANSWER = "short_answer"


class Level(StrEnum):
    """等级, in ascending order of rank (see `rank`)."""

    PRIMARY = "primary"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"

    @property
    def rank(self) -> int:
        """1 for primary, 3 for advanced."""
        return list(Level).index(self) + 1


class Difficulty(StrEnum):
    """难度, as an author judges it."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True)
class Option:
    """选项: one thing that may be chosen. `pinned` (以上都对) keeps its place when the others are shuffled."""

    text: str
    pinned: bool = False


@dataclass(frozen=True)
class Basis:
    """依据: the document, and the clause in it, that the item rests on."""

    document: str
    clause: str = ""


@dataclass(frozen=True)
class Item:
    """试题. Valid only when `question_bank.kinds.kind_of(item.item_type).validate(item)` returns nothing.

    `key` holds the positions of the right options; for true_false the options are (正确, 错误) and the key is
    {0} or {1}; for fill_blank and short_answer it is empty and `accepted` holds, per blank, the accepted
    variants (for short_answer one blank, whose variants are model answers for the marker).
    `topic` is a path from the root, e.g. ("党章", "党员").
    """

    item_type: ItemType
    stem: str
    options: tuple[Option, ...] = ()
    key: frozenset[int] = frozenset()
    accepted: tuple[tuple[str, ...], ...] = ()
    explanation: str = ""
    topic: tuple[str, ...] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    level: Level = Level.PRIMARY
    basis: Basis | None = None
    tags: tuple[str, ...] = field(default=())
