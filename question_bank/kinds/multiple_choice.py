"""多选题: options of which any number may be right, one included (不定项)."""

from question_bank.choice_scoring import CHOICE_RULES
from question_bank.items import ItemType
from question_bank.kinds.choice import ChoiceBody, ChoiceKind, choice_problems, parse_choice
from question_bank.kinds.protocol import Extent
from question_bank.scoring import Scoring, describe
from question_bank.wording import Problem, Wording


class MultipleChoice(ChoiceKind):
    """The kind of `ItemType.MULTIPLE_CHOICE`. Every rule for choices may score it."""

    item_type = ItemType.MULTIPLE_CHOICE
    name = Wording("多选题", "Multiple choice")
    scoring_rules = CHOICE_RULES

    def body_problems(self, _stem: str, body: ChoiceBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored."""
        return choice_problems(body)

    def parse_response(self, raw: object, extent: Extent) -> list[int]:
        """Any positions, each once. Raises `InvalidResponse`."""
        return parse_choice(raw, option_count=extent.shown, most=extent.shown)

    def describe(self, scoring: Scoring) -> Wording:
        """The words of the rule."""
        return describe(scoring)
