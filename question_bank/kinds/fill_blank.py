"""填空题: blanks in a stem, each with its accepted texts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from question_bank.canonical import Json
from question_bank.errors import InvalidItem, InvalidResponse
from question_bank.items import Body, ItemType
from question_bank.kinds.protocol import BodyText, Extent, Layout
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import RIGHT_OR_NOTHING, UNANSWERED
from question_bank.kinds.written import (
    LENIENT,
    LONGEST_ENTRY,
    Normalisation,
    normalisation_from_json,
    normalisation_to_json,
    parse_text,
)
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule, describe
from question_bank.scoring_json import fraction_from_text
from question_bank.wording import Problem, Wording

MOST_BLANKS = 20
MOST_UNORDERED = 10
MOST_VARIANTS = 50
MOST_SHARE = 100

# A run of underscores, or brackets with nothing but blanks inside, in both widths.
_BLANK = re.compile(r"_{2,}|[（(][\s_]*[)）]")
_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Variant:
    """One accepted text, and what it is worth as a share of its blank (1: fully right)."""

    text: str
    worth: Fraction = _ONE


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank: its accepted texts, the best first, and its share of the points beside the other blanks' shares."""

    accepted: tuple[Variant, ...]
    share: int = 1


@dataclass(frozen=True, slots=True)
class FillBlankBody(Body):
    """The blanks in the order of the stem. Where they are not `ordered`, what is right may stand in any of them."""

    blanks: tuple[Blank, ...]
    ordered: bool = True
    normalisation: Normalisation = LENIENT


def split_at_blanks(stem: str) -> list[str]:
    """The pieces of a stem around the blanks that it shows: one more than there are blanks."""
    return _BLANK.split(stem)


def blanks_of(*accepted: Sequence[str]) -> FillBlankBody:
    """Blanks of equal shares, whose accepted texts are all fully right."""
    return FillBlankBody(tuple(Blank(tuple(map(Variant, variants))) for variants in accepted))


def _difference(name: str, zh: str, en: str) -> Field:
    """A difference that does not count, unless its author says so."""
    return Field(
        name,
        Shape.FLAG,
        Wording(zh, en),
        default="true",
        picks=(("true", Wording("不区分", "Does not count")), ("false", Wording("区分", "Counts"))),
    )


