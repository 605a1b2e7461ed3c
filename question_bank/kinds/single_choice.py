"""单选题: options of which exactly one is right."""

from question_bank.items import ItemType
from question_bank.kinds.choice import (
    ChoiceBody,
    ChoiceKind,
    choice_problems,
    parse_choice,
    single_key_problems,
)
from question_bank.kinds.protocol import Extent
from question_bank.kinds.words import RIGHT_OR_NOTHING
from question_bank.scoring import Scoring, ScoringRule, describe
from question_bank.wording import Problem, Wording


class SingleChoice(ChoiceKind):
    """The kind of `ItemType.SINGLE_CHOICE`. Right or not, unless its author weighs the options."""

    item_type = ItemType.SINGLE_CHOICE
    name = Wording("单选题", "Single choice")
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING, ScoringRule.OPTION_WEIGHTS})

    def body_problems(self, _stem: str, body: ChoiceBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored."""
        return choice_problems(body) + single_key_problems(body)

    def dealt_place(self, body: ChoiceBody) -> int | None:
        """The right option, where it may move."""
        (right,) = body.key
        return None if body.options[right].pinned else right

    def parse_response(self, raw: object, extent: Extent) -> list[int]:
        """[] or one position. Raises `InvalidResponse`."""
        return parse_choice(raw, option_count=extent.shown, most=1)

    def describe(self, scoring: Scoring) -> Wording:
        """Right or not, or the weights."""
        return RIGHT_OR_NOTHING if scoring.rule is ScoringRule.ALL_OR_NOTHING else describe(scoring)
