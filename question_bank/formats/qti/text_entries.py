"""textEntryInteraction: one or several blanks, or a number."""

from decimal import Decimal
from fractions import Fraction
from math import lcm

from lxml import etree

from question_bank.formats.qti.context import QtiItem
from question_bank.formats.qti.declarations import Declaration
from question_bank.formats.qti.expressions import NotInterpreted
from question_bank.formats.qti.interactions import Made
from question_bank.formats.qti.names import attribute, descendants
from question_bank.formats.qti.processing import Response
from question_bank.formats.typed_numbers import read_number
from question_bank.items import ItemType
from question_bank.kinds.fill_blank import MOST_SHARE, Blank, FillBlankBody, Variant
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.written import Normalisation
from question_bank.scoring import Scoring, ScoringRule

_ONE = Fraction(1)


def read_text_entries(item: QtiItem, interactions: list[etree._Element]) -> Made:
    """The body that the text entries of an item make together."""
    declarations = [item.declaration(interaction) for interaction in interactions]
    right = {declaration.identifier: [*declaration.correct[:1]] for declaration in declarations}
    if len(interactions) == 1:
        number = _number(item, declarations[0])
        if number is not None:
            full = item.full_score(right)
            if item.processing is not None and full is None:
                item.lose_processing()
            return Made(ItemType.NUMERIC, number, None, right)
    if any(attribute(one, "patternMask") for one in interactions):
        item.lose("作答格式限制", "pattern of the response")
    accepted = [_variants(declaration) for declaration in declarations]
    insensitive = [_ignores_case(item, declaration, right) for declaration in declarations]
    if len(set(insensitive)) > 1:
        item.lose("部分空区分大小写", "case counts in some blanks only")
    shares, rule = _shares(item, declarations, right)
    blanks = tuple(Blank(variants, share) for variants, share in zip(accepted, shares, strict=True))
    body = FillBlankBody(blanks, normalisation=Normalisation(case=all(insensitive)))
    return Made(ItemType.FILL_BLANK, body, rule, right)


def _number(item: QtiItem, declaration: Declaration) -> NumericBody | None:
    comparison = next(
        (
            one
            for one in descendants(item.processing, "equal")
            if any(attribute(inner, "identifier") == declaration.identifier for inner in one.iter())
        ),
        None,
    )
    if declaration.base_type not in ("float", "integer") and comparison is None:
        return None
    value = read_number(declaration.correct[0]) if declaration.correct else None
    if value is None and comparison is not None:
        values = [read_number(one.text or "") for one in descendants(comparison, "baseValue")]
        value = values[0] if len(values) == 1 else None
    if value is None:
        return None
    mode = "exact" if comparison is None else attribute(comparison, "toleranceMode") or "exact"
    bounds = [] if comparison is None else [read_number(one) for one in attribute(comparison, "tolerance").split()]
    if mode == "exact" or not bounds or bounds[0] is None:
        if mode != "exact":
            item.doubt("qti.tolerance", "容差看不懂。", "The tolerance is not understood.")
        return NumericBody(value)
    if len({*bounds}) > 1:
        item.doubt("qti.tolerance", "上下容差不同，取前一个。", "The tolerances differ; the first was taken.")
    if mode == "relative":
        return NumericBody(value, bounds[0] / Decimal(100), ToleranceKind.RELATIVE)
    return NumericBody(value, bounds[0])


def _variants(declaration: Declaration) -> tuple[Variant, ...]:
    """What is accepted: the declared values, and the keys of the mapping with their part of the best."""
    worths: dict[str, Fraction] = {}
    if declaration.mapping is not None:
        best = max((entry.worth for entry in declaration.mapping.entries), default=Fraction(0))
        for entry in declaration.mapping.entries:
            if best > 0 and entry.worth > 0:
                worths.setdefault(entry.key, entry.worth / best)
    for value in declaration.correct:
        worths[value] = _ONE
    ranked = sorted(worths.items(), key=lambda one: -one[1])
    return tuple(Variant(text, worth) for text, worth in ranked)


def _ignores_case(item: QtiItem, declaration: Declaration, right: Response) -> bool:
    """Whether the item's own processing gives a response in the other case the same score."""
    value = (declaration.correct or ("",))[0]
    other = value.swapcase()
    if other == value:
        return True  # no letters that have a case
    try:
        return item.score({**right, declaration.identifier: [other]}) == item.score(right)
    except NotInterpreted:
        mapping = declaration.mapping
        return mapping is not None and not any(entry.case_sensitive for entry in mapping.entries)


def _shares(item: QtiItem, declarations: list[Declaration], right: Response) -> tuple[list[int], Scoring | None]:
    """The share of each blank and the rule, as the item's own processing has them."""
    equal = [1] * len(declarations)
    if item.processing is None:
        return equal, None
    try:
        full = item.score(right)
        alone = [item.score({declaration.identifier: right[declaration.identifier]}) for declaration in declarations]
    except NotInterpreted as unknown:
        item.lose_processing(unknown.name)
        return equal, None
    if full > 0:
        item.note_points(full)
    if len(declarations) == 1:
        partial = declarations[0].mapping is not None and len({e.worth for e in declarations[0].mapping.entries}) > 1
        return equal, Scoring(ScoringRule.PER_BLANK) if partial else None
    if full > 0 and not any(alone):
        return equal, Scoring(ScoringRule.ALL_OR_NOTHING)
    shares = _whole(alone) if full > 0 and sum(alone) == full and all(one > 0 for one in alone) else None
    if shares is None:
        item.lose_processing()
        return equal, None
    return shares, Scoring(ScoringRule.PER_BLANK)


def _whole(parts: list[Fraction]) -> list[int] | None:
    common = lcm(*(part.denominator for part in parts))
    whole = [int(part * common) for part in parts]
    least = min(whole)
    whole = [one // least for one in whole] if all(one % least == 0 for one in whole) else whole
    return whole if max(whole) <= MOST_SHARE else None
