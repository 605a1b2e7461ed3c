"""What GIFT, Aiken and Moodle XML say of one item, in their own terms, before it is settled into ours."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from question_bank.formats.notes import Notes, Refusals
from question_bank.scoring import Scoring


class RecordKind(StrEnum):
    """The types of Moodle that an item of ours can be made of; the value is Moodle's name."""

    CHOICE = "multichoice"
    TRUE_FALSE = "truefalse"
    TYPED = "shortanswer"
    NUMERICAL = "numerical"
    MATCHING = "matching"
    ORDERING = "ordering"
    ESSAY = "essay"
    GAPS = "gapselect"
    CLOZE = "cloze"


@dataclass
class Offer:
    """What the format calls an answer: a text, the part of the mark it earns (−1…1, 1 = all) and a remark on it.

    `tolerance` is set for numbers only; `text` "*" stands for anything else.
    """

    text: str
    worth: Fraction = Fraction(0)
    remark: str = ""
    tolerance: Decimal | None = None


@dataclass(kw_only=True)
class MoodleRecord(Notes):
    """One item as found. `name` is its title; `weight` its share where it is a part of another; `units` are further
    units with the factor to `unit`, None where it has no finite decimal; `rule` is what the format itself says."""

    kind: RecordKind
    name: str = ""
    stem: str = ""
    single: bool = True
    offers: list[Offer] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    parts: list["MoodleRecord"] = field(default_factory=list)
    explanation: str = ""
    marking_notes: str = ""
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    case_sensitive: bool = False
    pinned: bool = False
    unit: str = ""
    units: list[tuple[str, Decimal | None]] = field(default_factory=list)
    rule: Scoring | None = None
    weight: int = 1


@dataclass
class Harvest(Refusals):
    """What one file gave: its records in order, and what was refused."""

    records: list[MoodleRecord] = field(default_factory=list)


def topic_of(path: str) -> tuple[str, ...]:
    """The topic that a category names: `$course$/top/A/B` is A, B; `//` is a slash in a name."""
    names = [name.replace("\0", "/").strip() for name in path.replace("//", "\0").split("/")]
    if names and names[0].startswith("$") and names[0].endswith("$"):
        names = names[1:]
    if names and names[0] == "top":
        names = names[1:]
    return tuple(name for name in names if name)
