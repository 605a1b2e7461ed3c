"""Word documents: what Word shows, not only what it stores."""

import io
import time

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image

from question_bank.formats import ImportReport, read_bank
from question_bank.formats.docx_numbering import write_count
from tests.support.bank_files import party_bank, party_bank_docx
from tests.support.bank_reports import JUDGE, MULTIPLE, SINGLE, codes, rows


def read(document: Document) -> ImportReport:
    stream = io.BytesIO()
    document.save(stream)
    return read_bank("题库.docx", stream.getvalue())


def add_list(document: Document, number: int, number_format: str, text: str) -> None:
    """A list of its own (numId and abstractNumId are `number`), such as decimal "%1、"."""
    numbering = document.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{number_format}"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'
    )
    numbering.insert(0, abstract)
    add_use(document, number, number, restart=False)


def add_use(document: Document, number: int, of: int, *, restart: bool) -> None:
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>' if restart else ""
    document.part.numbering_part.element.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{of}"/>{start}</w:num>')
    )


def add_numbered(document: Document, text: str, number: int) -> None:
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    numbered = OxmlElement("w:numPr")
    for tag, value in (("w:ilvl", "0"), ("w:numId", str(number))):
        child = OxmlElement(tag)
        child.set(qn("w:val"), value)
        numbered.append(child)
    properties.append(numbered)


def test_numbers_and_letters_that_exist_only_as_automatic_numbering():
    document = docx.Document()
    add_list(document, 90, "decimal", "%1、")
    add_list(document, 91, "upperLetter", "%1.")
    add_use(document, 92, 91, restart=True)
    document.add_paragraph("单选题")
    for stem, options, number in (("预备期多久？", ("半年", "一年"), 91), ("介绍人几名？", ("一名", "两名"), 92)):
        add_numbered(document, stem, 90)
        for option in options:
            add_numbered(document, option, number)
        document.add_paragraph("答案：B")
    report = read(document)
    assert rows(report) == [
        (SINGLE, "预备期多久？", ["半年", "一年"], "B"),
        (SINGLE, "介绍人几名？", ["一名", "两名"], "B"),
    ]
    assert report.doubtful == ()


def test_automatic_numbering_without_keys_is_flagged():
    document = docx.Document()
    add_list(document, 90, "decimal", "%1.")
    for at in range(1, 4):
        add_list(document, 100 + at, "upperLetter", "%1.")
        add_numbered(document, f"第{at}个问题是什么？", 90)
        for option in "甲乙丙":
            add_numbered(document, option, 100 + at)
    report = read(document)
    assert [(row[1], len(row[2])) for row in rows(report)] == [(f"第{at}个问题是什么？", 3) for at in (1, 2, 3)]
    assert codes(report) == [["key.missing"]] * 3


def test_a_typed_number_in_a_list_paragraph_is_not_numbered_twice():
    document = docx.Document()
    add_list(document, 90, "decimal", "%1.")
    for text in ("7、预备期多久？", "A、半年", "B、一年", "答案：B"):
        add_numbered(document, text, 90)
    assert rows(read(document)) == [(SINGLE, "预备期多久？", ["半年", "一年"], "B")]


@pytest.mark.parametrize(
    ("count", "number_format", "text"),
    [
        (3, "decimal", "3"),
        (2, "upperLetter", "B"),
        (28, "lowerLetter", "bb"),
        (11, "chineseCounting", "十一"),
        (20, "chineseCountingThousand", "二十"),
        (34, "ideographTraditional", "三十四"),
        (1994, "upperRoman", "MCMXCIV"),
        (4, "lowerRoman", "iv"),
        (5, "ordinal", "5"),
    ],
)
def test_counts_as_word_writes_them(count, number_format, text):
    assert write_count(count, number_format) == text


