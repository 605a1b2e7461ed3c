"""匹配题: premises, each to be given its choice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from question_bank.canonical import Json
from question_bank.errors import InvalidItem, InvalidResponse
from question_bank.items import Body, ItemType
from question_bank.kinds.choice import check_position, letter_of
from question_bank.kinds.limits import LONGEST_OPTION
from question_bank.kinds.protocol import BodyText, Extent, Layout
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import RIGHT_OR_NOTHING, UNANSWERED
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule, describe
from question_bank.wording import Problem, Wording

MOST_PREMISES, MOST_CHOICES = 20, 12


@dataclass(frozen=True, slots=True)
class MatchingBody(Body):
    """`pairs[p]` is the place of the choice that premise p belongs to. A choice may belong to several premises, or to
    none, as a distractor."""

    premises: tuple[str, ...]
    choices: tuple[str, ...]
    pairs: tuple[int, ...]


_LETTERS = "ABCDEFGHIJKL"[:MOST_CHOICES]


def _pairs_to_letters(value: dict[str, Any]) -> dict[str, Any]:
    pairs = [*value.get("pairs", ())]
    premises = [
        {"text": text, "choice": _LETTERS[pairs[at]] if at < len(pairs) and 0 <= pairs[at] < len(_LETTERS) else ""}
        for at, text in enumerate(value.get("premises", ()))
    ]
    return {"premises": premises, "choices": value.get("choices", [])}


def _letters_to_pairs(value: dict[str, Any]) -> dict[str, Any]:
    """A premise without a letter belongs to none: -1, which `body_problems` refuses."""
    return {
        "premises": [row["text"] for row in value["premises"]],
        "choices": value["choices"],
        "pairs": [_LETTERS.index(row["choice"]) if row["choice"] else -1 for row in value["premises"]],
    }


class Matching:
    """The kind of `ItemType.MATCHING`. Premises keep their order; the choices do not."""

    item_type = ItemType.MATCHING
    name = Wording("匹配题", "Matching")
    is_objective = True
    is_written = True
    body_type = MatchingBody
    sheet = Sheet(
        (
            Field(
                "premises",
                Shape.ROWS,
                Wording("题目项", "Premises"),
                Wording("写明各题目项对应的备选项字母。", "Name the letter of the choice that each belongs to."),
                fields=(
                    Field("text", Shape.TEXT, Wording("题目项", "Premise")),
                    Field(
                        "choice",
                        Shape.PICK,
                        Wording("对应备选项", "Choice"),
                        picks=tuple((letter, Wording(letter, letter)) for letter in _LETTERS),
                    ),
                ),
                rows=3,
                faults=("item.pair", "item.element"),
            ),
            Field(
                "choices",
                Shape.TEXTS,
                Wording("备选项", "Choices"),
                Wording(
                    "依次为 A、B、C……；可多于题目项，作为干扰项。",
                    "They are A, B, C and so on; there may be more of them than premises.",
                ),
                rows=4,
            ),
        ),
        _pairs_to_letters,
        _letters_to_pairs,
    )
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING, ScoringRule.PER_PAIR, ScoringRule.NET_PAIRS})

    def body_problems(self, _stem: str, body: MatchingBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored."""
        problems: list[Problem] = []
        if not 1 <= len(body.premises) <= MOST_PREMISES or not 2 <= len(body.choices) <= MOST_CHOICES:
            problems.append(
                Problem(
                    "item.pair_count",
                    f"匹配题应有 1 至 {MOST_PREMISES} 个题目项、2 至 {MOST_CHOICES} 个备选项。",
                    f"There must be 1 to {MOST_PREMISES} premises and 2 to {MOST_CHOICES} choices.",
                )
            )
        for texts in (body.premises, body.choices):
            plain = [" ".join(text.split()) for text in texts]
            if not all(plain):
                problems.append(Problem("item.element_empty", "有空白的匹配项。", "A premise or a choice is empty."))
            elif len(set(plain)) < len(plain):
                problems.append(
                    Problem("item.elements_alike", "有相同的匹配项。", "Two premises or two choices are the same.")
                )
        if len(body.pairs) != len(body.premises) or not all(0 <= place < len(body.choices) for place in body.pairs):
            problems.append(
                Problem(
                    "item.pairs",
                    "每个题目项应对应一个备选项。",
                    "Every premise must belong to one of the choices.",
                )
            )
        return problems

    def texts(self, body: MatchingBody) -> Iterator[BodyText]:
        """Premises and choices."""
        for number, text in enumerate(body.premises, start=1):
            yield BodyText(f"第 {number} 个题目项", f"premise {number}", text, LONGEST_OPTION)
        for number, text in enumerate(body.choices, start=1):
            yield BodyText(f"第 {number} 个备选项", f"choice {number}", text, LONGEST_OPTION)

    def body_to_json(self, body: MatchingBody) -> dict[str, Json]:
        """Premises, choices, pairs."""
        return {"premises": [*body.premises], "choices": [*body.choices], "pairs": [*body.pairs]}

    def body_from_json(self, value: Json, at: str) -> MatchingBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        record = Record(value, members=frozenset({"premises", "choices", "pairs"}), at=at, refusal=InvalidItem)
        return MatchingBody(record.texts("premises"), record.texts("choices"), record.integers("pairs"))

    def key_lines(self, body: MatchingBody) -> list[str]:
        """Each premise with its choice, and the distractors."""
        made = zip(body.premises, body.pairs, strict=False)
        lines = [f"{premise} — {body.choices[place]}" for premise, place in made if 0 <= place < len(body.choices)]
        spare = [choice for place, choice in enumerate(body.choices) if place not in body.pairs]
        return lines + [f"× {choice}" for choice in spare]

    def layout(self, body: MatchingBody) -> Layout:
        """Premises, and the choices."""
        return Layout(shown=body.choices, premises=body.premises)

    def free_places(self, body: MatchingBody) -> tuple[int, ...]:
        """All choices."""
        return tuple(range(len(body.choices)))

    def dealt_place(self, _body: MatchingBody) -> int | None:
        """None."""
        return None

    def key(self, body: MatchingBody, order: Sequence[int]) -> list[int | None]:
        """The displayed position of each premise's choice."""
        return [order.index(place) for place in body.pairs]

    def nothing(self, extent: Extent) -> list[int | None]:
        """No pair."""
        return [None] * extent.slots

    def parse_response(self, raw: object, extent: Extent) -> list[int | None]:
        """A displayed position or null for each premise. Raises `InvalidResponse`."""
        if not isinstance(raw, list) or len(raw) != extent.slots:
            raise InvalidResponse(
                "response.pair_count",
                zh=f"作答应为 {extent.slots} 个序号的列表，每个题目项一个。",
                en=f"A response must be a list of {extent.slots} positions, one for each premise.",
            )
        for position in raw:
            if position is not None:
                check_position(position, extent.shown)
        return list(raw)

    def is_answered(self, response: list[int | None]) -> bool:
        """Whether any pair was made."""
        return any(position is not None for position in response)

    def same_response(self, one: list[int | None], other: list[int | None]) -> bool:
        """Whether the pairs are the same."""
        return one == other

    def score(
        self,
        response: list[int | None],
        *,
        body: MatchingBody,
        order: Sequence[int],
        scoring: Scoring,
        points_hundredths: int,
    ) -> Fraction:
        """With n premises: M if every pair is right; M·right/n; or M·max(0, right − wrong)/n, pairs left open being
        neither."""
        count = len(body.premises)
        made = [order[shown] == place for shown, place in zip(response, body.pairs, strict=True) if shown is not None]
        right = sum(made)
        if scoring.rule is ScoringRule.PER_PAIR:
            return Fraction(points_hundredths * right, count)
        if scoring.rule is ScoringRule.NET_PAIRS:
            return Fraction(points_hundredths * max(0, 2 * right - len(made)), count)
        return Fraction(points_hundredths if right == count else 0)

    def summarise(self, response: list[int | None]) -> Wording:
        """Number of each premise and letter of its choice."""
        if not self.is_answered(response):
            return UNANSWERED
        made = [f"{at}—{letter_of(shown)}" for at, shown in enumerate(response, start=1) if shown is not None]
        return Wording("，".join(made), ", ".join(made))

    def describe(self, scoring: Scoring) -> Wording:
        """The words of the rule."""
        return RIGHT_OR_NOTHING if scoring.rule is ScoringRule.ALL_OR_NOTHING else describe(scoring)
