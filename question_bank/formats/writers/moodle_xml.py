"""Moodle XML: HTML in CDATA, pictures within the item, the real rule in a tag."""

import base64
from collections.abc import Sequence
from fractions import Fraction

from lxml import etree

from question_bank.content import Picture
from question_bank.formats.labels import LONGEST_TAG, labels_of
from question_bank.formats.moodle.cloze import has_unread_part
from question_bank.formats.moodle.grades import write_percentage
from question_bank.formats.moodle.marking_notes import write_marking_notes
from question_bank.formats.writers.gift import category_path
from question_bank.formats.writers.grading import option_parts
from question_bank.formats.writers.outlay import (
    CannotCarry,
    ItemOut,
    Pictures,
    Written,
    formula_as_tex,
    number_text,
    picture_name,
    write_each,
)
from question_bank.formats.writers.typed import plain_or_note, typed_variants
from question_bank.items import Item, ItemType
from question_bank.kinds.choice import ChoiceBody
from question_bank.kinds.fill_blank import FillBlankBody, split_at_blanks
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.scoring import ScoringRule

_TYPES = {
    ItemType.SINGLE_CHOICE: "multichoice",
    ItemType.MULTIPLE_CHOICE: "multichoice",
    ItemType.TRUE_FALSE: "truefalse",
    ItemType.NUMERIC: "numerical",
    ItemType.ORDERING: "ordering",
    ItemType.MATCHING: "matching",
    ItemType.SHORT_ANSWER: "essay",
}
_ORDERING_GRADES = {ScoringRule.POSITION_MATCHES: "0", ScoringRule.ADJACENT_PAIRS: "1"}


def write_moodle_xml(items: Sequence[Item], pictures: Pictures) -> Written:
    """The items as a `quiz`, each under the category of its topic."""
    quiz = etree.Element("quiz")
    topics: list[tuple[str, ...]] = [()]

    def write(out: ItemOut) -> None:
        element = moodle_element(out)
        if out.item.topic != topics[-1]:
            topics.append(out.item.topic)
            category = etree.SubElement(quiz, "question", type="category")
            etree.SubElement(etree.SubElement(category, "category"), "text").text = category_path(out.item.topic)
        quiz.append(element)

    written, lost = write_each(items, pictures, write)
    etree.indent(quiz)
    data = etree.tostring(quiz, xml_declaration=True, encoding="UTF-8")
    return Written(data, len(written), tuple(lost))


def moodle_element(out: ItemOut) -> etree._Element:
    """One item as a `question`."""
    item, body = out.item, out.item.body
    several = isinstance(body, FillBlankBody) and len(body.blanks) != 1
    type_name = _TYPES.get(item.item_type) or ("cloze" if several else "shortanswer")
    if item.item_type not in _TYPES and item.item_type is not ItemType.FILL_BLANK:
        raise CannotCarry("Moodle XML 没有这种题型", "Moodle XML has no such type")
    element = etree.Element("question", type=type_name)
    _text(etree.SubElement(element, "name"), out.title, markup=False)
    stem = _cloze_stem(out, body) if several and isinstance(body, FillBlankBody) else None
    _content(out, element, "questiontext", item.stem, made=stem)
    _content(out, element, "generalfeedback", item.explanation)
    for name, value in (("defaultgrade", "1"), ("penalty", "0"), ("hidden", "0")):
        etree.SubElement(element, name).text = value
    _body(out, element)
    _tags(out, element)
    return element


def _tags(out: ItemOut, element: etree._Element) -> None:
    labels = labels_of(out.item, with_rule=_needs_rule(out.item))
    kept = [label for label in labels if len(label) <= LONGEST_TAG and label == label.strip()]
    if len(kept) < len(labels):
        out.lose("过长的标签或依据", "a tag or a basis that is too long")
    tags = etree.SubElement(element, "tags")
    for label in kept:
        _text(etree.SubElement(tags, "tag"), label, markup=False)


def _needs_rule(item: Item) -> bool:
    several = isinstance(item.body, FillBlankBody) and len(item.body.blanks) > 1
    ruled = item.item_type in (ItemType.MULTIPLE_CHOICE, ItemType.MATCHING, ItemType.ORDERING)
    return item.scoring is not None or ruled or several


def _text(holder: etree._Element, text: str, *, markup: bool) -> None:
    child = etree.SubElement(holder, "text")
    # CDATA cannot hold its own end.
    child.text = etree.CDATA(text) if markup and "]]>" not in text else text


def _content(out: ItemOut, parent: etree._Element, name: str, text: str, *, made: str | None = None) -> etree._Element:
    holder = etree.SubElement(parent, name, format="html")
    _fill(out, holder, text, made=made)
    return holder


def _fill(out: ItemOut, holder: etree._Element, text: str, *, made: str | None = None) -> None:
    shown: dict[str, Picture] = {}

    def address(picture: Picture) -> str:
        shown[picture_name(picture)] = picture
        return f"@@PLUGINFILE@@/{picture_name(picture)}"

    html = out.html(text, address, formula=formula_as_tex)
    _text(holder, html if made is None else made, markup=True)
    for name, picture in shown.items():
        file = etree.SubElement(holder, "file", name=name, path="/", encoding="base64")
        file.text = base64.b64encode(picture.data).decode()


