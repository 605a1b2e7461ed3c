"""排序题: elements to be put in their right order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

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

FEWEST_ELEMENTS, MOST_ELEMENTS = 2, 12


@dataclass(frozen=True, slots=True)
class OrderingBody(Body):
    """The elements in their right order."""

    elements: tuple[str, ...]


class Ordering:
    """The kind of `ItemType.ORDERING`."""

    item_type = ItemType.ORDERING
    name = Wording("排序题", "Ordering")
    is_objective = True
    is_written = True
    body_type = OrderingBody
    sheet = Sheet(
        (
            Field(
                "elements",
                Shape.TEXTS,
                Wording("排序项", "Elements"),
                Wording("按正确的顺序填写，作答时打乱。", "In their right order; candidates see them shuffled."),
                rows=4,
                faults=("item.",),
            ),
        )
    )
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING, ScoringRule.ADJACENT_PAIRS, ScoringRule.POSITION_MATCHES})

    def body_problems(self, _stem: str, body: OrderingBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored."""
        problems: list[Problem] = []
        if not FEWEST_ELEMENTS <= len(body.elements) <= MOST_ELEMENTS:
            problems.append(
                Problem(
                    "item.element_count",
                    f"排序项应为 {FEWEST_ELEMENTS} 至 {MOST_ELEMENTS} 个，现有 {len(body.elements)} 个。",
                    f"There must be {FEWEST_ELEMENTS} to {MOST_ELEMENTS} elements, not {len(body.elements)}.",
                )
            )
        texts = [" ".join(element.split()) for element in body.elements]
        if not all(texts):
            problems.append(Problem("item.element_empty", "有空白的排序项。", "An element is empty."))
        elif len(set(texts)) < len(texts):
            problems.append(Problem("item.elements_alike", "有相同的排序项。", "Two elements are the same."))
        return problems

    def texts(self, body: OrderingBody) -> Iterator[BodyText]:
        """The elements."""
        for number, element in enumerate(body.elements, start=1):
            yield BodyText(f"第 {number} 个排序项", f"element {number}", element, LONGEST_OPTION)

    def body_to_json(self, body: OrderingBody) -> dict[str, Json]:
        """The elements."""
        return {"elements": [*body.elements]}

    def body_from_json(self, value: Json, at: str) -> OrderingBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        return OrderingBody(
            Record(value, members=frozenset({"elements"}), at=at, refusal=InvalidItem).texts("elements")
        )

    def key_lines(self, body: OrderingBody) -> list[str]:
        """The elements in their right order."""
        return [f"{number}. {element}" for number, element in enumerate(body.elements, start=1)]

    def layout(self, body: OrderingBody) -> Layout:
        """The elements; every form displays them in an order of its own."""
        return Layout(shown=body.elements)

    def free_places(self, body: OrderingBody) -> tuple[int, ...]:
        """All."""
        return tuple(range(len(body.elements)))

    def dealt_place(self, _body: OrderingBody) -> int | None:
        """None."""
        return None

    def key(self, _body: OrderingBody, order: Sequence[int]) -> list[int]:
        """The displayed positions in the right order."""
        return sorted(range(len(order)), key=lambda shown: order[shown])

    def nothing(self, _extent: Extent) -> list[int]:
        """No order."""
        return []

    def parse_response(self, raw: object, extent: Extent) -> list[int]:
        """[] or every displayed position once. Raises `InvalidResponse`."""
        if not isinstance(raw, list):
            raise InvalidResponse(
                "response.not_a_list", zh="作答应为序号的列表。", en="A response must be a list of positions."
            )
        for position in raw:
            check_position(position, extent.shown)
        if raw and sorted(raw) != list(range(extent.shown)):
            raise InvalidResponse(
                "response.not_an_order", zh="每一项应恰好出现一次。", en="Every element must stand there exactly once."
            )
        return list(raw)

    def is_answered(self, response: list[int]) -> bool:
        """Whether an order was given."""
        return bool(response)

    def same_response(self, one: list[int], other: list[int]) -> bool:
        """Whether the order is the same."""
        return one == other

    def score(
        self, response: list[int], *, body: OrderingBody, order: Sequence[int], scoring: Scoring, points_hundredths: int
    ) -> Fraction:
        """With n elements: M if all stand right; M·(neighbours that rightly follow each other)/(n − 1); or
        M·(elements in their right place)/n."""
        count = len(body.elements)
        places = [order[shown] for shown in response]
        if scoring.rule is ScoringRule.ADJACENT_PAIRS:
            right = sum(1 for before, after in pairwise(places) if after == before + 1)
            return Fraction(points_hundredths * right, count - 1)
        right = sum(1 for at, place in enumerate(places) if at == place)
        if scoring.rule is ScoringRule.POSITION_MATCHES:
            return Fraction(points_hundredths * right, count)
        return Fraction(points_hundredths if right == count else 0)

    def summarise(self, response: list[int]) -> Wording:
        """Letters as displayed, in the order given."""
        if not response:
            return UNANSWERED
        text = " → ".join(letter_of(shown) for shown in response)
        return Wording(text, text)

    def describe(self, scoring: Scoring) -> Wording:
        """The words of the rule."""
        return RIGHT_OR_NOTHING if scoring.rule is ScoringRule.ALL_OR_NOTHING else describe(scoring)
