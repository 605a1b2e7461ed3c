"""单选题: options of which exactly one is right."""

from question_bank.items import Item, ItemType
from question_bank.kinds.choice import (
    RIGHT_OR_NOTHING,
    ChoiceKind,
    choice_problems,
    parse_choice,
    single_key_problems,
)
from question_bank.kinds.protocol import Response
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording


class SingleChoice(ChoiceKind):
    """The kind of `ItemType.SINGLE_CHOICE`. Right or not: no rule divides its points."""

    item_type = ItemType.SINGLE_CHOICE
    name = Wording("单选题", "Single choice")
    is_objective = True
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING})
    shuffles_options = True

    def validate(self, item: Item) -> list[Problem]:
        """Every reason why the item could not be presented and scored."""
        return choice_problems(item) + single_key_problems(item)

    def parse_response(self, raw: object, *, option_count: int) -> Response:
        """[] or one position. Raises `InvalidResponse`."""
        return parse_choice(raw, option_count=option_count, most=1)

    def describe(self, _scoring: Scoring) -> Wording:
        """Right or not."""
        return RIGHT_OR_NOTHING