class FillBlank:
    """The kind of `ItemType.FILL_BLANK`."""

    item_type = ItemType.FILL_BLANK
    name = Wording("填空题", "Fill in the blank")
    is_objective = True
    is_written = True
    body_type = FillBlankBody
    sheet = Sheet(
        (
            Field(
                "blanks",
                Shape.ROWS,
                Wording("填空", "Blanks"),
                Wording(
                    "在题干中用 ____ 或（　）表示空，依次填写各空可接受的答案。",
                    "Write ____ or ( ) in the stem for a blank; give what is accepted in each, in their order.",
                ),
                fields=(
                    Field(
                        "accepted",
                        Shape.ROWS,
                        Wording("可接受的答案", "Accepted texts"),
                        Wording(
                            "全对的得分比例为 1，部分得分如 1/2。",
                            "A worth of 1 is fully right; a share such as 1/2 is partly.",
                        ),
                        fields=(
                            Field("text", Shape.LINE, Wording("答案", "Text")),
                            Field(
                                "worth",
                                Shape.FRACTION,
                                Wording("得分比例", "Worth"),
                                default="1",
                            ),
                        ),
                        rows=1,
                    ),
                    Field("share", Shape.WHOLE, Wording("本空分值比例", "Share of the points"), default="1"),
                ),
                rows=1,
                faults=("item.",),
            ),
            Field(
                "ordered",
                Shape.FLAG,
                Wording("各空的顺序", "Order of the blanks"),
                default="true",
                picks=(
                    ("true", Wording("各空答案一一对应", "Each blank has its own texts")),
                    ("false", Wording("各空答案可互换位置", "What is right may stand in any blank")),
                ),
            ),
            Field(
                "normalisation",
                Shape.GROUP,
                Wording("判分时的比较方式", "How responses are compared"),
                fields=(
                    _difference("width", "全角与半角", "Full and half width"),
                    _difference("case", "字母大小写", "Capital and small letters"),
                    _difference("space", "空格", "White space"),
                    _difference("punctuation", "中英文标点", "Chinese and Western marks"),
                    Field(
                        "wildcards",
                        Shape.FLAG,
                        Wording("答案中的 * 号", "A * in an accepted text"),
                        default="false",
                        picks=(
                            ("false", Wording("就是 * 号", "Is a *")),
                            ("true", Wording("代表任意文字", "Stands for anything")),
                        ),
                    ),
                ),
            ),
        )
    )
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING, ScoringRule.PER_BLANK})

    def body_problems(self, stem: str, body: FillBlankBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored.

        One blank may be left implicit: a stem that shows none takes one accepted list.
        """
        problems = [
            problem for number, blank in enumerate(body.blanks, 1) for problem in _blank_problems(number, blank)
        ]
        if not body.blanks:
            problems.append(Problem("item.key_missing", "没有标准答案。", "There is no key."))
        shown = len(_BLANK.findall(stem))
        if (shown or len(body.blanks) > 1) and shown != len(body.blanks):
            problems.append(
                Problem(
                    "item.blank_count",
                    f"题干有 {shown} 个空，答案有 {len(body.blanks)} 个。",
                    f"The stem has {shown} blanks, the key has {len(body.blanks)}.",
                )
            )
        most = MOST_BLANKS if body.ordered else MOST_UNORDERED
        if len(body.blanks) > most:
            problems.append(
                Problem("item.blanks_many", f"空不应超过 {most} 个。", f"There are more than {most} blanks.")
            )
        return problems

    def texts(self, body: FillBlankBody) -> Iterator[BodyText]:
        """The accepted texts."""
        for number, blank in enumerate(body.blanks, start=1):
            for variant in blank.accepted:
                yield BodyText(
                    f"第 {number} 空的答案",
                    f"accepted text of blank {number}",
                    variant.text,
                    LONGEST_ENTRY,
                    literal=True,
                )

    def body_to_json(self, body: FillBlankBody) -> dict[str, Json]:
        """Blanks, order and normalisation."""
        return {
            "blanks": [
                {
                    "accepted": [{"text": variant.text, "worth": str(variant.worth)} for variant in blank.accepted],
                    "share": blank.share,
                }
                for blank in body.blanks
            ],
            "ordered": body.ordered,
            "normalisation": normalisation_to_json(body.normalisation),
        }

    def body_from_json(self, value: Json, at: str) -> FillBlankBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        record = Record(value, members=frozenset({"blanks", "ordered", "normalisation"}), at=at, refusal=InvalidItem)
        return FillBlankBody(
            record.each("blanks", _read_blank),
            record.boolean("ordered"),
            record.nested("normalisation", normalisation_from_json),
        )

    def key_lines(self, body: FillBlankBody) -> list[str]:
        """The accepted texts of each blank, with what they are worth where that is not all."""
        return [
            f"（{number}） "
            + " | ".join(one.text if one.worth == 1 else f"{one.text}（{one.worth}）" for one in blank.accepted)
            for number, blank in enumerate(body.blanks, start=1)
        ]

    def layout(self, body: FillBlankBody) -> Layout:
        """How many blanks wait."""
        return Layout(blanks=len(body.blanks))

    def free_places(self, _body: FillBlankBody) -> tuple[int, ...]:
        """None: the blanks stand in the stem."""
        return ()

    def dealt_place(self, _body: FillBlankBody) -> int | None:
        """None."""
        return None

    def key(self, body: FillBlankBody, _order: Sequence[int]) -> list[str]:
        """The best text of each blank."""
        return [max(blank.accepted, key=lambda variant: variant.worth).text.strip() for blank in body.blanks]

    def nothing(self, extent: Extent) -> list[str]:
        """Nothing in any blank."""
        return [""] * extent.slots

    def parse_response(self, raw: object, extent: Extent) -> list[str]:
        """A text for each blank, white space around it taken away. Raises `InvalidResponse`."""
        if not isinstance(raw, list) or len(raw) != extent.slots:
            raise InvalidResponse(
                "response.blank_count",
                zh=f"作答应为 {extent.slots} 个文本的列表，每空一个。",
                en=f"A response must be a list of {extent.slots} texts, one for each blank.",
            )
        return [parse_text(text, longest=LONGEST_ENTRY) for text in raw]

    def is_answered(self, response: list[str]) -> bool:
        """Whether anything stands in any blank."""
        return any(response)

    def same_response(self, one: list[str], other: list[str]) -> bool:
        """Whether the same was written."""
        return one == other

    def score(
        self,
        response: list[str],
        *,
        body: FillBlankBody,
        order: Sequence[int],
        scoring: Scoring,
        points_hundredths: int,
    ) -> Fraction:
        """Exact hundredths: of each blank by itself, or full points where every blank is fully right."""
        del order
        earned = _earned_in_order(response, body) if body.ordered else _earned_in_any_order(response, body)
        full = sum(blank.share for blank in body.blanks)
        if scoring.rule is ScoringRule.ALL_OR_NOTHING:
            return Fraction(points_hundredths if earned == full else 0)
        return points_hundredths * earned / full

    def summarise(self, response: list[str]) -> Wording:
        """What was written, blank by blank."""
        if not any(response):
            return UNANSWERED
        return Wording(
            "；".join(text or "（空）" for text in response), "; ".join(text or "(blank)" for text in response)
        )

    def describe(self, scoring: Scoring) -> Wording:
        """Blank by blank, or all at once."""
        return RIGHT_OR_NOTHING if scoring.rule is ScoringRule.ALL_OR_NOTHING else describe(scoring)


def _worth(text: str, blank: Blank, normalisation: Normalisation) -> Fraction:
    """What a text in that blank earns, in shares of the item: the first accepted text that matches decides."""
    if not text:
        return _ZERO
    worths = (variant.worth for variant in blank.accepted if normalisation.matches(text, variant.text))
    return blank.share * next(worths, _ZERO)


def _earned_in_order(response: Sequence[str], body: FillBlankBody) -> Fraction:
    pairs = zip(response, body.blanks, strict=True)
    return sum((_worth(text, blank, body.normalisation) for text, blank in pairs), _ZERO)


def _earned_in_any_order(response: Sequence[str], body: FillBlankBody) -> Fraction:
    """The best way to share the texts out among the blanks, each blank taking one."""
    best = {0: _ZERO}  # set of blanks taken, as bits → most earned so far
    for text in response:
        worths = [_worth(text, blank, body.normalisation) for blank in body.blanks]
        reached = dict(best)
        for taken, earned in best.items():
            for place, worth in enumerate(worths):
                if worth > 0 and not taken >> place & 1:
                    more = taken | 1 << place
                    reached[more] = max(reached.get(more, _ZERO), earned + worth)
        best = reached
    return max(best.values())


def _blank_problems(number: int, blank: Blank) -> Iterator[Problem]:
    if not blank.accepted or not all(variant.text.strip() for variant in blank.accepted):
        yield Problem(
            "item.accepted_empty", f"第 {number} 空的答案为空。", f"The accepted text of blank {number} is empty."
        )
    if len(blank.accepted) > MOST_VARIANTS:
        yield Problem(
            "item.variants_many",
            f"第 {number} 空的答案超过 {MOST_VARIANTS} 种。",
            f"Blank {number} has more than {MOST_VARIANTS} accepted texts.",
        )
    if not 1 <= blank.share <= MOST_SHARE or not all(0 <= variant.worth <= 1 for variant in blank.accepted):
        yield Problem(
            "item.share",
            f"第 {number} 空的得分比例有误。",
            f"The share of blank {number}, or the worth of an accepted text, is out of range.",
        )
    elif blank.accepted and all(variant.worth != 1 for variant in blank.accepted):
        yield Problem(
            "item.no_full_worth",
            f"第 {number} 空没有得满分的答案。",
            f"No accepted text of blank {number} is fully right.",
        )


def _read_blank(value: Json, at: str) -> Blank:
    record = Record(value, members=frozenset({"accepted", "share"}), at=at, refusal=InvalidItem)
    return Blank(record.each("accepted", _read_variant), record.integer("share"))


def _read_variant(value: Json, at: str) -> Variant:
    record = Record(value, members=frozenset({"text", "worth"}), at=at, refusal=InvalidItem)
    return Variant(record.text("text"), fraction_from_text(record.text("worth"), f"{at}.worth", refusal=InvalidItem))
