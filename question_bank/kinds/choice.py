"""What the three kinds with options have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from question_bank.canonical import Json
from question_bank.choice_scoring import Choice, score_choice
from question_bank.errors import InvalidItem, InvalidResponse
from question_bank.items import Body, Item
from question_bank.kinds.limits import LONGEST_OPTION
from question_bank.kinds.protocol import BodyText, Extent, Layout
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import UNANSWERED
from question_bank.record import Record
from question_bank.scoring import Scoring
from question_bank.wording import Problem, Wording

FEWEST_OPTIONS = 2
MOST_OPTIONS = 26  # one letter each


@dataclass(frozen=True, slots=True)
class Option:
    """选项: one thing that may be chosen. `pinned` (以上都对) keeps its place when the others are shuffled."""

    text: str
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceBody(Body):
    """Options, and the key: the places of the right ones, from 0. Never letters: those belong to a form.

    For true_false the options are (正确, 错误) and the key is {0} or {1}.
    """

    options: tuple[Option, ...]
    key: frozenset[int]


def _options_to_rows(value: dict[str, Any]) -> dict[str, Any]:
    """The right options are ticked where they stand, not named in a key apart."""
    key = set(value.get("key", ()))
    rows = [{**option, "right": place in key} for place, option in enumerate(value.get("options", ()))]
    return {"options": rows}


def _rows_to_options(value: dict[str, Any]) -> dict[str, Any]:
    rows = value["options"]
    return {
        "options": [{"text": row["text"], "pinned": row["pinned"]} for row in rows],
        "key": [place for place, row in enumerate(rows) if row["right"]],
    }


OPTIONS_SHEET = Sheet(
    (
        Field(
            "options",
            Shape.ROWS,
            Wording("选项", "Options"),
            Wording("在正确的选项后打勾。空着的行不保存。", "Tick what is right. Empty rows are not saved."),
            fields=(
                Field("text", Shape.TEXT, Wording("选项", "Option")),
                Field("right", Shape.TICK, Wording("正确", "Right")),
                Field("pinned", Shape.TICK, Wording("位置固定", "Keeps its place")),
            ),
            rows=4,
            faults=("item.",),
        ),
    ),
    _options_to_rows,
    _rows_to_options,
)


class ChoiceKind:
    """How a response that consists of chosen options is compared, scored and told; the kinds add their rules."""

    sheet = OPTIONS_SHEET

    body_type = ChoiceBody
    is_objective = True
    is_written = True

    def texts(self, body: ChoiceBody) -> Iterator[BodyText]:
        """The options."""
        for number, option in enumerate(body.options, start=1):
            yield BodyText(f"第 {number} 个选项", f"option {number}", option.text, LONGEST_OPTION)

    def body_to_json(self, body: ChoiceBody) -> dict[str, Json]:
        """Options, and the key as ascending positions."""
        return {
            "options": [{"text": option.text, "pinned": option.pinned} for option in body.options],
            "key": [*sorted(body.key)],
        }

    def body_from_json(self, value: Json, at: str) -> ChoiceBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        record = Record(value, members=frozenset({"options", "key"}), at=at, refusal=InvalidItem)
        key = record.integers("key")
        if list(key) != sorted(set(key)):
            raise InvalidItem("json.shape", zh=f"{at}.key：应按升序且不重复。", en=f"{at}.key: not ascending.")
        return ChoiceBody(record.each("options", _read_option), frozenset(key))

    def key_lines(self, body: ChoiceBody) -> list[str]:
        """The options, the right ones marked."""
        return [
            f"{letter_of(place)}. {option.text}{' √' if place in body.key else ''}"
            for place, option in enumerate(body.options)
        ]

    def layout(self, body: ChoiceBody) -> Layout:
        """The options."""
        return Layout(shown=tuple(option.text for option in body.options))

    def free_places(self, body: ChoiceBody) -> tuple[int, ...]:
        """All but the pinned ones."""
        return tuple(place for place, option in enumerate(body.options) if not option.pinned)

    def dealt_place(self, _body: ChoiceBody) -> int | None:
        """None: where several may be right, chance is even enough."""
        return None

    def key(self, body: ChoiceBody, order: Sequence[int]) -> list[int]:
        """The right options as displayed, ascending."""
        return [shown for shown, place in enumerate(order) if place in body.key]

    def nothing(self, _extent: Extent) -> list[int]:
        """No option."""
        return []

    def is_answered(self, response: list[int]) -> bool:
        """Whether any option is chosen."""
        return bool(response)

    def same_response(self, one: list[int], other: list[int]) -> bool:
        """Whether the same options are chosen; canonical responses are ascending."""
        return one == other

    def score(
        self, response: list[int], *, body: ChoiceBody, order: Sequence[int], scoring: Scoring, points_hundredths: int
    ) -> Fraction:
        """Exact hundredths that the rule gives."""
        choice = Choice(frozenset(order[shown] for shown in response), body.key, len(body.options))
        return score_choice(choice, scoring=scoring, points_hundredths=points_hundredths)

    def summarise(self, response: list[int]) -> Wording:
        """Letters as displayed, or that nothing was chosen."""
        if not response:
            return UNANSWERED
        letters = [letter_of(position) for position in response]
        return Wording("、".join(letters), ", ".join(letters))


def options_of(item: Item) -> tuple[Option, ...]:
    """The options of an item that has any; else ()."""
    return item.body.options if isinstance(item.body, ChoiceBody) else ()


def key_of(item: Item) -> frozenset[int]:
    """The places of the right options of an item that has options; else none."""
    return item.body.key if isinstance(item.body, ChoiceBody) else frozenset()


def letter_of(position: int) -> str:
    """The letter of a displayed position from 0 to 25: 0 → "A"."""
    return chr(ord("A") + position)


def choice_problems(body: ChoiceBody) -> list[Problem]:
    """Problems of the options and the key; not whether the number of right options fits the type."""
    problems: list[Problem] = []
    count = len(body.options)
    if not FEWEST_OPTIONS <= count <= MOST_OPTIONS:
        problems.append(
            Problem(
                "item.option_count",
                f"选项应为 {FEWEST_OPTIONS} 至 {MOST_OPTIONS} 个，现有 {count} 个。",
                f"There must be {FEWEST_OPTIONS} to {MOST_OPTIONS} options, not {count}.",
            )
        )
    problems += _option_text_problems(body)
    if not body.key:
        problems.append(Problem("item.key_missing", "没有标准答案。", "There is no key."))
    if outside := sorted(position for position in body.key if not 0 <= position < count):
        beyond = [str(position + 1) for position in outside]
        problems.append(
            Problem(
                "item.key_outside",
                f"标准答案指向不存在的选项（第 {'、'.join(beyond)} 个）。",
                f"The key names an option that does not exist (number {', '.join(beyond)}).",
            )
        )
    return problems


def single_key_problems(body: ChoiceBody) -> list[Problem]:
    """The problem of a key with several positions, where the type allows one."""
    if len(body.key) <= 1:
        return []
    return [
        Problem(
            "item.key_not_single",
            f"标准答案应只有一项，现有 {len(body.key)} 项。",
            f"There must be one right option, not {len(body.key)}.",
        )
    ]


def parse_choice(raw: object, *, option_count: int, most: int) -> list[int]:
    """The ascending positions in `raw`, at most `most` of them. Raises `InvalidResponse`; true is not 1."""
    if not isinstance(raw, list):
        raise InvalidResponse(
            "response.not_a_list", zh="作答应为选项序号的列表。", en="A response must be a list of option positions."
        )
    for position in raw:
        check_position(position, option_count)
    if len(set(raw)) != len(raw):
        raise InvalidResponse("response.repeated", zh="同一选项出现两次。", en="The response names an option twice.")
    if len(raw) > most:
        raise InvalidResponse("response.too_many", zh="本题只能选一项。", en="Only one option may be chosen here.")
    return sorted(raw)


def check_position(position: object, count: int) -> None:
    """Raise `InvalidResponse` unless it is a displayed position below `count`; true is not 1."""
    if not isinstance(position, int) or isinstance(position, bool):
        raise InvalidResponse(
            "response.not_a_position", zh="选项序号应为整数。", en="An option position must be an integer."
        )
    if not 0 <= position < count:
        raise InvalidResponse(
            "response.outside", zh="所选选项不存在。", en="The response names an option that does not exist."
        )


def _option_text_problems(body: ChoiceBody) -> list[Problem]:
    problems: list[Problem] = []
    first_with: dict[str, int] = {}
    for number, option in enumerate(body.options, start=1):
        text = " ".join(option.text.split())
        if not text:
            problems.append(Problem("item.option_empty", f"第 {number} 个选项为空。", f"Option {number} is empty."))
        elif (first := first_with.setdefault(text, number)) != number:
            problems.append(
                Problem(
                    "item.options_alike",
                    f"第 {first} 个与第 {number} 个选项相同。",
                    f"Options {first} and {number} are the same.",
                )
            )
    return problems


def _read_option(value: Json, at: str) -> Option:
    record = Record(value, members=frozenset({"text", "pinned"}), at=at, refusal=InvalidItem)
    return Option(record.text("text"), pinned=record.boolean("pinned"))
