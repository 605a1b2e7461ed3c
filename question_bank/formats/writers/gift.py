"""GIFT, in HTML that is escaped twice: once as HTML, once as GIFT."""

import re
from collections.abc import Sequence

from question_bank.content import Picture
from question_bank.formats.labels import LONGEST_TAG, labels_of
from question_bank.formats.moodle.grades import write_percentage
from question_bank.formats.writers.grading import option_parts
from question_bank.formats.writers.outlay import CannotCarry, ItemOut, Pictures, Written, formula_as_tex, write_each
from question_bank.formats.writers.typed import plain_or_note, typed_variants
from question_bank.items import Item, ItemType
from question_bank.kinds.choice import ChoiceBody
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.scoring import ScoringRule

_BRACKET, _ESCAPED = re.compile(r"([\]\\])"), r"\\\1"
_SIGNS = re.compile(r"[~=#{}:\\]")
_ORDERING_GRADES = {
    ScoringRule.POSITION_MATCHES: "ABSOLUTE_POSITION",
    ScoringRule.ADJACENT_PAIRS: "RELATIVE_NEXT_EXCLUDE_LAST",
}


def write_gift(items: Sequence[Item], pictures: Pictures) -> Written:
    """The items as a GIFT file in UTF-8, under their categories."""
    blocks: list[str] = []
    topics: list[tuple[str, ...]] = [()]

    def write(out: ItemOut) -> None:
        block = gift_block(out)
        if out.item.topic != topics[-1]:
            topics.append(out.item.topic)
            blocks.append(f"$CATEGORY: {category_path(out.item.topic)}")
        blocks.append(block)

    written, lost = write_each(items, pictures, write)
    return Written(("\n\n".join(blocks) + "\n").encode(), len(written), tuple(lost))


def category_path(topic: tuple[str, ...]) -> str:
    """The path of a category below the top of the course; a slash in a name is doubled."""
    return "/".join(["$course$/top", *(name.replace("/", "//") for name in topic)])


def escape_gift(text: str) -> str:
    r"""The text with every sign taken its meaning, on one line: a line break is `\n`."""
    return _SIGNS.sub(r"\\\g<0>", text).replace("\r", "").replace("\n", "\\n")


def gift_block(out: ItemOut) -> str:
    """One item."""
    item = out.item
    body = _body(out)
    explanation = f"\n\t####{_html(out, item.explanation)}" if item.explanation else ""
    labels = labels_of(item, with_rule=item.item_type is ItemType.MULTIPLE_CHOICE or item.scoring is not None)
    if item.item_type in (ItemType.MATCHING, ItemType.ORDERING) and item.scoring is None:
        labels = labels_of(item, with_rule=True)
    kept = [label for label in labels if len(label) <= LONGEST_TAG and label == " ".join(label.split())]
    if len(kept) < len(labels):
        out.lose("过长的标签或依据", "a tag or a basis that is too long")
    written = " ".join(f"[tag:{_BRACKET.sub(_ESCAPED, label)}]" for label in kept)
    comment = f"// {written}\n" if kept else ""
    title = escape_gift(out.title)
    return f"{comment}::{title}::[html]{_html(out, item.stem)}{{{body}{explanation}\n}}"


def _html(out: ItemOut, text: str) -> str:
    def address(picture: Picture) -> str:
        out.lose("图片", "pictures")
        return picture.sha256

    made = out.html(text, address, formula=formula_as_tex)
    return escape_gift(re.sub(r'<img src="[0-9a-f]{64}" alt="([^"]*)">', r"［图：\1］", made))


def _body(out: ItemOut) -> str:
    body = out.item.body
    if isinstance(body, ChoiceBody):
        return _judged(body) if out.item.item_type is ItemType.TRUE_FALSE else _choice(out, body)
    if isinstance(body, FillBlankBody):
        return _typed(out, body)
    if isinstance(body, NumericBody):
        return _numeric(out, body)
    if isinstance(body, MatchingBody):
        return _matching(out, body)
    if isinstance(body, OrderingBody):
        return _ordering(out, body)
    if not isinstance(body, ShortAnswerBody):
        raise CannotCarry("GIFT 没有这种题型", "GIFT has no such type")
    if body.models or body.rubric:
        out.lose("参考答案和采分点", "model answers and scoring points")
    return ""


def _judged(body: ChoiceBody) -> str:
    if len(body.key) != 1:
        raise CannotCarry("没有答案的判断题", "a true-or-false item without a key")
    return "TRUE" if 0 in body.key else "FALSE"


def _typed(out: ItemOut, body: FillBlankBody) -> str:
    variants = typed_variants(out, body)
    if any("->" in text for text, _ in variants):
        raise CannotCarry("答案含有“->”", "an accepted text with an arrow in it")
    return "".join(f"\n\t=%{write_percentage(worth)}%{escape_gift(text)}" for text, worth in variants)


def _ordering(out: ItemOut, body: OrderingBody) -> str:
    rule = None if out.item.scoring is None else out.item.scoring.rule
    grading = _ORDERING_GRADES.get(rule, "ALL_OR_NOTHING") if rule else "ALL_OR_NOTHING"
    # A line that begins with two slashes would be a comment.
    lines = [re.sub(r"^//", "&\\#47;/", _html(out, element)) for element in body.elements]
    if not all(lines):
        raise CannotCarry("有空白的排序项", "an empty element")
    return "\n".join([f">{len(lines)} ALL VERTICAL {grading} SHOW none", *lines])


def _choice(out: ItemOut, body: ChoiceBody) -> str:
    if any(option.pinned for option in body.options):
        out.lose("固定位置的选项", "options that keep their place")
    parts = option_parts(out, body)
    single = out.item.item_type is ItemType.SINGLE_CHOICE
    if single and len(body.key) != 1:
        raise CannotCarry("没有唯一答案的单选题", "a single-choice item without one key")
    lines = []
    for part, option in zip(parts, body.options, strict=True):
        weighed = f"~%{write_percentage(part)}%" if part else "~"
        mark = "=" if single and part == 1 else weighed
        lines.append(f"\n\t{mark}{_html(out, option.text)}")
    return "".join(lines)


def _numeric(out: ItemOut, body: NumericBody) -> str:
    tolerance = body.tolerance
    if body.tolerance_kind is not ToleranceKind.ABSOLUTE:
        if body.tolerance_kind is ToleranceKind.GEOMETRIC:
            out.lose("几何误差", "a geometric tolerance")
        else:
            out.lose("相对误差（已换算为绝对误差）", "a relative tolerance (written as an absolute one)")
            tolerance = abs(body.value * tolerance)
    if body.unit or body.units:
        out.lose("单位", "units")
    return f"#{body.value:f}:{tolerance:f}"


def _matching(out: ItemOut, body: MatchingBody) -> str:
    choices = [escape_gift(plain_or_note(out, choice)) for choice in body.choices]
    lines = [
        f"\n\t={_html(out, premise)} -> {choices[place]}"
        for premise, place in zip(body.premises, body.pairs, strict=True)
    ]
    lines += [f"\n\t= -> {choice}" for place, choice in enumerate(choices) if place not in body.pairs]
    return "".join(lines)
