"""One QTI item: from its element to an item of ours."""

from dataclasses import replace

from lxml import etree

from question_bank.content import escape, plain
from question_bank.formats.labels import read_labels
from question_bank.formats.markup import Shelf
from question_bank.formats.notes import Refusals
from question_bank.formats.qti.bodies import TEXT_ENTRY, interactions_in, is_one_body, read_body
from question_bank.formats.qti.composite import divisions_of, read_case
from question_bank.formats.qti.context import Load, QtiItem
from question_bank.formats.qti.interactions import READERS, Made, Unsupported
from question_bank.formats.qti.names import attribute, child, children, content_of, descendants, name_of
from question_bank.formats.report import Place, Problem, ReadItem
from question_bank.formats.secure_xml import UnsafeXml, parse_xml
from question_bank.items import Item, ItemType
from question_bank.kinds import problems_of

EXPLANATION = "EXPLANATION"
"""Identifier of the feedback that our own packages keep an explanation in."""

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
    interactions = interactions_in(body) if body is not None else []
    if body is None or not interactions:
        raise Unsupported("itemBody（没有作答处 no interaction）")
    for one in interactions:
        if name_of(one) not in READERS and name_of(one) != TEXT_ENTRY:
            raise Unsupported(name_of(one))
    _name_losses(item)
    labels = read_labels(keywords)
    is_ours = attribute(item.element, "toolName") == TOOL
    stimulus = _stimulus(item)
    if is_one_body(interactions) and not (is_ours and divisions_of(body)):
        stem, made = read_body(item, body, interactions)
        stem = f"{stimulus}{stem}"
    else:
        case = read_case(item, body, labels)
        stem = escape(item.title)
        made = Made(ItemType.CASE_ANALYSIS, replace(case, stimulus=f"{stimulus}{case.stimulus}"), None, {})
    if not stem.strip():
        stem = item.title
        item.doubt("stem.from_title", "题干为空，取标题作题干。", "There is no stem; the title stands for it.")
    if not is_ours and " ".join(item.title.split()) not in " ".join(plain(stem).split()):
        item.lose("标题", "title")
    read = Item(
        item_type=made.item_type,
        stem=stem,
        body=made.body,
        explanation=_explanation(item),
        topic=labels.topic,
        difficulty=labels.difficulty,
        level=labels.level,
        basis=labels.basis,
        tags=labels.tags,
        scoring=labels.scoring_or(made.scoring),
    )
    for problem in problems_of(read):
        item.doubt(*problem)
    return ReadItem(read, item.place, tuple(item.doubts))


def _name_losses(item: QtiItem) -> None:
    for one in item.element:
        name = name_of(one)
        if name and name not in _READ:
            item.lose(*_NAMED.get(name, (name[:40], name[:40])))
    if attribute(item.element, "timeDependent") == "true":
        item.lose("计时要求", "time dependence")
    if any("scorer" not in attribute(one, "view").split() for one in descendants(item.element, "rubricBlock")):
        item.lose("说明块", "rubric block")


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
