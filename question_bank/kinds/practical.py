"""实操题: work that an examiner watches and marks by a checklist; nothing is written on the exam page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from question_bank.canonical import Json
from question_bank.errors import InvalidItem
from question_bank.items import Body, ItemType
from question_bank.kinds.limits import LONGEST_OPTION, LONGEST_STEM
from question_bank.kinds.protocol import BodyText, Extent, Layout
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import MARKED_BY_PEOPLE, UNANSWERED
from question_bank.kinds.written import parse_text
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording

MOST_CHECKS = 50
MOST_SHARE = 100


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    """One thing to be done rightly, and its share of the points beside the others'."""

    text: str
    share: int = 1


@dataclass(frozen=True, slots=True)
class PracticalBody(Body):
    """The checklist, and the conditions under which the work is done: place, tools, time."""

    checklist: tuple[ChecklistEntry, ...]
    conditions: str = ""


class Practical:
    """The kind of `ItemType.PRACTICAL`."""

    item_type = ItemType.PRACTICAL
    name = Wording("实操题", "Practical")
    is_objective = False
    is_written = False
    body_type = PracticalBody
    sheet = Sheet(
        (
            Field(
                "conditions",
                Shape.TEXT,
                Wording("考核条件", "Conditions"),
                Wording("地点、工具、时间等，可不填。", "Place, tools, time; may be left empty."),
            ),
            Field(
                "checklist",
                Shape.ROWS,
                Wording("评分要点", "Checklist"),
                fields=(
                    Field("text", Shape.TEXT, Wording("评分要点", "Entry")),
                    Field("share", Shape.WHOLE, Wording("分值比例", "Share of the points"), default="1"),
                ),
                rows=3,
                faults=("item.",),
            ),
        )
    )
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING})

    def body_problems(self, _stem: str, body: PracticalBody) -> list[Problem]:
        """Every reason why the item could not be marked."""
        problems: list[Problem] = []
        if not 1 <= len(body.checklist) <= MOST_CHECKS:
            problems.append(
                Problem(
                    "item.checklist",
                    f"评分要点应为 1 至 {MOST_CHECKS} 条。",
                    f"The checklist must have 1 to {MOST_CHECKS} entries.",
                )
            )
        if not all(entry.text.strip() for entry in body.checklist):
            problems.append(Problem("item.rubric_empty", "评分要点为空。", "An entry of the checklist is empty."))
        if not all(1 <= entry.share <= MOST_SHARE for entry in body.checklist):
            problems.append(Problem("item.share", "评分要点的得分比例有误。", "The share of an entry is out of range."))
        return problems

    def texts(self, body: PracticalBody) -> Iterator[BodyText]:
        """Conditions and checklist."""
        yield BodyText("考核条件", "conditions", body.conditions, LONGEST_STEM)
        for number, entry in enumerate(body.checklist, start=1):
            yield BodyText(f"第 {number} 条评分要点", f"checklist entry {number}", entry.text, LONGEST_OPTION)

    def body_to_json(self, body: PracticalBody) -> dict[str, Json]:
        """Checklist and conditions."""
        return {
            "checklist": [{"text": entry.text, "share": entry.share} for entry in body.checklist],
            "conditions": body.conditions,
        }

    def body_from_json(self, value: Json, at: str) -> PracticalBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        record = Record(value, members=frozenset({"checklist", "conditions"}), at=at, refusal=InvalidItem)
        return PracticalBody(record.each("checklist", _read_entry), record.text("conditions"))

    def key_lines(self, body: PracticalBody) -> list[str]:
        """Conditions and checklist."""
        checklist = [f"[{entry.share}] {entry.text}" for entry in body.checklist]
        return [body.conditions, *checklist] if body.conditions else checklist

    def layout(self, _body: PracticalBody) -> Layout:
        """The stem alone."""
        return Layout()

    def free_places(self, _body: PracticalBody) -> tuple[int, ...]:
        """None."""
        return ()

    def dealt_place(self, _body: PracticalBody) -> int | None:
        """None."""
        return None

    def key(self, _body: PracticalBody, _order: Sequence[int]) -> str:
        """Empty."""
        return ""

    def nothing(self, _extent: Extent) -> str:
        """Nothing is written."""
        return ""

    def parse_response(self, raw: object, _extent: Extent) -> str:
        """Nothing but an empty text. Raises `InvalidResponse`."""
        return parse_text(raw, longest=0)

    def is_answered(self, _response: str) -> bool:
        """False: what was done, the examiner has seen."""
        return False

    def same_response(self, one: str, other: str) -> bool:
        """Whether the same was written."""
        return one == other

    def score(
        self, response: str, *, body: PracticalBody, order: Sequence[int], scoring: Scoring, points_hundredths: int
    ) -> None:
        """None: people mark it."""

    def summarise(self, _response: str) -> Wording:
        """That nothing was written."""
        return UNANSWERED

    def describe(self, _scoring: Scoring) -> Wording:
        """That people mark it."""
        return MARKED_BY_PEOPLE


def _read_entry(value: Json, at: str) -> ChecklistEntry:
    record = Record(value, members=frozenset({"text", "share"}), at=at, refusal=InvalidItem)
    return ChecklistEntry(record.text("text"), record.integer("share"))
