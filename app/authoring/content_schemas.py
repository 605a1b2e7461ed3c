"""An item as its authors and reviewers are shown it."""

from app.shapes import Shown
from question_bank.items import Difficulty, ItemType, Level


class OptionShown(Shown):
    """An option in the order of the item; `right` says whether the key names it."""

    letter: str
    text: str
    right: bool


class PartShown(Shown):
    """A part of a case as its authors and reviewers see it; `share` is what it counts beside the others."""

    item_type: ItemType
    stem: str
    options: list[OptionShown]
    key_lines: list[str]
    explanation: str
    share: int


class ContentShown(Shown):
    """An item as its authors and reviewers see it; `stimulus` and `parts` are those of a case."""

    item_type: ItemType
    stem: str
    stimulus: str
    parts: list[PartShown]
    options: list[OptionShown]
    key_lines: list[str]
    explanation: str
    topic: str
    tags: list[str]
    difficulty: Difficulty
    level: Level
    basis: str
