"""判断题: a statement that is 正确 (position 0) or 错误 (position 1)."""

from question_bank.items import Item, ItemType, Option
from question_bank.kinds.choice import (
    RIGHT_OR_NOTHING,
    UNANSWERED,
    ChoiceKind,
    choice_problems,
    parse_choice,
    single_key_problems,
)
from question_bank.kinds.protocol import Response
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording

TRUE_FALSE_OPTIONS = (Option("正确"), Option("错误"))


class TrueFalse(ChoiceKind):
    """The kind of `ItemType.TRUE_FALSE`. The order of its options never changes."""

    item_type = ItemType.TRUE_FALSE
    name = Wording("判断题", "True or false")
    is_objective = True
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING})
    shuffles_options = False

    def validate(self, item: Item) -> list[Problem]:
        """Every reason why the item could not be presented and scored."""
        problems = choice_problems(item) + single_key_problems(item)
        if item.options != TRUE_FALSE_OPTIONS:
            problems.append(
                Problem(
                    "item.true_false_options",
                    "判断题的选项应依次为“正确”“错误”。",
                    "The options of a true-or-false item must be 正确 and 错误, in this order.",
                )
            )
        return problems

    def parse_response(self, raw: object, *, option_count: int) -> Response:
        """[] or one position. Raises `InvalidResponse`."""
        return parse_choice(raw, option_count=option_count, most=1)

    def summarise(self, response: Response) -> Wording:
        """正确 or 错误."""
        if not response:
            return UNANSWERED
        return Wording("错误", "False") if response[0] else Wording("正确", "True")

    def describe(self, _scoring: Scoring) -> Wording:
        """Right or not."""
        return RIGHT_OR_NOTHING
