"""案例分析题: a stimulus (材料) with several items on it. On a form the parts stand together and in their order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from question_bank.canonical import Json
from question_bank.errors import InvalidItem, InvalidResponse
from question_bank.items import Body, Item, ItemType
from question_bank.kinds.limits import LONGEST_EXPLANATION, LONGEST_STEM
from question_bank.kinds.protocol import AnyKind, BodyText, Extent, Layout
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import UNANSWERED
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule
from question_bank.scoring_json import scoring_from_json, scoring_to_json
from question_bank.wording import Problem, Wording

MOST_PARTS = 20
MOST_SHARE = 10


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a case, of a simple type; `share` is its part of the case's points beside the others'."""

    item_type: ItemType
    stem: str
    body: Body
    explanation: str = ""
    share: int = 1
    scoring: Scoring | None = None


@dataclass(frozen=True, slots=True)
class CaseBody(Body):
    """材料 and the items on it. The stem of the case says what it is about."""

    stimulus: str
    parts: tuple[Part, ...]


def _without_scoring(value: dict[str, Any]) -> dict[str, Any]:
    """The rule of a part's own is not written in the form."""
    return {
        "stimulus": value.get("stimulus", ""),
        "parts": [{name: held for name, held in part.items() if name != "scoring"} for part in value.get("parts", ())],
    }


def _with_scoring(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "parts": [{**part, "scoring": None} for part in value["parts"]]}


