"""Items with several interactions: the parts of a case, each with its share of the points and its rule.

What a part is worth is found by giving its right response alone; that the parts add up, by leaving each out of all.
Processing that does not add up is none of ours and is named.
"""

from collections.abc import Sequence
from copy import deepcopy
from fractions import Fraction
from math import gcd, lcm

from lxml import etree

from question_bank.formats.labels import Labels
from question_bank.formats.moodle.marking_notes import read_marking_notes
from question_bank.formats.qti.bodies import TEXT_ENTRY, interactions_in, is_one_body, numbered, read_body
from question_bank.formats.qti.context import QtiItem
from question_bank.formats.qti.expressions import NotInterpreted
from question_bank.formats.qti.interactions import READERS, Made, Unsupported
from question_bank.formats.qti.names import attribute, child, content_of, name_of
from question_bank.formats.qti.processing import Response
from question_bank.formats.qti.text_entries import read_text_entries
from question_bank.kinds.case_analysis import MOST_SHARE, CaseBody, Part
from question_bank.kinds.short_answer import ShortAnswerBody

PART = "part"
"""Class of the divisions that our own packages keep the parts of a case in."""


def part_outcome(number: int) -> str:
    """The outcome that our own packages keep the points of a part in; parts count from 1."""
    return f"SCORE_{number}"


def divisions_of(body: etree._Element) -> list[etree._Element]:
    """The divisions for parts, where all interactions of a body stand in one, as in our packages; else none."""
    divisions = [one for one in body if name_of(one) == "div" and attribute(one, "class") == PART]
    inside = [interactions_in(division) for division in divisions]
    whole = sum(map(len, inside)) == len(interactions_in(body)) and all(inside) and all(map(is_one_body, inside))
    return divisions if whole else []


def read_case(item: QtiItem, body: etree._Element, labels: Labels) -> CaseBody:
    """The case that the interactions of the body make together."""
    item.is_composite = True
    divisions = divisions_of(body)
    if divisions:
        read = [_read_division(item, division) for division in divisions]
        around = etree.Element(body.tag)
        around.extend([deepcopy(one) for one in body if one not in divisions and name_of(one) != "rubricBlock"])
        stimulus = item.text(around)
    else:
        interactions = interactions_in(body)
        read = [_read_prompted(item, one, number) for number, one in enumerate(interactions, start=1)]
        stimulus = item.text(body, numbered(interactions), with_prompts=False)
    shares = _shares(item, [made for _, made in read])
    parts = [
        Part(made.item_type, stem, made.body, "", share, labels.scoring_of_part(number, made.scoring))
        for number, ((stem, made), share) in enumerate(zip(read, shares, strict=True), start=1)
    ]
    return CaseBody(stimulus, tuple(parts))


def _read_division(item: QtiItem, division: etree._Element) -> tuple[str, Made]:
    stem, made = read_body(item, division, interactions_in(division))
    if not isinstance(made.body, ShortAnswerBody):
        return stem, made
    notes = division.getnext()
    words = item.text(content_of(notes)) if notes is not None and name_of(notes) == "rubricBlock" else ""
    return stem, made._replace(body=ShortAnswerBody(*read_marking_notes(words)))


def _read_prompted(item: QtiItem, interaction: etree._Element, number: int) -> tuple[str, Made]:
    if name_of(interaction) == "gapMatchInteraction":
        raise Unsupported("gapMatchInteraction（复合题中 within a composite）")
    is_entry = name_of(interaction) == TEXT_ENTRY
    made = read_text_entries(item, [interaction]) if is_entry else READERS[name_of(interaction)](item, interaction)
    prompt = child(interaction, "prompt")
    return ("" if prompt is None else item.text(prompt)) or f"（{number}）", made


def _shares(item: QtiItem, parts: Sequence[Made]) -> list[int]:
    """What each part counts beside the others, as the item's own processing has it; 1 where that cannot be said."""
    equal = [1] * len(parts)
    if item.processing is None:
        return equal
    rights = {at: part.right for at, part in enumerate(parts) if not isinstance(part.body, ShortAnswerBody)}
    try:
        worths = {at: item.score(right) for at, right in rights.items()}
        adds_up = all(worths.values()) and _adds_up(item, rights, worths)
    except NotInterpreted as unknown:
        item.lose_processing(unknown.name)
        return equal
    if not adds_up:
        item.lose_processing()
        return equal
    for at in range(len(parts)):
        if at not in worths:  # people mark it, and only what it is worth at most can be declared
            outcome = item.declarations.outcomes.get(part_outcome(at + 1))
            if outcome is None or not outcome.most:
                item.lose("人工评分小题的分值", "points of the parts that people mark")
            worths[at] = (outcome.most if outcome is not None else None) or min(worths.values(), default=Fraction(1))
    shares = _whole([worths[at] for at in range(len(parts))])
    if shares is None:
        item.lose("各小题的分值", "points of the parts")
    return shares or equal


def _adds_up(item: QtiItem, rights: dict[int, Response], worths: dict[int, Fraction]) -> bool:
    """Whether all right responses earn what they earn one by one, also without any one of them; and none, nothing."""
    full = sum(worths.values(), Fraction(0))
    every: dict[str, list[str]] = {name: values for right in rights.values() for name, values in right.items()}
    left_out = all(
        item.score({name: values for name, values in every.items() if name not in rights[at]}) == full - worth
        for at, worth in worths.items()
    )
    return left_out and item.score(every) == full and item.score({}) == 0


def _whole(worths: Sequence[Fraction]) -> list[int] | None:
    """The worths as whole shares, as they are where they are such; None where they would be too many."""
    common = lcm(*(worth.denominator for worth in worths))
    whole = [int(worth * common) for worth in worths]
    if common > 1 or max(whole) > MOST_SHARE:
        least = gcd(*whole)
        whole = [one // least for one in whole]
    return whole if max(whole) <= MOST_SHARE else None
