"""简答题: a text that people mark, by a rubric of scoring points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from question_bank.canonical import Json
from question_bank.errors import InvalidItem
from question_bank.items import Body, ItemType
from question_bank.kinds.limits import LONGEST_EXPLANATION, LONGEST_NAME, LONGEST_OPTION
from question_bank.kinds.protocol import BodyText, Extent, Layout
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import MARKED_BY_PEOPLE, UNANSWERED
from question_bank.kinds.written import parse_text
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording

LONGEST_RESPONSE = 5_000
MOST_MODELS = 10
MOST_SCORING_POINTS = 50
MOST_SHARE = 100


@dataclass(frozen=True, slots=True)
class ScoringPoint:
    """采分点: what a response must say, its share of the points beside the others', words that a marker looks for."""

    text: str
    share: int = 1
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShortAnswerBody(Body):
    """Model answers and the rubric; either may be missing where the marker needs none."""

    models: tuple[str, ...] = ()
    rubric: tuple[ScoringPoint, ...] = ()


class ShortAnswer:
    """The kind of `ItemType.SHORT_ANSWER`."""

    item_type = ItemType.SHORT_ANSWER
    name = Wording("简答题", "Short answer")
    is_objective = False
    is_written = True
    body_type = ShortAnswerBody
    sheet = Sheet(
        (
            Field(
                "models",
                Shape.TEXTS,
                Wording("参考答案", "Model answers"),
                rows=1,
                faults=("item.accepted",),
            ),
            Field(
                "rubric",
                Shape.ROWS,
                Wording("采分点", "Scoring points"),
                fields=(
                    Field("text", Shape.TEXT, Wording("要点", "Scoring point")),
                    Field("share", Shape.WHOLE, Wording("分值比例", "Share of the points"), default="1"),
                    Field("keywords", Shape.LINES, Wording("关键词（每行一个）", "Keywords, one a line")),
                ),
                rows=2,
                faults=("item.rubric", "item.share"),
            ),
        )
    )
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING})

    def body_problems(self, _stem: str, body: ShortAnswerBody) -> list[Problem]:
        """Every reason why the item could not be marked; a model answer may be missing."""
        problems: list[Problem] = []
        if not all(text.strip() for text in body.models):
            problems.append(Problem("item.accepted_empty", "参考答案为空。", "A model answer is empty."))
        if not all(point.text.strip() and all(map(str.strip, point.keywords)) for point in body.rubric):
            problems.append(
                Problem("item.rubric_empty", "采分点或关键词为空。", "A scoring point or a keyword is empty.")
            )
        if not all(1 <= point.share <= MOST_SHARE for point in body.rubric):
            problems.append(
                Problem("item.share", "采分点的得分比例有误。", "The share of a scoring point is out of range.")
            )
        if len(body.models) > MOST_MODELS or len(body.rubric) > MOST_SCORING_POINTS:
            problems.append(
                Problem(
                    "item.rubric_many",
                    f"参考答案不超过 {MOST_MODELS} 份，采分点不超过 {MOST_SCORING_POINTS} 个。",
                    f"At most {MOST_MODELS} model answers and {MOST_SCORING_POINTS} scoring points.",
                )
            )
        return problems

    def texts(self, body: ShortAnswerBody) -> Iterator[BodyText]:
        """Model answers, scoring points, keywords."""
        for text in body.models:
            yield BodyText("参考答案", "model answer", text, LONGEST_EXPLANATION)
        for number, point in enumerate(body.rubric, start=1):
            yield BodyText(f"第 {number} 个采分点", f"scoring point {number}", point.text, LONGEST_OPTION)
            for keyword in point.keywords:
                yield BodyText("关键词", "keyword", keyword, LONGEST_NAME, literal=True)

    def body_to_json(self, body: ShortAnswerBody) -> dict[str, Json]:
        """Models and rubric."""
        return {
            "models": [*body.models],
            "rubric": [
                {"text": point.text, "share": point.share, "keywords": [*point.keywords]} for point in body.rubric
            ],
        }

    def body_from_json(self, value: Json, at: str) -> ShortAnswerBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        record = Record(value, members=frozenset({"models", "rubric"}), at=at, refusal=InvalidItem)
        return ShortAnswerBody(record.texts("models"), record.each("rubric", _read_point))

    def key_lines(self, body: ShortAnswerBody) -> list[str]:
        """Model answers and scoring points."""
        points = [f"[{point.share}] {point.text} {' '.join(point.keywords)}".strip() for point in body.rubric]
        return [*body.models, *points]

    def layout(self, _body: ShortAnswerBody) -> Layout:
        """A field to write in."""
        return Layout()

    def free_places(self, _body: ShortAnswerBody) -> tuple[int, ...]:
        """None."""
        return ()

    def dealt_place(self, _body: ShortAnswerBody) -> int | None:
        """None."""
        return None

    def key(self, _body: ShortAnswerBody, _order: Sequence[int]) -> str:
        """Empty: nobody can write a response in advance that earns full points."""
        return ""

    def nothing(self, _extent: Extent) -> str:
        """No text."""
        return ""

    def parse_response(self, raw: object, _extent: Extent) -> str:
        """A text, white space around it taken away. Raises `InvalidResponse`."""
        return parse_text(raw, longest=LONGEST_RESPONSE)

    def is_answered(self, response: str) -> bool:
        """Whether anything was written."""
        return bool(response)

    def same_response(self, one: str, other: str) -> bool:
        """Whether the same was written."""
        return one == other

    def score(
        self,
        response: str,
        *,
        body: ShortAnswerBody,
        order: Sequence[int],
        scoring: Scoring,
        points_hundredths: int,
    ) -> None:
        """None: people mark it."""

    def summarise(self, response: str) -> Wording:
        """What was written."""
        return Wording(response, response) if response else UNANSWERED

    def describe(self, _scoring: Scoring) -> Wording:
        """That people mark it."""
        return MARKED_BY_PEOPLE


def _read_point(value: Json, at: str) -> ScoringPoint:
    record = Record(value, members=frozenset({"text", "share", "keywords"}), at=at, refusal=InvalidItem)
    return ScoringPoint(record.text("text"), record.integer("share"), record.texts("keywords"))
