"""填空题: blanks in a stem, each with its accepted texts. Carried only: people mark it, and that comes later."""

import re

from question_bank.items import Item, ItemType
from question_bank.kinds.content import content_problems
from question_bank.kinds.text import text_problems
from question_bank.wording import Problem, Wording

# A run of underscores, or brackets with nothing but blanks inside, in both widths.
_BLANK = re.compile(r"_{2,}|[（(][\s_]*[)）]")


class FillBlank:
    """The kind of `ItemType.FILL_BLANK`."""

    item_type = ItemType.FILL_BLANK
    name = Wording("填空题", "Fill in the blank")
    is_objective = False

    def validate(self, item: Item) -> list[Problem]:
        """Every reason why the item could not be presented and marked.

        One blank may be left implicit: a stem that shows none takes one accepted list.
        """
        problems = content_problems(item) + text_problems(item)
        if not item.accepted:
            problems.append(Problem("item.key_missing", "没有标准答案。", "There is no key."))
        shown = len(_BLANK.findall(item.stem))
        if (shown or len(item.accepted) > 1) and shown != len(item.accepted):
            problems.append(
                Problem(
                    "item.blank_count",
                    f"题干有 {shown} 个空，答案有 {len(item.accepted)} 个。",
                    f"The stem has {shown} blanks, the key has {len(item.accepted)}.",
                )
            )
        return problems
