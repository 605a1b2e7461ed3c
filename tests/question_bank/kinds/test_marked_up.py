"""What is marked up in an item's texts is judged where it stands; what is compared as it stands is not."""

import dataclasses

from question_bank.items import Item, ItemType
from question_bank.kinds import problems_of
from question_bank.kinds.fill_blank import blanks_of
from tests.support.printed import a_paper


def test_formulas_and_pictures_are_judged_in_every_text():
    (case,) = [item for item in a_paper().items.values() if item.item_type is ItemType.CASE_ANALYSIS]
    assert problems_of(case) == []
    part = dataclasses.replace(case.body.parts[0], stem="$\\bad$")
    body = dataclasses.replace(case.body, stimulus=f"![](picture:{'a' * 64})", parts=(part, case.body.parts[1]))
    found = problems_of(dataclasses.replace(case, body=body))
    assert [problem.code for problem in found] == ["content.picture_undescribed", "content.formula_unreadable"]
    assert [problem.zh.split("：")[0] for problem in found] == ["材料", "第 1 小题的题干"]
    assert problems_of(Item(ItemType.FILL_BLANK, "路径变量是____", blanks_of(["$\\bad$"]))) == []