def _offer(parent: etree._Element, part: Fraction, text: str) -> etree._Element:
    answer = etree.SubElement(parent, "answer", fraction=write_percentage(part), format="moodle_auto_format")
    _text(answer, text, markup=False)
    return answer


def _body(out: ItemOut, element: etree._Element) -> None:
    body = out.item.body
    if isinstance(body, ChoiceBody):
        if out.item.item_type is ItemType.TRUE_FALSE:
            for place, word in enumerate(("true", "false")):
                _offer(element, Fraction(place in body.key), word)
        else:
            _choice(out, element, body)
    elif isinstance(body, FillBlankBody):
        if len(body.blanks) == 1:
            etree.SubElement(element, "usecase").text = "0" if body.normalisation.case else "1"
            for text, part in typed_variants(out, body):
                _offer(element, part, text)
    elif isinstance(body, NumericBody):
        _numeric(out, element, body)
    elif isinstance(body, MatchingBody):
        _matching(out, element, body)
    elif isinstance(body, OrderingBody):
        rule = None if out.item.scoring is None else out.item.scoring.rule
        etree.SubElement(element, "layouttype").text = "VERTICAL"
        etree.SubElement(element, "selecttype").text = "ALL"
        etree.SubElement(element, "gradingtype").text = _ORDERING_GRADES.get(rule, "-1") if rule else "-1"
        for place, text in enumerate(body.elements, start=1):
            _fill(out, etree.SubElement(element, "answer", fraction=f"{place}.0000000", format="html"), text)
    elif isinstance(body, ShortAnswerBody):
        etree.SubElement(element, "responseformat").text = "editor"
        _content(out, element, "graderinfo", write_marking_notes(body.models, body.rubric))


def _choice(out: ItemOut, element: etree._Element, body: ChoiceBody) -> None:
    pinned = {option.pinned for option in body.options}
    if len(pinned) > 1:
        out.lose("部分选项固定位置", "some options that keep their place")
    etree.SubElement(element, "single").text = "true" if out.item.item_type is ItemType.SINGLE_CHOICE else "false"
    etree.SubElement(element, "shuffleanswers").text = "false" if pinned == {True} else "true"
    etree.SubElement(element, "answernumbering").text = "ABCD"
    for part, option in zip(option_parts(out, body), body.options, strict=True):
        _fill(out, etree.SubElement(element, "answer", fraction=write_percentage(part), format="html"), option.text)


def _numeric(out: ItemOut, element: etree._Element, body: NumericBody) -> None:
    tolerance = body.tolerance
    if body.tolerance_kind is ToleranceKind.RELATIVE:
        out.lose("相对误差（已换算为绝对误差）", "a relative tolerance (written as an absolute one)")
        tolerance = abs(body.value * tolerance)
    elif body.tolerance_kind is ToleranceKind.GEOMETRIC:
        out.lose("几何误差", "a geometric tolerance")
    answer = _offer(element, Fraction(1), f"{body.value:f}")
    etree.SubElement(answer, "tolerance").text = f"{tolerance:f}"
    if body.unit or body.units:
        units = etree.SubElement(element, "units")
        for name, multiplier in ((body.unit, Fraction(1)), *((u.name, 1 / Fraction(u.factor)) for u in body.units)):
            if Fraction(number_text(multiplier)) != multiplier:
                out.lose("精确的单位换算", "the exact factor of a unit")
            unit = etree.SubElement(units, "unit")
            etree.SubElement(unit, "multiplier").text = number_text(multiplier)
            etree.SubElement(unit, "unit_name").text = name


def _matching(out: ItemOut, element: etree._Element, body: MatchingBody) -> None:
    etree.SubElement(element, "shuffleanswers").text = "true"
    pairs = [(premise, place) for premise, place in zip(body.premises, body.pairs, strict=True)]
    pairs += [("", place) for place in range(len(body.choices)) if place not in body.pairs]
    for premise, place in pairs:
        pair = _content(out, element, "subquestion", premise)
        _text(etree.SubElement(pair, "answer"), plain_or_note(out, body.choices[place]), markup=False)


def _cloze_stem(out: ItemOut, body: FillBlankBody) -> str:
    """The stem with each blank as an embedded item."""
    parts = []
    for place, blank in enumerate(body.blanks):
        kind = "SHORTANSWER" if body.normalisation.case else "SHORTANSWER_C"
        if any(has_unread_part(variant.text) for variant in blank.accepted):
            raise CannotCarry("答案像嵌入题的写法", "an accepted text that looks like an embedded item")
        offers = [f"%{write_percentage(part)}%{_escape_cloze(text)}" for text, part in typed_variants(out, body, place)]
        parts.append(f"{{{blank.share}:{kind}:{'~'.join(offers)}}}")
    html = out.html(out.item.stem, lambda one: f"@@PLUGINFILE@@/{picture_name(one)}", formula=formula_as_tex)
    pieces = split_at_blanks(html)
    if len(pieces) != len(parts) + 1:
        raise CannotCarry("题干的空与答案数目不符", "blanks of the stem that do not fit the key")
    return "".join(piece + part for piece, part in zip(pieces, [*parts, ""], strict=True))


def _escape_cloze(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{one}" if one in '}#~/"\\' else one for one in escaped)
