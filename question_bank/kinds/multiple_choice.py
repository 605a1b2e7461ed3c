"""多选题: options of which any number may be right, one included (不定项)."""

from question_bank.items import Item, ItemType
from question_bank.kinds.choice import ChoiceKind, choice_problems, parse_choice
from question_bank.kinds.protocol import Response
from question_bank.scoring import Scoring, ScoringRule, describe
from question_bank.wording import Problem, Wording


class MultipleChoice(ChoiceKind):
    """The kind of `ItemType.MULTIPLE_CHOICE`. Every rule may score it."""

    item_type = ItemType.MULTIPLE_CHOICE
    name = Wording("多选题", "Multiple choice")
    is_objective = True
    scoring_rules = frozenset(ScoringRule)
    shuffles_options = True

    def validate(self, item: Item) -> list[Problem]:
        """Every reason why the item could not be presented and scored."""
        return choice_problems(item)

    def parse_response(self, raw: object, *, option_count: int) -> Response:
        """Any positions, each once. Raises `InvalidResponse`."""
        return parse_choice(raw, option_count=option_count, most=option_count)

    def describe(self, scoring: Scoring) -> Wording:
        """The words of the rule."""
        return describe(scoring)
