"""Declarations and response processing for our rules, in exact whole numbers.

Where no template says a rule, a mapping or conditions do; where none of them can, the rule stands in the manifest
and the writer notes that the target will not follow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from lxml import etree

from question_bank.formats.writers.outlay import ItemOut, number_text
from question_bank.formats.writers.qti_elements import Maker
from question_bank.kinds.choice import ChoiceBody
from question_bank.scoring import Scoring, ScoringRule

_TEMPLATES = {
    "2.1": "http://www.imsglobal.org/question/qti_v2p1/rptemplates/{}",
    "3.0": "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/{}.xml",
}

Worths = list[tuple[str, Fraction]]


class Mapped:
    """A mapping in whole numbers: the worth of each value, of any other, its bounds, and what is full."""

    def __init__(
        self, worths: Worths, *, default: Fraction = Fraction(0), lower: Fraction | None = Fraction(0)
    ) -> None:
        scale = lcm(1, default.denominator, *(worth.denominator for _, worth in worths))
        self.scale = scale
        self.entries = [(key, worth * scale) for key, worth in worths]
        self.default = default * scale
        self.lower = None if lower is None else lower * scale

    def element(self, maker: Maker, *, upper: Fraction, case_sensitive: bool = True) -> etree._Element:
        """The `mapping` of the declaration."""
        bounds = {"defaultValue": number_text(self.default), "upperBound": number_text(upper)}
        if self.lower is not None:
            bounds["lowerBound"] = number_text(self.lower)
        case = {} if case_sensitive else {"caseSensitive": "false"}
        return maker.element(
            "mapping",
            *(maker.element("mapEntry", mapKey=k, mappedValue=number_text(w), **case) for k, w in self.entries),
            **bounds,
        )


def declare(
    maker: Maker,
    identifier: str,
    cardinality: str,
    base_type: str,
    *,
    values: list[str],
    mapping: etree._Element | None = None,
) -> etree._Element:
    """`responseDeclaration`; without values it says nothing of what is right."""
    declaration = maker.element(
        "responseDeclaration", identifier=identifier, cardinality=cardinality, baseType=base_type
    )
    if values:
        declaration.append(maker.element("correctResponse", *(maker.element("value", value) for value in values)))
    if mapping is not None:
        declaration.append(mapping)
    return declaration


def choice_mapping(out: ItemOut, body: ChoiceBody, scoring: Scoring | None, names: list[str]) -> Mapped | None:
    """The rule of a choice item as a mapping, None where all or nothing is what is written."""
    if scoring is None or scoring.rule is ScoringRule.ALL_OR_NOTHING or not body.key:
        return None
    right, one = len(body.key), Fraction(1)
    if scoring.rule is ScoringRule.OPTION_WEIGHTS:
        return Mapped(list(zip(names, scoring.weights, strict=True)), lower=scoring.floor)
    cost = {ScoringRule.NET_CORRECT: one / right, ScoringRule.PROPORTIONAL_IF_NO_WRONG: one}.get(scoring.rule)
    if cost is None:
        out.lose("评分规则（仅以关键词保存）", "the scoring rule (kept as a keyword only)")
        return None
    return Mapped([(name, one / right if at in body.key else -cost) for at, name in enumerate(names)])


@dataclass(frozen=True)
class Points:
    """Where the points of a body come from: `full` where all `tests` hold, else the sum of the `mapped` responses, that
    is `full` at most. `template` says the same of a body that is an item of its own."""

    full: Fraction = Fraction(1)
    tests: tuple[etree._Element, ...] = ()
    mapped: tuple[str, ...] = ()
    template: str = ""


def process_item(maker: Maker, points: Points) -> etree._Element:
    """`responseProcessing` of an item that is this one body."""
    if points.template:
        return maker.element("responseProcessing", template=_TEMPLATES[maker.version].format(points.template))
    return maker.element("responseProcessing", _rule(maker, points, "SCORE", points.full))


def process_case(maker: Maker, parts: Sequence[tuple[str, Points | None, int]]) -> etree._Element:
    """`responseProcessing` of a case: the outcome of each part is its share of the points, SCORE their sum.

    `parts` are (outcome, where its points come from, share); people set the outcome of one whose points are None.
    """
    rules = [_rule(maker, points, outcome, Fraction(share)) for outcome, points, share in parts if points is not None]
    outcomes = [maker.element("variable", identifier=outcome) for outcome, _, _ in parts]
    total = maker.element("setOutcomeValue", maker.element("sum", *outcomes), identifier="SCORE")
    return maker.element("responseProcessing", *rules, total)


def _rule(maker: Maker, points: Points, outcome: str, worth: Fraction) -> etree._Element:
    """The rule that gives the outcome its points, `worth` for what is right."""
    if points.tests:
        test = points.tests[0] if len(points.tests) == 1 else maker.element("and", *points.tests)
        return maker.element(
            "responseCondition",
            maker.element("responseIf", test, _set(maker, outcome, _number(maker, worth))),
            maker.element("responseElse", _set(maker, outcome, _number(maker, Fraction(0)))),
        )
    mapped = [maker.element("mapResponse", identifier=identifier) for identifier in points.mapped]
    value = mapped[0] if len(mapped) == 1 else maker.element("sum", *mapped)
    if worth != points.full:
        product = value if worth == 1 else maker.element("product", _number(maker, worth), value)
        value = product if points.full == 1 else maker.element("divide", product, _number(maker, points.full))
    return _set(maker, outcome, value)


def _set(maker: Maker, outcome: str, value: etree._Element) -> etree._Element:
    return maker.element("setOutcomeValue", value, identifier=outcome)


def _number(maker: Maker, number: Fraction) -> etree._Element:
    return maker.element("baseValue", number_text(number), baseType="float")


def is_correct(maker: Maker, identifier: str) -> etree._Element:
    """The test that a response is the declared right one."""
    sides = [maker.element(name, identifier=identifier) for name in ("variable", "correct")]
    return maker.element("match", *sides)


def outcome(maker: Maker, identifier: str, most: Fraction, *, by_people: bool = False) -> etree._Element:
    """`outcomeDeclaration` of points from 0 to `most`."""
    external = {"externalScored": "human"} if maker.is_third and by_people else {}
    return maker.element(
        "outcomeDeclaration",
        maker.element("defaultValue", maker.element("value", "0")),
        identifier=identifier,
        cardinality="single",
        baseType="float",
        normalMaximum=number_text(most),
        **external,
    )
