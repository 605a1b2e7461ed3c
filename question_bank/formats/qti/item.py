"""One QTI item: from its element to an item of ours."""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from question_bank.content import plain
from question_bank.formats.labels import read_labels
from question_bank.formats.markup import Shelf
from question_bank.formats.moodle.marking_notes import read_marking_notes
from question_bank.formats.notes import Refusals
from question_bank.formats.qti.context import Load, QtiItem
from question_bank.formats.qti.hypertext import BLANK
from question_bank.formats.qti.interactions import READERS, Made, Unsupported
from question_bank.formats.qti.names import attribute, child, children, content_of, descendants, name_of
from question_bank.formats.qti.text_entries import read_text_entries
from question_bank.formats.report import Place, Problem, ReadItem
from question_bank.formats.secure_xml import UnsafeXml, parse_xml
from question_bank.items import Body, Item, ItemType
from question_bank.kinds import problems_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.scoring import Scoring

EXPLANATION = "EXPLANATION"
"""Identifier of the feedback that our own packages keep an explanation in."""

PART = "part"
"""Class of the divisions that our own packages keep the parts of a case in."""

TOOL = "Chizheng"
"""What our own packages say made them: their titles are the stems again."""

_READ = frozenset(
    [
        "responseDeclaration",
        "outcomeDeclaration",
        "itemBody",
        "responseProcessing",
        "modalFeedback",
        "assessmentStimulusRef",
        "contextDeclaration",
    ]
)
_NAMED = {
    "stylesheet": ("样式表", "style sheet"),
    "catalogInfo": ("无障碍替代内容", "accessibility catalogue"),
    "companionMaterialsInfo": ("辅助材料", "companion materials"),
}
_HELPERS = frozenset(["endAttemptInteraction"])


def read_item(
    element: etree._Element,
    *,
    place: Place,
    refusals: Refusals,
    shelf: Shelf,
    load: Load,
    keywords: tuple[str, ...] = (),
) -> tuple[ReadItem | Problem | None, Problem | None]:
    """(item or refusal, what was lost). None instead of an item where its type cannot be held: that is counted.

    `keywords` are those that the manifest gives with it.
    """
    item = QtiItem(place=place, element=element, shelf=shelf, load=load)
    try:
        read = _settle(item, keywords)
    except Unsupported as unsupported:
        refusals.refuse_type(str(unsupported), place)
        return None, None
    return read, item.lost_as_problem(item.title) if item.lost else None


def _settle(item: QtiItem, keywords: tuple[str, ...]) -> ReadItem | Problem:
    if child(item.element, "templateDeclaration") is not None or child(item.element, "templateProcessing") is not None:
        raise Unsupported("templateProcessing（随机变量 random values）")
    if attribute(item.element, "adaptive") == "true":
        raise Unsupported("adaptive（自适应题 adaptive item）")
    body = child(item.element, "itemBody")
    interactions = [one for one in body.iter() if _is_interaction(one)] if body is not None else []
    if body is None or not interactions:
        raise Unsupported("itemBody（没有作答处 no interaction）")
    for one in interactions:
        if name_of(one) not in READERS and name_of(one) != "textEntryInteraction":
            raise Unsupported(name_of(one))
    _name_losses(item)
    labels = read_labels(keywords)
    stem, (item_type, made, native) = _read_body(item, body, interactions)
    stimulus = _stimulus(item)
    if isinstance(made, CaseBody):
        made = CaseBody(f"{stimulus}{made.stimulus}", made.parts)
    else:
        stem = f"{stimulus}{stem}"
    if not stem.strip():
        stem = item.title
        item.doubt("stem.from_title", "题干为空，取标题作题干。", "There is no stem; the title stands for it.")
    is_ours = attribute(item.element, "toolName") == TOOL
    if not is_ours and item.title not in " ".join(plain(stem).split()) and not isinstance(made, CaseBody):
        item.lose("标题", "title")
    read = Item(
        item_type=item_type,
        stem=stem,
        body=made,
        explanation=_explanation(item),
        topic=labels.topic,
        difficulty=labels.difficulty,
        level=labels.level,
        basis=labels.basis,
        tags=labels.tags,
        scoring=labels.scoring_or(native),
    )
    for problem in problems_of(read):
        item.doubt(*problem)
    return ReadItem(read, item.place, tuple(item.doubts))


def _is_interaction(element: etree._Element) -> bool:
    name = name_of(element)
    return name.endswith("Interaction") and name not in _HELPERS


def _name_losses(item: QtiItem) -> None:
    for one in item.element:
        name = name_of(one)
        if name and name not in _READ:
            item.lose(*_NAMED.get(name, (name[:40], name[:40])))
    if attribute(item.element, "timeDependent") == "true":
        item.lose("计时要求", "time dependence")
    if any("scorer" not in attribute(one, "view").split() for one in descendants(item.element, "rubricBlock")):
        item.lose("说明块", "rubric block")


