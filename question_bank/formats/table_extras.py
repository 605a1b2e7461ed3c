"""Columns that only some types have: scoring points and steps, pairs, a number's unit, the text and parts of a case."""

import re
from collections.abc import Sequence

from question_bank.formats.drafts import Draft
from question_bank.formats.table_headers import Layout, Role
from question_bank.items import ItemType

_SINGLE = {Role.UNIT: "unit", Role.TOLERANCE: "tolerance", Role.CONDITIONS: "conditions", Role.STIMULUS: "stimulus"}


def read_extras(draft: Draft, cells: Sequence[str], layout: Layout) -> None:
    """Takes in what the row has in such columns; nothing where the table has none."""
    if not layout.has_extras:
        return
    extra = draft.extra()
    for role, name in _SINGLE.items():
        setattr(extra, name, cell_of(cells, layout, role))
    shares = {layout.columns[at].index: cells[at] for at in layout.positions(Role.POINT_SHARE) if at < len(cells)}
    for at in layout.positions(Role.POINT):
        text = cells[at] if at < len(cells) else ""
        marks = _whole(shares.get(layout.columns[at].index, ""))
        if text:
            extra.points.append(f"{text}（{marks}分）" if marks else text)
    sides = {
        role: {layout.columns[at].index: cells[at] for at in layout.positions(role) if at < len(cells) and cells[at]}
        for role in (Role.PREMISE, Role.COUNTERPART)
    }
    premises, choices = sides[Role.PREMISE], sides[Role.COUNTERPART]
    extra.premises = [premises[index] for index in sorted(premises)]
    # What belongs to a premise stands in the column of its number; a choice without a premise is a distractor.
    extra.choices = [choices.get(index, "") for index in sorted(premises)]
    extra.choices += [choices[index] for index in sorted(choices) if index not in premises]


def begin_case(row: Draft, cells: Sequence[str], layout: Layout) -> Draft:
    """A case from its first row: what stands beside the first part belongs to all."""
    case = Draft(
        row.place,
        stem=cell_of(cells, layout, Role.CASE_TITLE),
        declared=ItemType.CASE_ANALYSIS,
        topic=row.topic,
        difficulty=row.difficulty,
        level=row.level,
        basis=row.basis,
        tags=row.tags,
    )
    case.stem = case.stem or "阅读材料，回答各小题。"
    case.explanation = cell_of(cells, layout, Role.CASE_EXPLANATION)
    case.extra().stimulus = cell_of(cells, layout, Role.STIMULUS)
    return case


def add_part(case: Draft, part: Draft, cells: Sequence[str], layout: Layout) -> None:
    """One more part of the case: the item of this row, counted by its 小题分值."""
    part.whole = case
    part.extra().share = _whole(cell_of(cells, layout, Role.SHARE)) or 1
    case.extra().parts.append(part)


def cell_of(cells: Sequence[str], layout: Layout, role: Role) -> str:
    """The cell of the first column with this role; empty where there is none."""
    at = layout.position(role)
    return cells[at] if at is not None and at < len(cells) else ""


def _whole(text: str) -> int:
    """A count of marks such as 2 or 2分; 0 where it is none."""
    found = re.fullmatch(r"\s*([1-9]\d?|100)(?:\.0+)?\s*分?\s*", text)
    return int(found[1]) if found else 0
