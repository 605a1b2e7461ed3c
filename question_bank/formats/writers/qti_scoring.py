"""Declarations and response processing for our rules, in exact whole numbers.

Where no template says a rule, a mapping or conditions do; where none of them can, the rule stands in the manifest
and the writer notes that the target will not follow it.
"""

from fractions import Fraction
from math import lcm

from lxml import etree

from question_bank.formats.writers.outlay import ItemOut, number_text
from question_bank.formats.writers.qti_elements import Maker
from question_bank.kinds.choice import ChoiceBody
from question_bank.scoring import ScoringRule

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


def template(maker: Maker, name: str) -> etree._Element:
    """`responseProcessing` by a template."""
    return maker.element("responseProcessing", template=_TEMPLATES[maker.version].format(name))


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


def choice_mapping(out: ItemOut, body: ChoiceBody, names: list[str]) -> Mapped | None:
    """The rule of a choice item as a mapping, None where all or nothing is what is written."""
    scoring = out.item.scoring
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


def sum_of_mappings(maker: Maker, identifiers: list[str]) -> etree._Element:
    """SCORE is the sum of the mapped responses."""
    mapped = [maker.element("mapResponse", identifier=identifier) for identifier in identifiers]
    total = maker.element("setOutcomeValue", maker.element("sum", *mapped), identifier="SCORE")
    return maker.element("responseProcessing", total)


def all_of(maker: Maker, tests: list[etree._Element]) -> etree._Element:
    """SCORE is 1 where every test is true, else 0."""
    test = tests[0] if len(tests) == 1 else maker.element("and", *tests)
    return maker.element(
        "responseProcessing",
        maker.element(
            "responseCondition",
            maker.element("responseIf", test, _set_score(maker, "1")),
            maker.element("responseElse", _set_score(maker, "0")),
        ),
    )


def _set_score(maker: Maker, value: str) -> etree._Element:
    return maker.element("setOutcomeValue", maker.element("baseValue", value, baseType="float"), identifier="SCORE")
