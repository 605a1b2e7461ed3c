"""The demo county's bank as authors have it: a Word document for the primary level, a workbook for the intermediate.

The same generator state gives the same items. What the files hold is read by the real importer.
"""

import io
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import docx
import xlsxwriter

from app.demo.bank_facts import CHAPTERS, WORK, Fact, Listing
from question_bank.items import Basis, Item, ItemType
from question_bank.kinds.choice import ChoiceBody, Option, key_of, options_of
from question_bank.kinds.true_false import judgement

TYPE_NAMES = {
    ItemType.SINGLE_CHOICE: "单选题",
    ItemType.MULTIPLE_CHOICE: "多选题",
    ItemType.TRUE_FALSE: "判断题",
}
HEADERS = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "选项E", "选项F", "正确答案", "答案解析", "知识点")
TOPICS = (*CHAPTERS, *WORK)
_PRIMARY_STEMS = ("{document}规定，{sentence}。", "依照{document}{article}，{sentence}。")
_INTERMEDIATE_STEMS = ("某党支部集体学习{document}，主持人提问：{sentence}。",)
_GAP = "（　）"


def primary_items(draw: random.Random) -> list[Item]:
    """242 items on the first reading of the rules: each fact asked twice, and put once rightly and once wrongly."""
    return list(_items(draw, _PRIMARY_STEMS, "{sentence}。"))


def intermediate_items(draw: random.Random) -> list[Item]:
    """121 items on using the rules in a branch's work."""
    judged = "某党支部会议记录写明：“{sentence}。”这一记录符合规定。"
    return list(_items(draw, _INTERMEDIATE_STEMS, judged, once=True))


def _items(draw: random.Random, stems: Sequence[str], judged: str, *, once: bool = False) -> Iterator[Item]:
    for topic, (facts, listings) in (CHAPTERS | WORK).items():
        for stem in stems:
            for fact in facts:
                yield _choice(
                    draw, ItemType.SINGLE_CHOICE, _ask(stem, fact), topic=topic, source=fact, right=[fact.right]
                )
        for stem in stems:
            for listing in listings:
                asked = _ask(stem, listing)
                yield _choice(draw, ItemType.MULTIPLE_CHOICE, asked, topic=topic, source=listing, right=listing.right)
        for fact in facts:
            for is_true in (draw.random() < 0.5,) if once else (True, False):
                words = fact.right if is_true else draw.choice(fact.wrong)
                yield Item(
                    ItemType.TRUE_FALSE,
                    judged.format(sentence=fact.sentence.format(words)),
                    judgement(is_true=is_true),
                    explanation=_see(fact),
                    topic=(topic,),
                    basis=(Basis(fact.document, fact.article),),
                )


def _ask(stem: str, source: Fact | Listing) -> str:
    return stem.format(document=source.document, article=source.article, sentence=source.sentence.format(_GAP))


def _choice(
    draw: random.Random, item_type: ItemType, stem: str, *, topic: str, source: Fact | Listing, right: Sequence[str]
) -> Item:
    texts = [*right, *source.wrong]
    draw.shuffle(texts)
    return Item(
        item_type,
        stem,
        ChoiceBody(
            tuple(map(Option, texts)), frozenset(position for position, text in enumerate(texts) if text in right)
        ),
        explanation=_see(source),
        topic=(topic,),
        basis=(Basis(source.document, source.article),),
    )


def _see(source: Fact | Listing) -> str:
    return f"见{source.document}{source.article}。"


def key_words(item: Item) -> str:
    """The key as a file writes it: letters, or 对 and 错."""
    if item.item_type is ItemType.TRUE_FALSE:
        return "对" if 0 in key_of(item) else "错"
    return "".join("ABCDEFGHIJKL"[position] for position in sorted(key_of(item)))


def bank_lines(items: Iterable[Item]) -> list[str]:
    """The lines of a bank as people type it: chapter, heading per type, numbered stem, options, key, explanation."""
    lines: list[str] = []
    for chapter, in_chapter in groupby(items, key=lambda item: item.topic):
        lines += [f"--- {' '.join(chapter)} ---"] if chapter else []
        for item_type, of_type in groupby(in_chapter, key=lambda item: item.item_type):
            lines.append(TYPE_NAMES[item_type])
            for number, item in enumerate(of_type, start=1):
                lines.append(f"{number}、{item.stem}")
                if item.item_type is not ItemType.TRUE_FALSE:
                    lines += [
                        f"{letter}、{option.text}"
                        for letter, option in zip("ABCDEFGHIJKL", options_of(item), strict=False)
                    ]
                lines += [f"正确答案：{key_words(item)}"] if key_of(item) else []
                lines += [f"解析：{item.explanation}"] if item.explanation else []
                lines.append("")
    return lines


def bank_docx(items: Iterable[Item]) -> bytes:
    """A Word document of these items."""
    document = docx.Document()
    for line in bank_lines(items):
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def bank_xlsx(items: Iterable[Item]) -> bytes:
    """A workbook with a title row, Chinese headers and one item per row."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("题库")
        sheet.write_string(0, 0, "党务知识题库")
        sheet.write_row(1, 0, HEADERS)
        for row, item in enumerate(items, start=2):
            texts = [] if item.item_type is ItemType.TRUE_FALSE else [option.text for option in options_of(item)]
            cells = (
                TYPE_NAMES[item.item_type],
                item.stem,
                *(texts + [""] * 6)[:6],
                key_words(item),
                item.explanation,
                "/".join(item.topic),
            )
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
    return stream.getvalue()


def roster_xlsx(people: Iterable[tuple[str, str, str]]) -> bytes:
    """A list of registrations as a unit fills it in: name, ID number, post."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("报名名单")
        sheet.write_row(0, 0, ("姓名", "身份证号", "职务"))
        for row, cells in enumerate(people, start=1):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
    return stream.getvalue()
