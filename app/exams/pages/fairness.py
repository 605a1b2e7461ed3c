"""公平性报告: how even the forms of an exam are; of a trial draw while its sealing is proposed."""

from itertools import pairwise
from typing import Any

from app.errors import NotFound
from app.exams import queries
from app.exams.pages.desk import desk
from app.exams.rules import ExamState
from app.exams.schemas.fairness import (
    BarShown,
    CellFairnessShown,
    FairnessShown,
    LackShown,
    ReserveFairnessShown,
)
from app.operation import Operation
from app.security.permissions import Capability
from question_bank.assembly import DRAW_VERSION
from question_bank.canonical import read_json
from question_bank.scoring import points_text

_LETTERS = "ABCDEFGHIJKL"
_MOST_BARS = 12


@desk.view("/exams/{exam_id}/fairness", Capability.BLUEPRINT_READ, template="exams/fairness.html")
def show_fairness(op: Operation, *, exam_id: int) -> FairnessShown:
    """The fairness report of an exam. NotFound where nothing was drawn, or it was sealed before there were reports."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    if exam.fairness is None:
        raise NotFound
    found: Any = read_json(exam.fairness)
    expected, overlap = found["expected"], found["overlap"]
    return FairnessShown(
        exam_id=exam.id,
        exam_name=exam.name,
        trial=exam.state is not ExamState.SEALED,
        draw_version=exam.draw_version or DRAW_VERSION.value,
        within_tolerance=found["within_tolerance"],
        forms=found["forms"],
        items=found["items"],
        target_hundredths=expected["target_hundredths"],
        tolerance_hundredths=expected["tolerance_hundredths"],
        least_hundredths=expected["least_hundredths"],
        mean_hundredths=expected["mean_hundredths"],
        most_hundredths=expected["most_hundredths"],
        expected=_bands(expected["bands"]),
        overlap_mean=overlap["mean_thousandths"],
        overlap_floor=overlap["floor_thousandths"],
        overlap_most=overlap["most"],
        pairs=overlap["pairs"],
        overlaps=_grouped(overlap["distribution"]),
        uses=_grouped(found["uses"]),
        right_places=[
            [BarShown(low=_LETTERS[place], high=_LETTERS[place], count=count) for place, count in enumerate(counts)]
            for _, counts in found["right_places"]
        ],
        cells=[CellFairnessShown(**cell) for cell in found["cells"]],
        calibrated=found.get("calibrated", 0),
        drawable=found.get("drawable"),
        lacks=[
            LackShown(
                place_zh=lack["place"]["zh"],
                place_en=lack["place"]["en"],
                excess_zh=lack["excess"]["zh"],
                excess_en=lack["excess"]["en"],
            )
            for lack in found["lacks"]
        ],
        reserve=None if exam.reserve_fairness is None else _reserve(read_json(exam.reserve_fairness)),
    )


def _reserve(found: Any) -> ReserveFairnessShown:
    return ReserveFairnessShown(
        forms=found["forms"],
        least_hundredths=found["expected"]["least_hundredths"],
        most_hundredths=found["expected"]["most_hundredths"],
        overlap_mean=found["overlap"]["mean_thousandths"],
        items_used=sum(items for _, items in found["uses"]),
        common_items=found["common_items"],
    )


def _bands(bands: list[list[int]]) -> list[BarShown]:
    """The bands of expected points, two of the report in one bar."""
    starts = [start for start, _ in bands[::2]]
    ends = [*starts[1:], 2 * starts[-1] - starts[-2]]
    counts = [sum(count for _, count in bands[at : at + 2]) for at in range(0, len(bands), 2)]
    return [
        BarShown(low=points_text(low), high=points_text(high), count=count)
        for low, high, count in zip(starts, ends, counts, strict=True)
    ]


def _grouped(bars: list[list[int]]) -> list[BarShown]:
    """Whole numbers and how many have them, in at most twelve bars of equal width."""
    if not bars:
        return []
    least, most = bars[0][0], bars[-1][0]
    width = -(-(most - least + 1) // _MOST_BARS)
    edges = range(least, most + width + 1, width)
    return [
        BarShown(low=str(low), high=str(high - 1), count=sum(count for value, count in bars if low <= value < high))
        for low, high in pairwise(edges)
    ]
