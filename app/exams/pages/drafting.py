"""Blueprints as people type them: read from the rows of a form, written back into them, and advice in words."""

from app.errors import FieldProblem, Invalid
from app.exams.planning import BadPoints, points_hundredths
from app.exams.schemas.blueprints import BlueprintGiven, RelaxationShown
from question_bank.assembly import Easing, Relaxation
from question_bank.blueprint import Blueprint, Cell, Evenness, FixedItem, Section
from question_bank.items import Difficulty
from question_bank.kinds import kind_of
from question_bank.scoring import ALL_OR_NOTHING, Scoring, points_text
from question_bank.wording import Wording

_EMPTY = "未命名大题"


def read_blueprint(given: BlueprintGiven) -> Blueprint:
    """The blueprint as typed: rows with one section's title (or none, below it) form that section. Raises Invalid,
    naming the field, for points that are no number and for a minimum of a section that there is not."""
    if not given.cells and not given.fixed:
        raise Invalid(
            FieldProblem("cells", "请至少写一行抽题要求或一道必考题。", "Ask for at least one row or one item.")
        )
    titles: dict[str, list[Cell]] = {}
    title = ""
    for index, row in enumerate(given.cells):
        title = row.section or title or _EMPTY
        topic = tuple(part.strip() for part in row.topic.replace("／", "/").split("/") if part.strip())
        points = _points(row.points, f"cells.{index}.points")
        titles.setdefault(title, []).append(Cell(topic, row.item_type, row.count, points, row.difficulty))
    fixed: dict[str, list[FixedItem]] = {}
    for index, one in enumerate(given.fixed):
        titles.setdefault(one.section, [])
        points = _points(one.points, f"fixed.{index}.points")
        fixed.setdefault(one.section, []).append(FixedItem(str(one.item_id), points))
    minima: dict[str, int] = {}
    for index, minimum in enumerate(given.minima):
        if minimum.section not in titles:
            raise Invalid(FieldProblem(f"minima.{index}.section", "没有这个大题。", "There is no such section."))
        minima[minimum.section] = _points(minimum.points, f"minima.{index}.points")
    chosen = Scoring(given.scoring, _points(given.mark, "mark") if given.mark else None)
    return Blueprint(
        given.name,
        given.level,
        tuple(
            Section(
                name,
                tuple(cells),
                _scoring(chosen, cells),
                fixed=tuple(fixed.get(name, ())),
                minimum_hundredths=minima.get(name, 0),
            )
            for name, cells in titles.items()
        ),
        _points(given.cut_score, "cut_score"),
        given.duration_minutes,
        Evenness(
            tolerance_hundredths=_points(given.tolerance, "tolerance") if given.tolerance else None,
            exposure_permille=given.exposure_percent * 10,
            rest_days=given.rest_days,
        ),
    )


def _scoring(chosen: Scoring, cells: list[Cell]) -> Scoring:
    """The chosen rule where the section has items that it divides, or may have some among its fixed ones; the others
    are right or not."""
    applies = not cells or any(chosen.rule in kind_of(cell.item_type).scoring_rules for cell in cells)
    return chosen if applies else ALL_OR_NOTHING


def _points(text: str, field: str) -> int:
    try:
        return points_hundredths(text)
    except BadPoints as error:
        raise Invalid(FieldProblem(field, error.zh, error.en)) from None


def typed_values(bank_id: int, blueprint: Blueprint) -> dict[str, str]:
    """The fields of the form as they would have been typed for this blueprint."""
    chosen = next((s.scoring for s in blueprint.sections if s.scoring != ALL_OR_NOTHING), ALL_OR_NOTHING)
    evenness = blueprint.evenness
    values = {
        "name": blueprint.name,
        "bank_id": str(bank_id),
        "level": blueprint.level.value,
        "cut_score": points_text(blueprint.cut_score_hundredths),
        "duration_minutes": str(blueprint.duration_minutes or ""),
        "tolerance": "" if evenness.tolerance_hundredths is None else points_text(evenness.tolerance_hundredths),
        "exposure_percent": str(-(-evenness.exposure_permille // 10)),
        "rest_days": str(evenness.rest_days),
        "scoring": chosen.rule.value,
        "mark": points_text(chosen.mark_hundredths) if chosen.mark_hundredths else "",
    }
    cells = [(section, cell) for section in blueprint.sections for cell in section.cells]
    for index, (section, cell) in enumerate(cells):
        values |= {
            f"cells.{index}.section": section.title,
            f"cells.{index}.topic": "/".join(cell.topic),
            f"cells.{index}.item_type": cell.item_type.value,
            f"cells.{index}.difficulty": cell.difficulty.value if cell.difficulty else "",
            f"cells.{index}.count": str(cell.count),
            f"cells.{index}.points": points_text(cell.points_hundredths),
        }
    fixed = [(section, one) for section in blueprint.sections for one in section.fixed]
    for index, (section, one) in enumerate(fixed):
        values |= {
            f"fixed.{index}.section": section.title,
            f"fixed.{index}.item_id": one.name,
            f"fixed.{index}.points": points_text(one.points_hundredths),
        }
    for index, section in enumerate(section for section in blueprint.sections if section.minimum_hundredths):
        values |= {
            f"minima.{index}.section": section.title,
            f"minima.{index}.points": points_text(section.minimum_hundredths),
        }
    return values


_DIFFICULTIES = {
    None: Wording("不限", "any"),
    Difficulty.EASY: Wording("易", "easy"),
    Difficulty.MEDIUM: Wording("中", "medium"),
    Difficulty.HARD: Wording("难", "hard"),
}


def tell_relaxation(one: Relaxation) -> RelaxationShown:
    """One way to help a row, and what it would cost, in words."""
    topic, difficulty = "/".join(one.cell.topic), _DIFFICULTIES[one.cell.difficulty]
    zh, en = {
        Easing.TOPIC: (f"知识点放宽到「{topic or '不限'}」", f"widen the topic to {topic or 'any'}"),
        Easing.NEIGHBOUR: (
            f"其中 {one.cell.count} 题改为难度「{difficulty.zh}」",
            f"take {one.cell.count} of them from difficulty {difficulty.en}",
        ),
        Easing.DIFFICULTY: ("难度不限", "allow any difficulty"),
        Easing.EXPOSURE: ("不设曝光上限", "lift the exposure cap"),
        Easing.REST: ("不设停用天数", "lift the days of rest"),
        Easing.COUNT: (f"减为 {one.cell.count} 题", f"ask for {one.cell.count} items"),
    }[one.easing]
    left_zh, left_en = (f"仍差 {one.short} 题", f"still {one.short} short") if one.short else ("可补足", "enough")
    shift = one.shift_permille or 0
    cost_zh = f"，预期得分率{'升' if shift > 0 else '降'} {points_text(abs(shift) * 10)}%" if shift else ""
    cost_en = f", expected share of points {'+' if shift > 0 else '−'}{points_text(abs(shift) * 10)}%" if shift else ""
    return RelaxationShown(zh=f"{zh}：{left_zh}{cost_zh}", en=f"{en}: {left_en}{cost_en}", short=one.short)
