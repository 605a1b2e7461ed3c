"""判断题: a statement that is 正确 (position 0) or 错误 (position 1)."""

from typing import Any

from question_bank.items import ItemType
from question_bank.kinds.choice import (
    ChoiceBody,
    ChoiceKind,
    Option,
    choice_problems,
    parse_choice,
    single_key_problems,
)
from question_bank.kinds.protocol import Extent
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import RIGHT_OR_NOTHING, UNANSWERED
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording

TRUE_FALSE_OPTIONS = (Option("正确"), Option("错误"))


def _options_to_word(value: dict[str, Any]) -> dict[str, Any]:
    return {"key": {(0,): "true", (1,): "false"}.get(tuple(value.get("key", ())), "")}


def _word_to_options(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "options": [{"text": option.text, "pinned": option.pinned} for option in TRUE_FALSE_OPTIONS],
        "key": {"true": [0], "false": [1]}.get(value["key"], []),
    }


def judgement(*, is_true: bool) -> ChoiceBody:
    """The body of a statement that is true or false."""
    return ChoiceBody(TRUE_FALSE_OPTIONS, frozenset({0 if is_true else 1}))


class TrueFalse(ChoiceKind):
    """The kind of `ItemType.TRUE_FALSE`. The order of its options never changes."""

    item_type = ItemType.TRUE_FALSE
    name = Wording("判断题", "True or false")
    sheet = Sheet(
        (
            Field(
                "key",
                Shape.PICK,
                Wording("标准答案", "Key"),
                picks=(("true", Wording("正确", "True")), ("false", Wording("错误", "False"))),
                faults=("item.",),
            ),
        ),
        _options_to_word,
        _word_to_options,
    )
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING})

    def body_problems(self, _stem: str, body: ChoiceBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored."""
        problems = choice_problems(body) + single_key_problems(body)
        if body.options != TRUE_FALSE_OPTIONS:
            problems.append(
                Problem(
                    "item.true_false_options",
                    "判断题的选项应依次为“正确”“错误”。",
                    "The options of a true-or-false item must be 正确 and 错误, in this order.",
                )
            )
        return problems

    def free_places(self, _body: ChoiceBody) -> tuple[int, ...]:
        """None."""
        return ()

    def parse_response(self, raw: object, extent: Extent) -> list[int]:
        """[] or one position. Raises `InvalidResponse`."""
        return parse_choice(raw, option_count=extent.shown, most=1)

    def summarise(self, response: list[int]) -> Wording:
        """正确 or 错误."""
        if not response:
            return UNANSWERED
        return Wording("错误", "False") if response[0] else Wording("正确", "True")

    def describe(self, _scoring: Scoring) -> Wording:
        """Right or not."""
        return RIGHT_OR_NOTHING
