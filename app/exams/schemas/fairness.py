"""What comes out of the fairness report."""

from app.shapes import Shown
from question_bank.items import Difficulty, ItemType


class BarShown(Shown):
    """A bar of a figure: what it stands for, and how many."""

    low: str
    high: str
    count: int


class CellFairnessShown(Shown):
    """How evenly a row of the blueprint was served; subtopics with the fewest and the most items of a form."""

    section: str
    topic: str
    item_type: ItemType
    difficulty: Difficulty | None
    count: int
    items: int
    least_used: int
    most_used: int
    cap: int
    subtopics: list[tuple[str, int, int]]


class LackShown(Shown):
    """One thing outside its tolerance."""

    place_zh: str
    place_en: str
    excess_zh: str
    excess_en: str


class ReserveFairnessShown(Shown):
    """The reserve set beside the forms: its own spread, and how many items stand in both sets."""

    forms: int
    least_hundredths: int
    most_hundredths: int
    overlap_mean: int
    items_used: int
    common_items: int


class FairnessShown(Shown):
    """公平性报告 of an exam's forms; of a trial draw while sealing is proposed. Points in hundredths, means of overlap
    in thousandths of an item."""

    exam_id: int
    exam_name: str
    trial: bool
    draw_version: str
    within_tolerance: bool
    forms: int
    items: int
    target_hundredths: int
    tolerance_hundredths: int
    least_hundredths: int
    mean_hundredths: int
    most_hundredths: int
    expected: list[BarShown]
    overlap_mean: int
    overlap_floor: int
    overlap_most: int
    pairs: int
    overlaps: list[BarShown]
    uses: list[BarShown]
    right_places: list[list[BarShown]]
    cells: list[CellFairnessShown]
    calibrated: int
    """Items that could be drawn whose difficulty is known from responses; of the others the author's word stands."""
    drawable: int | None
    """How many could be drawn; not told where none is calibrated."""
    lacks: list[LackShown]
    reserve: ReserveFairnessShown | None
