"""Which items may stand in a form while nobody marks: those that rules alone score."""

from dataclasses import replace

import pytest

from app.exams.planning import check_types
from app.exams.rules import ContentRefused
from question_bank.items import ItemType
from question_bank.kinds import is_objective
from question_bank.kinds.case_analysis import Part
from tests.support.bank import blueprint_of, cell
from tests.support.every_kind import CASE, EVERY, SHORT


@pytest.mark.parametrize("item_type", [ItemType.SHORT_ANSWER, ItemType.PRACTICAL])
def test_a_blueprint_asks_for_no_items_that_people_must_mark(item_type):
    with pytest.raises(ContentRefused) as refused:
        check_types(blueprint_of(cell(ItemType.SINGLE_CHOICE, 1), cell(item_type, 1)))
    assert "第 1 大题「大题」第 2 行" in refused.value.sentence("zh")
    assert "row 2" in refused.value.sentence("en")


def test_every_other_type_may_stand_in_a_form_a_case_if_all_its_parts_may():
    marked = {ItemType.SHORT_ANSWER, ItemType.PRACTICAL}
    check_types(blueprint_of(*(cell(each, 1) for each in ItemType if each not in marked)))
    assert {item_type for item_type, item in EVERY.items() if not is_objective(item)} == marked
    part = Part(ItemType.SHORT_ANSWER, "为什么？", SHORT.body)
    assert not is_objective(replace(CASE, body=replace(CASE.body, parts=(*CASE.body.parts, part))))