def _read_body(
    item: QtiItem, body: etree._Element, interactions: list[etree._Element]
) -> tuple[str, tuple[ItemType, Body, Scoring | None]]:
    """(stem, what the interactions make). Interactions of several kinds are the parts of a case."""
    if all(name_of(one) == "textEntryInteraction" for one in interactions):
        made = read_text_entries(item, interactions)
        stem = item.text(body, lambda _: BLANK)
        # One entry on a line of its own below the stem is where the response goes, and no blank of the stem.
        last = f"\n{BLANK}"
        return (stem.removesuffix(last).rstrip() if len(interactions) == 1 else stem), made[:3]
    if len(interactions) == 1:
        only = interactions[0]
        made = READERS[name_of(only)](item, only)
        return item.text(body, _numbered([*descendants(only, "gap")])), made[:3]
    if (own := _own_parts(item, body, interactions)) is not None:
        return item.title, (ItemType.CASE_ANALYSIS, own, None)
    parts: list[Part] = []
    processing, item.processing = item.processing, None
    for number, one in enumerate(interactions, start=1):
        part = read_text_entries(item, [one]) if name_of(one) == "textEntryInteraction" else _read_one(item, one)
        prompt = child(one, "prompt")
        stem = "" if prompt is None else item.text(prompt)
        parts.append(Part(part.item_type, stem or f"（{number}）", part.body))
    if processing is not None:
        item.lose("各小题的评分处理", "response processing of the parts")
    stimulus = item.text(body, _numbered(interactions), with_prompts=False)
    return item.title, (ItemType.CASE_ANALYSIS, CaseBody(stimulus, tuple(parts)), None)


def _own_parts(item: QtiItem, body: etree._Element, interactions: list[etree._Element]) -> CaseBody | None:
    """The case that the body is where every interaction stands in a division for its part, as in our packages."""
    divisions = [one for one in body if name_of(one) == "div" and attribute(one, "class") == PART]
    inside = [[one for one in division.iter() if _is_interaction(one)] for division in divisions]
    if sum(map(len, inside)) != len(interactions) or not all(inside):
        return None
    if any(len(own) > 1 and any(name_of(one) != "textEntryInteraction" for one in own) for own in inside):
        return None
    processing, item.processing = item.processing, None
    parts = []
    for division, own in zip(divisions, inside, strict=True):
        stem, (item_type, made, _) = _read_body(item, division, own)
        notes = division.getnext()
        if isinstance(made, ShortAnswerBody):
            is_rubric = notes is not None and name_of(notes) == "rubricBlock"
            words = item.text(content_of(notes)) if notes is not None and is_rubric else ""
            made = ShortAnswerBody(*read_marking_notes(words))
        parts.append(Part(item_type, stem, made))
    if processing is not None:
        item.lose("各小题的评分处理", "response processing of the parts")
    around = etree.Element(body.tag)
    around.extend([deepcopy(one) for one in body if one not in divisions and name_of(one) != "rubricBlock"])
    return CaseBody(item.text(around), tuple(parts))


def _read_one(item: QtiItem, interaction: etree._Element) -> Made:
    if name_of(interaction) == "gapMatchInteraction":
        raise Unsupported("gapMatchInteraction（复合题中 within a composite）")
    return READERS[name_of(interaction)](item, interaction)


def _numbered(elements: list[etree._Element]) -> Callable[[etree._Element], str]:
    def blank(element: etree._Element) -> str:
        number = next((at for at, one in enumerate(elements, start=1) if one is element), 0)
        return f"（{number}）{BLANK}" if len(elements) > 0 and number else BLANK

    return blank


def _explanation(item: QtiItem) -> str:
    texts = []
    for feedback in children(item.element, "modalFeedback"):
        if attribute(feedback, "identifier") == EXPLANATION:
            texts.append(item.text(content_of(feedback)))
        else:
            item.lose("反馈", "feedback")
    return "\n\n".join(texts)


def _stimulus(item: QtiItem) -> str:
    """Passages that stand in files of their own, before the stem."""
    texts = []
    for reference in children(item.element, "assessmentStimulusRef"):
        href = attribute(reference, "href")
        data = item.load(href)
        try:
            root = None if data is None else parse_xml(data)
        except UnsafeXml:
            root = None
        body = child(root, "stimulusBody")
        if body is None:
            item.doubt("qti.stimulus", f"材料 {href[:60]} 未能读入。", f"The passage {href[:60]} could not be read.")
        else:
            texts.append(item.text(body) + "\n\n")
    return "".join(texts)
