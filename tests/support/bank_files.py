"""Files as authors have them: 120 items in three chapters, as Word, Excel and text. Same seed, same bytes of content.

party_bank()         60 single-choice, 24 multiple-choice and 36 true-or-false items as `Item`
party_bank_docx()    a Word document: chapters, a heading per type, numbers that restart, 正确答案：
bank_xlsx()          a workbook with Chinese headers, a title above them
bank_txt_gb18030()   the same lines as the document, as Notepad saved them ten years ago
"""

import io
import random
from collections.abc import Iterable, Iterator
from itertools import groupby

import docx
import xlsxwriter

from question_bank.items import Basis, Item, ItemType
from question_bank.kinds.choice import ChoiceBody, Option, key_of, options_of
from question_bank.kinds.true_false import judgement
from question_bank.packages import without_times
from tests.support.bank_facts import CHAPTERS, Fact, Listing

_TYPE_NAMES = {
    ItemType.SINGLE_CHOICE: "单选题",
    ItemType.MULTIPLE_CHOICE: "多选题",
    ItemType.TRUE_FALSE: "判断题",
}
_HEADERS = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "选项E", "选项F", "正确答案", "答案解析", "知识点")
SINGLES_PER_CHAPTER, MULTIPLES_PER_CHAPTER, JUDGED_PER_CHAPTER = 20, 8, 12


def party_bank(*, seed: int = 20_231_219) -> tuple[Item, ...]:
    """120 valid items, by chapter and type in the order of the files; no two stems of a type are the same."""
    chance = random.Random(seed)
    return tuple(
        item
        for chapter, (facts, listings) in CHAPTERS.items()
        for item in (
            *_single_choices(chance, chapter, facts),
            *_multiple_choices(chance, chapter, listings),
            *_judged(chance, chapter, facts),
        )
    )


def _stems(document: str, article: str, sentence: str) -> tuple[str, str]:
    blank = sentence.format("（　）")
    return f"{document}规定，{blank}。", f"依照{document}{article}，{blank}。"


def _single_choices(chance: random.Random, chapter: str, facts: tuple[Fact, ...]) -> Iterator[Item]:
    pairs = [(fact, stem) for at in (0, 1) for fact in facts for stem in [_stems(*fact[:3])[at]]]
    for fact, stem in pairs[:SINGLES_PER_CHAPTER]:
        texts = [fact.right, *fact.wrong]
        chance.shuffle(texts)
        yield _item(ItemType.SINGLE_CHOICE, stem, texts, {fact.right}, chapter, fact)


def _multiple_choices(chance: random.Random, chapter: str, listings: tuple[Listing, ...]) -> Iterator[Item]:
    pairs = [(listing, stem) for at in (0, 1) for listing in listings for stem in [_stems(*listing[:3])[at]]]
    for listing, stem in pairs[:MULTIPLES_PER_CHAPTER]:
        texts = [*listing.right, *listing.wrong]
        chance.shuffle(texts)
        yield _item(ItemType.MULTIPLE_CHOICE, stem, texts, set(listing.right), chapter, listing)


def _judged(chance: random.Random, chapter: str, facts: tuple[Fact, ...]) -> Iterator[Item]:
    for fact in facts[:JUDGED_PER_CHAPTER]:
        is_true = chance.random() < 0.5
        words = fact.right if is_true else chance.choice(fact.wrong)
        yield Item(
            ItemType.TRUE_FALSE,
            f"{fact.sentence.format(words)}。",
            judgement(is_true=is_true),
            explanation=f"见{fact.document}{fact.article}。",
            topic=(chapter,),
            basis=(Basis(fact.document, fact.article),),
        )


def _item(
    item_type: ItemType, stem: str, texts: list[str], right: set[str], chapter: str, source: Fact | Listing
) -> Item:
    return Item(
        item_type,
        stem,
        ChoiceBody(
            tuple(map(Option, texts)), frozenset(position for position, text in enumerate(texts) if text in right)
        ),
        explanation=f"见{source.document}{source.article}。",
        topic=(chapter,),
        basis=(Basis(source.document, source.article),),
    )


def key_words(item: Item) -> str:
    """The key as a file writes it: letters, or 对 and 错."""
    if item.item_type is ItemType.TRUE_FALSE:
        return "对" if 0 in key_of(item) else "错"
    return "".join("ABCDEFGHIJKL"[position] for position in sorted(key_of(item)))


def bank_lines(items: Iterable[Item] | None = None) -> list[str]:
    """The lines of a bank as people type it: chapter, heading per type, numbered stem, options, key, explanation."""
    items = party_bank() if items is None else items
    lines: list[str] = []
    for chapter, in_chapter in groupby(items, key=lambda item: item.topic):
        lines += [f"--- {' '.join(chapter)} ---"] if chapter else []
        for item_type, of_type in groupby(in_chapter, key=lambda item: item.item_type):
            lines.append(_TYPE_NAMES[item_type])
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


def party_bank_docx(items: Iterable[Item] | None = None) -> bytes:
    """A Word document of these items, or of `party_bank()`."""
    document = docx.Document()
    for line in bank_lines(items):
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return without_times(stream.getvalue())


def bank_txt_gb18030(items: Iterable[Item] | None = None) -> bytes:
    """The same as text in GB18030 with Windows line ends."""
    return "\r\n".join(bank_lines(items)).encode("gb18030")


def bank_xlsx(items: Iterable[Item] | None = None) -> bytes:
    """A workbook with a title row, Chinese headers and one item per row."""
    items = party_bank() if items is None else items
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("题库")
        sheet.write_string(0, 0, "党务知识题库")
        sheet.write_row(1, 0, _HEADERS)
        for row, item in enumerate(items, start=2):
            texts = [] if item.item_type is ItemType.TRUE_FALSE else [option.text for option in options_of(item)]
            cells = (
                _TYPE_NAMES[item.item_type],
                item.stem,
                *(texts + [""] * 6)[:6],
                key_words(item),
                item.explanation,
                "/".join(item.topic),
            )
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
    return without_times(stream.getvalue())
