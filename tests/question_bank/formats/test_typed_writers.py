"""Workbooks and documents that our own reader reads back: every type, inert cells, and each loss by its name."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import docx
import pytest
import python_calamine
from lxml import etree

from question_bank.formats import read_bank, write_bank
from question_bank.items import Item, ItemType
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from tests.support.every_kind import EVERY

SINGLE = ChoiceBody((Option("半年"), Option("一年")), frozenset({1}))


def again(item, file_format):
    """(the item that comes back or None, what was named as lost)."""
    written = write_bank([item], file_format)
    lost = " ".join(problem.zh for problem in written.lost)
    return (read_bank("x", written.data).items[0].item if written.items else None), lost


@pytest.mark.parametrize("file_format", ["xlsx", "docx"])
def test_every_type_is_written_or_named_and_the_same_bytes_come_again(file_format):
    items = list(EVERY.values())
    written = write_bank(items, file_format)
    assert written.data == write_bank(items, file_format).data
    assert written.items == len(items)
    report = read_bank("x", written.data)
    assert {read.item.item_type for read in report.items} == {*EVERY}
    assert report.refused == ()


@pytest.mark.parametrize("words", ["=1+1", "+86", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_nothing_in_a_workbook_is_a_formula(words):  # P42
    item = Item(ItemType.SINGLE_CHOICE, words, SINGLE, explanation=words)
    with zipfile.ZipFile(io.BytesIO(write_bank([item], "xlsx").data)) as package:
        sheet = etree.fromstring(package.read("xl/worksheets/sheet1.xml"))
    cells = sheet.findall(".//{*}c")
    assert cells
    assert {cell.get("t") for cell in cells if len(cell)} == {"s"}
    assert sheet.findall(".//{*}f") == []


def test_other_programs_open_them():
    items = [EVERY[ItemType.SINGLE_CHOICE]]
    book = python_calamine.load_workbook(io.BytesIO(write_bank(items, "xlsx").data))
    assert book.get_sheet_by_name("试题").to_python()[0][:4] == ["题型", "题干", "选项A", "选项B"]
    document = docx.Document(io.BytesIO(write_bank(items, "docx").data))
    assert document.paragraphs[0].text == "单选题"


@pytest.mark.parametrize("file_format", ["xlsx", "docx"])
def test_what_would_be_read_otherwise_is_left_out_and_named(file_format):
    tricky = Item(ItemType.SINGLE_CHOICE, "题干", ChoiceBody((Option("半年"), Option("")), frozenset({1})))
    found, lost = again(tricky, file_format)
    assert found is None
    assert "未写入" in lost
    found, lost = again(
        Item(
            ItemType.FILL_BLANK,
            "预备期____。",
            blanks_of(
                ("一年；十二个月",),
            ),
        ),
        file_format,
    )
    assert found is None
    assert "答案或选项会改变" in lost
    marked = Item(ItemType.SINGLE_CHOICE, "**预备期**多长？", SINGLE)
    found, lost = again(marked, file_format)
    assert found == replace(marked, stem="预备期多长？")
    assert "题干中的标记" in lost


@pytest.mark.parametrize("file_format", ["xlsx", "docx"])
def test_a_tolerance_and_scoring_points_have_their_place(file_format):
    relative = NumericBody(Decimal("3.5"), Decimal("0.02"), ToleranceKind.RELATIVE, "千米")
    for body in (NumericBody(Decimal("3.5"), Decimal("0.1"), unit="千米"), relative):
        item = Item(ItemType.NUMERIC, "会场有多远？", body)
        assert again(item, file_format) == (item, "")
    body = ShortAnswerBody(("支部大会通过，报上级党委批准。",), (ScoringPoint("报上级党委批准", 3, ("上级党委",)),))
    short = Item(ItemType.SHORT_ANSWER, "怎样接收预备党员？", body)
    assert again(short, file_format) == (short, "")
