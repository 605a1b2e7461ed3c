"""From a record of Moodle's formats to an item: its body, its key, its rule, and every reason to look at it."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from question_bank.content import plain
from question_bank.formats.labels import read_labels
from question_bank.formats.moodle.marking_notes import read_marking_notes
from question_bank.formats.moodle.records import Harvest, MoodleRecord, Offer, RecordKind
from question_bank.formats.report import Problem, ReadItem
from question_bank.formats.typed_numbers import read_number
from question_bank.items import Body, Item, ItemType
from question_bank.kinds import problems_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import Blank, FillBlankBody, Variant
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, Unit
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS
from question_bank.kinds.written import Normalisation
from question_bank.scoring import Scoring, ScoringRule

_ZERO, _ONE = Fraction(0), Fraction(1)
_UNESCAPED_STAR = "*"


class _NoBody(Exception):
    """The record holds too little to be an item; the sentence says what is missing."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.zh, self.en = code, zh, en


def settle_harvest(harvest: Harvest) -> tuple[list[ReadItem | Problem], list[Problem]]:
    """(items or refusals in order, what was lost item by item)."""
    results: list[ReadItem | Problem] = []
    lost: list[Problem] = []
    for record in harvest.records:
        results.append(settle_record(record))
        if record.lost:
            lost.append(record.lost_as_problem(record.name or record.stem))
    return results, lost


def settle_record(record: MoodleRecord) -> ReadItem | Problem:
    """The item of a record with its doubts, or the reason why there is none."""
    if not record.stem.strip():
        return Problem("item.no_stem", "没有题干，未读入。", "There is no stem; not read.", record.place)
    labels = read_labels(record.tags)
    try:
        item_type, body, native = _settle_body(record)
    except _NoBody as missing:
        return Problem(missing.code, f"{missing.zh}，未读入。", f"{missing.en}; not read.", record.place)
    _name_common_losses(record)
    stem = record.stem.strip()
    if isinstance(body, CaseBody):
        stem = record.name.strip() or "阅读材料，完成各小题。"
    item = Item(
        item_type=item_type,
        stem=stem,
        body=body,
        explanation=record.explanation.strip(),
        topic=record.topic,
        difficulty=labels.difficulty,
        level=labels.level,
        basis=labels.basis,
        tags=labels.tags,
        scoring=labels.scoring_or(native),
    )
    for problem in problems_of(item):
        record.doubt(*problem)
    return ReadItem(item, record.place, tuple(record.doubts))


def _name_common_losses(record: MoodleRecord) -> None:
    title = " ".join(record.name.split()).rstrip("…")
    if title and record.kind is not RecordKind.CLOZE and title not in " ".join(plain(record.stem).split()):
        record.lose("名称", "name")
    if any(offer.remark for offer in record.offers) or any(o.remark for part in record.parts for o in part.offers):
        record.lose("逐项反馈", "feedback on single options")


def _settle_body(record: MoodleRecord) -> tuple[ItemType, Body, Scoring | None]:
    return _SETTLERS[record.kind](record)


def _settle_ordering(record: MoodleRecord) -> tuple[ItemType, Body, Scoring | None]:
    return ItemType.ORDERING, OrderingBody(tuple(offer.text for offer in record.offers)), record.rule


def _settle_essay(record: MoodleRecord) -> tuple[ItemType, Body, Scoring | None]:
    return ItemType.SHORT_ANSWER, ShortAnswerBody(*read_marking_notes(record.marking_notes)), None


def _settle_choice(record: MoodleRecord) -> tuple[ItemType, Body, Scoring | None]:
    worths = [offer.worth for offer in record.offers]
    options = tuple(Option(offer.text, pinned=record.pinned) for offer in record.offers)
    if record.single:
        key = frozenset(place for place, worth in enumerate(worths) if worth == _ONE)
        if {option.text for option in options} == {option.text for option in TRUE_FALSE_OPTIONS} and len(options) == 2:
            right = frozenset(TRUE_FALSE_OPTIONS.index(Option(options[place].text)) for place in key)
            return ItemType.TRUE_FALSE, ChoiceBody(TRUE_FALSE_OPTIONS, right), None
        return ItemType.SINGLE_CHOICE, ChoiceBody(options, key), _single_scoring(record, worths, key)
    key = frozenset(place for place, worth in enumerate(worths) if worth > 0)
    return ItemType.MULTIPLE_CHOICE, ChoiceBody(options, key), _several_scoring(record, worths, key)


def _single_scoring(record: MoodleRecord, worths: list[Fraction], key: frozenset[int]) -> Scoring | None:
    if all(worth in (_ZERO, _ONE) for worth in worths):
        return None
    if len(key) != 1:
        record.lose("部分得分", "partial marks")
        return None
    return Scoring(ScoringRule.OPTION_WEIGHTS, weights=tuple(worths), floor=min(_ZERO, *worths))


def _several_scoring(record: MoodleRecord, worths: list[Fraction], key: frozenset[int]) -> Scoring | None:
    if not key or set(worths) <= {_ONE, _ZERO}:
        return None  # every right option earns all: no part of the mark is meant
    if sum((worths[place] for place in key), _ZERO) != _ONE:
        record.doubt(
            "grade.sum", "正确选项的得分比例之和不是 100%。", "The right options do not add up to 100 per cent."
        )
        return None
    alike = len({worths[place] for place in key}) == 1
    wrongs = [worth for place, worth in enumerate(worths) if place not in key]
    if alike and wrongs and all(worth == -_ONE for worth in wrongs):
        return Scoring(ScoringRule.PROPORTIONAL_IF_NO_WRONG)
    return Scoring(ScoringRule.OPTION_FRACTIONS, weights=tuple(worths))


