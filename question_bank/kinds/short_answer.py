"""简答题: a text that a person marks. Carried only, until marking exists."""

from question_bank.items import Item, ItemType
from question_bank.kinds.content import content_problems
from question_bank.kinds.text import text_problems
from question_bank.wording import Problem, Wording


class ShortAnswer:
    """The kind of `ItemType.SHORT_ANSWER`."""

    item_type = ItemType.SHORT_ANSWER
    name = Wording("简答题", "Short answer")
    is_objective = False

    def validate(self, item: Item) -> list[Problem]:
        """Every reason why the item could not be presented and marked; a model answer may be missing."""
        problems = content_problems(item) + text_problems(item)
        if len(item.accepted) > 1:
            problems.append(
                Problem(
                    "item.model_count",
                    "简答题的参考答案应合为一组。",
                    "The model answers of a short answer stand in one list.",
                )
            )
        return problems
