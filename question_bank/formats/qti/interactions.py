"""Interactions of QTI, each as the body of one of our types."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from lxml import etree

from question_bank.formats.moodle.marking_notes import read_marking_notes
from question_bank.formats.qti.context import QtiItem
from question_bank.formats.qti.names import attribute, children, content_of, descendants
from question_bank.formats.qti.processing import Response
from question_bank.formats.qti.rules import (
    CHOICE_RULES,
    MATCHING_RULES,
    ORDERING_RULES,
    choices_of,
    orders_of,
    pairings_of,
)
from question_bank.items import Body, ItemType
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS
from question_bank.scoring import Scoring, ScoringRule

_ZERO = Fraction(0)
_MOST_SCORED = 26


class Unsupported(Exception):
    """An interaction that no type of ours is faithful to; its name is the argument."""


class Made(NamedTuple):
    """What became of an interaction."""

    item_type: ItemType
    body: Body
    scoring: Scoring | None
    right: Response


def read_choice(item: QtiItem, interaction: etree._Element, *, inline: bool = False) -> Made:
    """choiceInteraction and inlineChoiceInteraction."""
    declaration = item.declaration(interaction)
    elements = [*children(interaction, "inlineChoice" if inline else "simpleChoice")]
    names = [attribute(one, "identifier") for one in elements]
    stays = attribute(interaction, "shuffle") != "true"
    options = tuple(Option(item.text(one), pinned=stays or attribute(one, "fixed") == "true") for one in elements)
    key = _places(item, declaration.correct, names)
    right = {declaration.identifier: [names[place] for place in sorted(key)]}
    single = inline or declaration.cardinality == "single" or attribute(interaction, "maxChoices") == "1"
    item_type = ItemType.SINGLE_CHOICE if single else ItemType.MULTIPLE_CHOICE
    if single and {one.text for one in options} == {one.text for one in TRUE_FALSE_OPTIONS} and len(options) == 2:
        judged = frozenset(TRUE_FALSE_OPTIONS.index(Option(options[place].text)) for place in key)
        return Made(ItemType.TRUE_FALSE, ChoiceBody(TRUE_FALSE_OPTIONS, judged), None, right)
    body = ChoiceBody(options, key)
    if not key or len(options) > _MOST_SCORED:
        return Made(item_type, body, None, right)
    allowed = attribute(interaction, "maxChoices")
    most = 1 if single else (int(allowed) if re.fullmatch(r"[1-9]\d?", allowed) else len(options))
    responses = [
        ({declaration.identifier: [names[place] for place in chosen]}, list(chosen))
        for chosen in choices_of(len(options), most, key)
    ]
    candidates = (Scoring(),) if single else CHOICE_RULES
    weights = _weights(item, declaration.identifier, names, right)
    if weights:
        floor = max(-Fraction(1), min(_ZERO, sum((one for one in weights if one < 0), _ZERO)))
        candidates = (
            *candidates,
            Scoring(ScoringRule.OPTION_WEIGHTS, weights=weights),
            Scoring(ScoringRule.OPTION_WEIGHTS, weights=weights, floor=floor),
        )
    rule = item.rule(item_type, body, candidates, responses, right)
    return Made(item_type, body, None if single and rule == Scoring() else rule, right)


def _places(item: QtiItem, values: tuple[str, ...], names: list[str]) -> frozenset[int]:
    for value in values:
        if value not in names:
            item.doubt("key.not_an_option", f"答案 {value[:40]} 不在选项中。", f"The key {value[:40]} is no option.")
    return frozenset(names.index(value) for value in values if value in names)


def _weights(item: QtiItem, identifier: str, names: list[str], right: Response) -> tuple[Fraction, ...]:
    """What each option is worth by the declared mapping, as a part of the full score; empty without one."""
    mapping = item.declarations.responses[identifier].mapping if identifier in item.declarations.responses else None
    full = Fraction(0) if mapping is None else mapping.worth_of([*right[identifier]])
    if mapping is None or full <= 0:
        return ()
    bare = [next((e.worth for e in mapping.entries if e.key == name), mapping.default) / full for name in names]
    return tuple(max(-Fraction(1), min(Fraction(1), worth)) for worth in bare)


def read_order(item: QtiItem, interaction: etree._Element) -> Made:
    """orderInteraction over all of its choices."""
    declaration = item.declaration(interaction)
    elements = {attribute(one, "identifier"): one for one in children(interaction, "simpleChoice")}
    right = [name for name in declaration.correct if name in elements]
    if len(right) != len(elements) or len(set(right)) != len(right):
        raise Unsupported("orderInteraction（答案不含全部选项 partial order）")
    if any(attribute(one, "fixed") == "true" for one in elements.values()):
        item.lose("固定位置的排序项", "elements that keep their place")
    body = OrderingBody(tuple(item.text(elements[name]) for name in right))
    responses = [
        ({declaration.identifier: [right[place] for place in order]}, list(order)) for order in orders_of(len(right))
    ]
    key = {declaration.identifier: right}
    return Made(ItemType.ORDERING, body, item.rule(ItemType.ORDERING, body, ORDERING_RULES, responses, key), key)


def read_match(item: QtiItem, interaction: etree._Element) -> Made:
    """matchInteraction in which every member of one set has exactly one partner."""
    sets = [[*children(one, "simpleAssociableChoice")] for one in children(interaction, "simpleMatchSet")]
    if len(sets) != 2:
        raise Unsupported("matchInteraction")
    declaration = item.declaration(interaction)
    pairs = [tuple(value.split()) for value in declaration.correct]
    named = [{attribute(one, "identifier"): one for one in side} for side in sets]
    for premise_side in (0, 1):
        partners = [(pair[premise_side], pair[1 - premise_side]) for pair in pairs if len(pair) == 2]
        given = dict(partners)
        if len(given) == len(partners) and set(given) == set(named[premise_side]):
            if not set(given.values()) <= set(named[1 - premise_side]):
                break
            texts = [{name: item.text(one) for name, one in side.items()} for side in named]
            return _matching(item, declaration.identifier, texts, given, premise_side)
    raise Unsupported("matchInteraction（一对多 several partners）")


def read_gap_match(item: QtiItem, interaction: etree._Element) -> Made:
    """gapMatchInteraction with texts: the gaps are premises by their number, the texts choices."""
    declaration = item.declaration(interaction)
    if any(True for _ in children(interaction, "gapImg")):
        raise Unsupported("gapMatchInteraction（图片 pictures）")
    gaps = [attribute(one, "identifier") for one in descendants(interaction, "gap")]
    words = {attribute(one, "identifier"): item.text(one) for one in children(interaction, "gapText")}
    given = {value.split()[1]: value.split()[0] for value in declaration.correct if len(value.split()) == 2}
    if set(given) != set(gaps) or not set(given.values()) <= set(words) or not gaps:
        raise Unsupported("gapMatchInteraction（并非每空一词 not one word a gap）")
    premises = {name: f"（{number}）" for number, name in enumerate(gaps, start=1)}
    return _matching(item, declaration.identifier, [words, premises], given, 1)


def _matching(
    item: QtiItem, identifier: str, texts: list[dict[str, str]], given: dict[str, str], premise_side: int
) -> Made:
    premises, choices = [*texts[premise_side]], [*texts[1 - premise_side]]
    right = [choices.index(given[name]) for name in premises]
    body = MatchingBody(tuple(texts[premise_side].values()), tuple(texts[1 - premise_side].values()), tuple(right))

    def foreign(pairing: tuple[int | None, ...]) -> Response:
        made = [(premises[at], choices[place]) for at, place in enumerate(pairing) if place is not None]
        return {identifier: [f"{a} {b}" if premise_side == 0 else f"{b} {a}" for a, b in made]}

    responses = [(foreign(pairing), list(pairing)) for pairing in pairings_of(len(premises), len(choices), right)]
    key = foreign(tuple(right))
    return Made(ItemType.MATCHING, body, item.rule(ItemType.MATCHING, body, MATCHING_RULES, responses, key), key)


def read_extended_text(item: QtiItem, interaction: etree._Element) -> Made:
    """extendedTextInteraction: people mark it, by the notes for the scorer."""
    declaration = item.declaration(interaction)
    models: list[str] = [*declaration.correct]
    rubric: list[ScoringPoint] = []
    for block in descendants(item.element, "rubricBlock"):
        if "scorer" in attribute(block, "view").split():
            more, points = read_marking_notes(item.text(content_of(block)))
            models += more
            rubric += points
    if declaration.mapping is not None:
        item.lose("文本评分映射", "a mapping of texts")
    return Made(ItemType.SHORT_ANSWER, ShortAnswerBody(tuple(models), tuple(rubric)), None, {})


READERS: dict[str, Callable[[QtiItem, etree._Element], Made]] = {
    "choiceInteraction": read_choice,
    "inlineChoiceInteraction": lambda item, interaction: read_choice(item, interaction, inline=True),
    "orderInteraction": read_order,
    "matchInteraction": read_match,
    "gapMatchInteraction": read_gap_match,
    "extendedTextInteraction": read_extended_text,
}
"""Interactions that are one body each; textEntryInteraction is in `text_entries`, as several may be one item."""
