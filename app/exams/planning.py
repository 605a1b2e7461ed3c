"""What the plan of an exam must keep to, points as people type them, and the numbers of tickets. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import AppError, FieldProblem, Invalid
from app.exams.rules import ContentRefused, Timetable
from question_bank.blueprint import Blueprint
from question_bank.items import ItemType
from question_bank.kinds import kind_of

LONGEST_SITTING = timedelta(hours=12)


@dataclass(frozen=True)
class Plan:
    """What is planned for an exam with one sitting; minutes are whole."""

    times: Timetable
    duration_minutes: int
    late_entry_minutes: int
    earliest_hand_in_minutes: int
    room_names: Sequence[str]
    endorsement_closes_at: datetime | None = None


MARKED = frozenset({ItemType.SHORT_ANSWER, ItemType.PRACTICAL})
"""The types that people must mark. A case may stand in a form if all its parts are scored by rule."""


def check_types(blueprint: Blueprint) -> None:
    """Raises ContentRefused, naming section and row, for items that candidates could not be given yet."""
    for number, section in enumerate(blueprint.sections, start=1):
        for row, cell in enumerate(section.cells, start=1):
            if cell.item_type in MARKED:
                name = kind_of(cell.item_type).name
                raise ContentRefused(
                    zh=f"第 {number} 大题「{section.title}」第 {row} 行：{name.zh}暂不能入卷，尚不支持人工阅卷。",
                    en=f"Section {number} ({section.title}), row {row}: {name.en} items cannot stand in a form yet; "
                    "marking by people is not offered yet.",
                )


def check_plan(plan: Plan, *, now: datetime) -> None:
    """Raises Invalid with every field that contradicts another one."""
    times, found = plan.times, []
    if times.registration_closes_at <= times.registration_opens_at:
        found.append(
            FieldProblem(
                "registration_closes_at",
                "报名截止应晚于报名开始。",
                "Registration closes after it has opened.",
            )
        )
    if times.starts_at <= times.registration_closes_at:
        found.append(
            FieldProblem("starts_at", "开考应晚于报名截止。", "The sitting starts after registration has closed.")
        )
    if (until := plan.endorsement_closes_at) and not times.registration_closes_at <= until < times.starts_at:
        found.append(
            FieldProblem(
                "endorsement_closes_at",
                "单位推荐截止不早于报名截止，并早于开考。",
                "Units endorse at least until registration closes, and before the start.",
            )
        )
    if times.starts_at <= now:
        found.append(FieldProblem("starts_at", "开考时间已过。", "The start lies in the past."))
    length = times.ends_at - times.starts_at
    if not timedelta(minutes=plan.duration_minutes) <= length <= LONGEST_SITTING:
        found.append(
            FieldProblem(
                "ends_at",
                "结束时间不早于开考加考试时长，且整场不超过 12 小时。",
                "The end is at least the duration after the start, and at most 12 hours.",
            )
        )
    for name, minutes in (
        ("late_entry_minutes", plan.late_entry_minutes),
        ("earliest_hand_in_minutes", plan.earliest_hand_in_minutes),
    ):
        if minutes > plan.duration_minutes:
            found.append(FieldProblem(name, "不应长于考试时长。", "Not longer than the exam itself."))
    if len(set(plan.room_names)) < len(plan.room_names):
        found.append(FieldProblem("rooms", "考场名称不能相同。", "Two rooms have the same name."))
    if found:
        raise Invalid(*found)


_POINTS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,2})?")


class BadPoints(AppError):
    """The text is no number of points."""

    code = "points.malformed"
    status = 422
    zh = "分值应为数字，最多两位小数，例如 2 或 1.5。"
    en = "Points are a number with at most two decimals, such as 2 or 1.5."


def points_hundredths(text: str) -> int:
    """Points as people type them, exactly: "2" → 200, "1.5" → 150, full-width digits too. Raises BadPoints."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not _POINTS.fullmatch(plain):
        raise BadPoints
    whole, _, part = plain.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def ticket_number(*, year: int, exam_id: int, sequence: int) -> str:
    """准考证号: the year of the sitting (4 digits), the exam's number (4 or more), the place in its list (4)."""
    return f"{year:04d}{exam_id:04d}{sequence:04d}"
