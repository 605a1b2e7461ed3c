"""What an item is: frozen values, shared by every other module.

An `Item` is content only. Who wrote it, when, and whether it was approved are the institution's business.
What the types have in common stands here; what one type has of its own is its `body`, defined with its kind.
"""

from dataclasses import dataclass
from enum import StrEnum

from question_bank.scoring import Scoring


class ItemType(StrEnum):
    """题型. The value is what files, tables and pages use."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    FILL_BLANK = "fill_blank"
    NUMERIC = "numeric"
    ORDERING = "ordering"
    MATCHING = "matching"
    SHORT_ANSWER = "short_answer"
    CASE_ANALYSIS = "case_analysis"
    PRACTICAL = "practical"


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


@dataclass(frozen=True, slots=True)
class Basis:
    """依据: the document, and the clause in it, that the item rests on."""

    document: str
    clause: str = ""


class Body:
    """What an item has beyond the fields that all items share; each kind defines its own, a frozen dataclass."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Item:
    """试题. Valid only when `question_bank.kinds.problems_of` finds nothing.

    `body` is of the class that the kind of `item_type` declares. `topic` is a path from the root, e.g. ("党章",
    "党员"). `scoring` is the author's own rule for this item, None where the blueprint's holds.
    """

    item_type: ItemType
    stem: str
    body: Body
    explanation: str = ""
    topic: tuple[str, ...] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    level: Level = Level.PRIMARY
    basis: tuple[Basis, ...] = ()
    tags: tuple[str, ...] = ()
    scoring: Scoring | None = None