class CaseAnalysis:
    """The kind of `ItemType.CASE_ANALYSIS`. Responses and points belong to its parts, never to the case itself.

    It asks the kinds of its parts, and so is told where they are found.
    """

    item_type = ItemType.CASE_ANALYSIS
    name = Wording("案例分析题", "Case analysis")
    body_type = CaseBody
    is_objective = False
    is_written = True
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING})

    def __init__(self, simple_kinds: dict[ItemType, AnyKind]) -> None:
        """`simple_kinds`: the types that may stand in a case."""
        self._kinds = simple_kinds
        self.types = tuple(simple_kinds)
        self.sheet = Sheet(
            (
                Field("stimulus", Shape.TEXT, Wording("材料", "Stimulus"), faults=("item.stimulus",)),
                Field(
                    "parts",
                    Shape.ROWS,
                    Wording("小题", "Parts"),
                    fields=(
                        Field(
                            "item_type",
                            Shape.PICK,
                            Wording("题型", "Type"),
                            default=ItemType.SHORT_ANSWER.value,
                            picks=tuple((of.value, kind.name) for of, kind in simple_kinds.items()),
                        ),
                        Field("stem", Shape.TEXT, Wording("题干", "Stem")),
                        Field(
                            "body",
                            Shape.BODY,
                            Wording("答案", "Key"),
                            bodies={of.value: kind.sheet for of, kind in simple_kinds.items()},
                        ),
                        Field("explanation", Shape.TEXT, Wording("解析", "Explanation")),
                        Field("share", Shape.WHOLE, Wording("分值比例", "Share of the points"), default="1"),
                    ),
                    rows=1,
                    faults=("item.",),
                ),
            ),
            _without_scoring,
            _with_scoring,
        )

    def body_problems(self, _stem: str, body: CaseBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored; problems of a part under its number."""
        problems: list[Problem] = []
        if not body.stimulus.strip():
            problems.append(Problem("item.stimulus_empty", "材料为空。", "The stimulus is empty."))
        if not 1 <= len(body.parts) <= MOST_PARTS:
            problems.append(
                Problem(
                    "item.part_count", f"小题应为 1 至 {MOST_PARTS} 道。", f"There must be 1 to {MOST_PARTS} parts."
                )
            )
        for number, part in enumerate(body.parts, start=1):
            problems += [
                Problem(code, f"第 {number} 小题：{zh}", f"Part {number}: {en}")
                for code, zh, en in self._part_problems(part)
            ]
        return problems

    def _part_problems(self, part: Part) -> Iterator[Problem]:
        kind = self._kinds.get(part.item_type)
        if kind is None or not isinstance(part.body, kind.body_type):
            yield Problem("item.part_type", "题型不可用。", "Its type cannot stand in a case.")
            return
        if not part.stem.strip():
            yield Problem("item.stem_empty", "题干为空。", "The stem is empty.")
        if not 1 <= part.share <= MOST_SHARE:
            yield Problem("item.share", "得分比例有误。", "Its share is out of range.")
        if part.scoring is not None and not fits(part.scoring, kind, part.body):
            yield Problem("item.scoring", "评分规则有误。", "A scoring rule it cannot have.")
        yield from kind.body_problems(part.stem, part.body)

    def texts(self, body: CaseBody) -> Iterator[BodyText]:
        """The stimulus, and every text of every part."""
        yield BodyText("材料", "stimulus", body.stimulus, LONGEST_STEM)
        for number, part in enumerate(body.parts, start=1):
            own = [
                BodyText("题干", "stem", part.stem, LONGEST_STEM),
                BodyText("解析", "explanation", part.explanation, LONGEST_EXPLANATION),
                *self._kinds[part.item_type].texts(part.body),
            ]
            for text in own:
                yield text._replace(zh=f"第 {number} 小题的{text.zh}", en=f"{text.en} of part {number}")

    def body_to_json(self, body: CaseBody) -> dict[str, Json]:
        """Stimulus and parts."""
        return {
            "stimulus": body.stimulus,
            "parts": [
                {
                    "item_type": part.item_type.value,
                    "stem": part.stem,
                    "body": self._kinds[part.item_type].body_to_json(part.body),
                    "explanation": part.explanation,
                    "share": part.share,
                    "scoring": None if part.scoring is None else scoring_to_json(part.scoring),
                }
                for part in body.parts
            ],
        }

    def body_from_json(self, value: Json, at: str) -> CaseBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        record = Record(value, members=frozenset({"stimulus", "parts"}), at=at, refusal=InvalidItem)
        return CaseBody(record.text("stimulus"), record.each("parts", self._read_part))

    def _read_part(self, value: Json, at: str) -> Part:
        members = frozenset({"item_type", "stem", "body", "explanation", "share", "scoring"})
        record = Record(value, members=members, at=at, refusal=InvalidItem)
        item_type = record.member("item_type", ItemType)
        kind = self._kinds.get(item_type)
        if kind is None:
            raise InvalidItem("json.shape", zh=f"{at}.item_type：题型不可用。", en=f"{at}.item_type: not in a case.")
        return Part(
            item_type=item_type,
            stem=record.text("stem"),
            body=record.nested("body", kind.body_from_json),
            explanation=record.text("explanation"),
            share=record.integer("share"),
            scoring=record.optional("scoring", read_own_scoring),
        )

    def key_lines(self, body: CaseBody) -> list[str]:
        """The stimulus, and each part with its own lines."""
        lines = [body.stimulus]
        for number, part in enumerate(body.parts, start=1):
            lines += [f"（{number}） {part.stem}", *self._kinds[part.item_type].key_lines(part.body)]
        return lines

    def layout(self, _body: CaseBody) -> Layout:
        """Nothing of its own: the parts have theirs."""
        return Layout()

    def free_places(self, _body: CaseBody) -> tuple[int, ...]:
        """None."""
        return ()

    def dealt_place(self, _body: CaseBody) -> int | None:
        """None."""
        return None

    def key(self, _body: CaseBody, _order: Sequence[int]) -> str:
        """Empty."""
        return ""

    def nothing(self, _extent: Extent) -> str:
        """Empty."""
        return ""

    def parse_response(self, _raw: object, _extent: Extent) -> str:
        """Raises `InvalidResponse`: its parts are responded to."""
        raise InvalidResponse("response.case", zh="请对各小题作答。", en="Respond to the parts of a case.")

    def is_answered(self, _response: str) -> bool:
        """False."""
        return False

    def same_response(self, one: str, other: str) -> bool:
        """Whether both are empty."""
        return one == other

    def score(
        self, response: str, *, body: CaseBody, order: Sequence[int], scoring: Scoring, points_hundredths: int
    ) -> None:
        """None: its parts are scored."""

    def summarise(self, _response: str) -> Wording:
        """Nothing."""
        return UNANSWERED

    def describe(self, _scoring: Scoring) -> Wording:
        """That its parts are scored."""
        return Wording("各小题分别评分。", "Each part is scored by itself.")


def points_of_parts(body: CaseBody, points_hundredths: int) -> tuple[int, ...]:
    """The points of the case shared out among its parts by their shares, to the hundredth: what is left over goes to
    the parts that lost most by rounding down, the first before the later."""
    full = sum(part.share for part in body.parts)
    points = [points_hundredths * part.share // full for part in body.parts]
    lost = [points_hundredths * part.share % full for part in body.parts]
    for place in sorted(range(len(points)), key=lambda place: -lost[place])[: points_hundredths - sum(points)]:
        points[place] += 1
    return tuple(points)


def is_objective_throughout(item: Item, objective: Callable[[ItemType], bool]) -> bool:
    """Whether rules alone score it: its own kind, or those of all its parts."""
    if isinstance(item.body, CaseBody):
        return all(objective(part.item_type) for part in item.body.parts)
    return objective(item.item_type)


def fits(scoring: Scoring, kind: AnyKind, body: Body) -> bool:
    """Whether an author's own rule can score a body of that kind."""
    if scoring.rule not in kind.scoring_rules or not scoring.is_sound:
        return False
    return not scoring.rule.takes_weights or len(scoring.weights) == kind.layout(body).extent.shown


def read_own_scoring(value: Json, at: str) -> Scoring:
    """An author's own rule as `scoring_to_json` wrote it. Raises `InvalidItem`."""
    return scoring_from_json(value, at, refusal=InvalidItem)