def test_soft_breaks_are_line_breaks_and_tabs_part_options():
    document = docx.Document()
    document.add_paragraph("1、预备期多久？\nA、半年\nB、一年\n答案：B")
    document.add_paragraph("2、介绍人几名？\nA、一名\tB、两名\tC、三名")
    document.add_paragraph("答案：B")
    assert rows(read(document)) == [
        (SINGLE, "预备期多久？", ["半年", "一年"], "B"),
        (SINGLE, "介绍人几名？", ["一名", "两名", "三名"], "B"),
    ]


def test_text_in_runs_links_and_insertions_but_not_what_was_deleted():
    document = docx.Document()
    paragraph = document.add_paragraph("1、预备")
    paragraph.add_run("期").bold = True
    for xml in (
        "<w:ins {0}><w:r><w:t>多久</w:t></w:r></w:ins>",
        "<w:del {0}><w:r><w:delText>几天</w:delText></w:r></w:del>",
        "<w:hyperlink {0}><w:r><w:t>？</w:t></w:r></w:hyperlink>",
    ):
        paragraph._p.append(parse_xml(xml.format(nsdecls("w"))))
    for text in ("A、半年", "B、一年", "答案：B"):
        document.add_paragraph(text)
    assert rows(read(document))[0][1] == "预备期多久？"


def test_headings_of_word_become_topics():
    document = docx.Document()
    for text, style in (
        ("党员", "Heading 1"),
        ("权利", "Heading 2"),
        ("单选题", "Heading 3"),
        ("1、预备期多久？", None),
        ("A、半年", None),
        ("B、一年", None),
        ("答案：B", None),
        ("纪律", "Heading 1"),
        ("判断题", "Heading 2"),
        ("1、党费要交。", None),
        ("答案：对", None),
    ):
        document.add_paragraph(text, style=style)
    report = read(document)
    assert [one.item.topic for one in report.items] == [("党员", "权利"), ("纪律",)]
    assert [row[0] for row in rows(report)] == [SINGLE, JUDGE]


def test_a_bank_in_a_table_and_text_in_a_table():
    document = docx.Document()
    document.add_paragraph("1、下表说明什么？")
    plain = document.add_table(rows=1, cols=2)
    plain.cell(0, 0).text, plain.cell(0, 1).text = "会议", "每月"
    for text in ("A、甲", "B、乙", "答案：A"):
        document.add_paragraph(text)
    bank = document.add_table(rows=3, cols=5)
    for row, cells in enumerate(
        [
            ("题干", "A", "B", "C", "答案"),
            ("处分有", "警告", "罚款", "严重警告", "AC"),
            ("预备期", "一年", "两年", "", "A"),
        ]
    ):
        for column, text in enumerate(cells):
            bank.cell(row, column).text = text
    report = read(document)
    assert rows(report) == [
        (SINGLE, "下表说明什么？\n会议  每月", ["甲", "乙"], "A"),
        (MULTIPLE, "处分有", ["警告", "罚款", "严重警告"], "AC"),
        (SINGLE, "预备期", ["一年", "两年"], "A"),
    ]


def test_a_picture_is_named_as_a_doubt_of_its_item():
    picture = io.BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    document = docx.Document()
    document.add_paragraph("1、图中是什么？").add_run().add_picture(picture)
    for text in ("A、党徽", "B、国徽", "答案：A", "2、党费要交吗？", "A、要", "B、不要", "答案：A"):
        document.add_paragraph(text)
    report = read(document)
    assert codes(report) == [["item.picture"], []]
    assert rows(report)[0][1] == "图中是什么？［图］"


def test_places_are_paragraphs():
    report = read_bank("x", party_bank_docx(party_bank()[:2]))
    assert [one.place.paragraph for one in report.items] == [3, 11]
    assert report.items[1].place.zh == "第 11 段"
    assert report.items[1].place.en == "paragraph 11"


def test_a_bank_of_1200_items_takes_well_under_three_seconds():
    data = party_bank_docx(party_bank() * 10)
    began = time.process_time()
    report = read_bank("x", data)
    assert time.process_time() - began < 3
    assert len(report.items) == 1_200