def _true_false_body(record: MoodleRecord) -> ChoiceBody:
    right = [offer.text.strip().lower() for offer in record.offers if offer.worth == _ONE]
    key = frozenset({"true": 0, "false": 1}[word] for word in right if word in ("true", "false"))
    return ChoiceBody(TRUE_FALSE_OPTIONS, key)


def _settle_typed(record: MoodleRecord, parts: list[MoodleRecord]) -> tuple[ItemType, Body, Scoring | None]:
    wildcards = any(_has_wildcard(offer) for part in parts for offer in part.offers)
    blanks = tuple(Blank(_variants(record, part, wildcards=wildcards), share=part.weight) for part in parts)
    case = {part.case_sensitive for part in parts}
    if len(case) > 1:
        record.lose("部分空区分大小写", "case counts in some blanks only")
    body = FillBlankBody(blanks, normalisation=Normalisation(case=case == {False}, wildcards=wildcards))
    partial = any(variant.worth != _ONE for blank in blanks for variant in blank.accepted)
    rule = Scoring(ScoringRule.PER_BLANK) if partial or len(blanks) > 1 else None
    return ItemType.FILL_BLANK, body, rule


def _has_wildcard(offer: Offer) -> bool:
    return offer.worth > 0 and _UNESCAPED_STAR in offer.text.replace("\\*", "")


def _variants(record: MoodleRecord, part: MoodleRecord, *, wildcards: bool) -> tuple[Variant, ...]:
    variants = []
    for offer in part.offers:
        text = offer.text if wildcards else offer.text.replace("\\*", "*")
        if offer.worth > 0:
            variants.append(Variant(text.strip(), offer.worth))
        elif offer.worth < 0:
            record.lose("倒扣分", "marks below zero")
    return tuple(variants)


def _numeric_body(record: MoodleRecord) -> NumericBody:
    numbers = [(offer, read_number(offer.text)) for offer in record.offers if offer.worth > 0]
    readable = [(offer, number) for offer, number in numbers if number is not None]
    if not readable:
        raise _NoBody("key.not_a_number", "数值题没有可读的数值", "There is no number as key")
    best = max(offer.worth for offer, _ in readable)
    offer, value = next((offer, number) for offer, number in readable if offer.worth == best)
    if best < _ONE:
        record.doubt("key.partial_only", "没有得满分的数值，取得分最高的。", "No value earns all; the best was taken.")
    if len(numbers) > 1:
        record.lose("其他可得分的数值", "other values that earn marks")
    units = []
    for name, factor in record.units:
        if factor is None:
            record.lose("单位换算", "a unit's factor")
        else:
            units.append(Unit(name, factor))
    return NumericBody(value, abs(offer.tolerance or Decimal(0)), unit=record.unit, units=tuple(units))


def _matching_body(record: MoodleRecord) -> MatchingBody:
    choices = tuple(dict.fromkeys(choice for _, choice in record.pairs))
    pairs = [(premise, choices.index(choice)) for premise, choice in record.pairs if premise.strip()]
    return MatchingBody(tuple(premise for premise, _ in pairs), choices, tuple(place for _, place in pairs))


def _settle_cloze(record: MoodleRecord) -> tuple[ItemType, Body, Scoring | None]:
    if not record.parts:
        raise _NoBody("cloze.no_parts", "完形填空里没有可读的空", "The cloze has no part that can be read")
    if all(part.kind is RecordKind.TYPED for part in record.parts):
        return _settle_typed(record, record.parts)
    if len(record.parts) == 1:
        only = record.parts[0]
        item_type, body, scoring = _settle_body(only)
        _adopt(record, only)
        return item_type, body, scoring
    parts = []
    for part in record.parts:
        item_type, body, scoring = _settle_body(part)
        _adopt(record, part)
        parts.append(Part(item_type, part.stem, body, share=part.weight, scoring=scoring))
    return ItemType.CASE_ANALYSIS, CaseBody(record.stem.strip(), tuple(parts)), None


def _adopt(record: MoodleRecord, part: MoodleRecord) -> None:
    record.lose_all(part.lost)
    record.doubts += part.doubts


_PER_PAIR = Scoring(ScoringRule.PER_PAIR)
_SETTLERS: dict[RecordKind, Callable[[MoodleRecord], tuple[ItemType, Body, Scoring | None]]] = {
    RecordKind.CHOICE: _settle_choice,
    RecordKind.TRUE_FALSE: lambda record: (ItemType.TRUE_FALSE, _true_false_body(record), None),
    RecordKind.TYPED: lambda record: _settle_typed(record, [record]),
    RecordKind.NUMERICAL: lambda record: (ItemType.NUMERIC, _numeric_body(record), None),
    RecordKind.MATCHING: lambda record: (ItemType.MATCHING, _matching_body(record), _PER_PAIR),
    RecordKind.GAPS: lambda record: (ItemType.MATCHING, _matching_body(record), _PER_PAIR),
    RecordKind.ORDERING: _settle_ordering,
    RecordKind.ESSAY: _settle_essay,
    RecordKind.CLOZE: _settle_cloze,
}
