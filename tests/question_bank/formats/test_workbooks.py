"""Our workbooks: the template reads back without a doubt, doubts are marked where they stand, nothing in them runs."""

import io
import re
import zipfile
from decimal import Decimal

import pytest

from question_bank.formats import Problem, read_bank
from question_bank.formats.writers.workbook import Marked, make_template, mark_doubts, write_workbook
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.wording import Wording


def parts(data):
    """The text of every part of a workbook, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name).decode() for name in package.namelist() if name.endswith("xml")}


def choice(stem="=1+1 等于几？", key=(1,), **more):
    return Item(
        item_type=ItemType.SINGLE_CHOICE,
        stem=stem,
        body=ChoiceBody((Option('=HYPERLINK("http://x")'), Option("@二"), Option("1.0")), frozenset(key)),
        **more,
    )


@pytest.mark.parametrize("english", [False, True])
def test_the_examples_of_the_template_read_back_without_a_doubt(english):
    report = read_bank("模板.xlsx", make_template(english=english))
    assert [read.item.item_type for read in report.items] == [
        ItemType.SINGLE_CHOICE,
        ItemType.MULTIPLE_CHOICE,
        ItemType.TRUE_FALSE,
        ItemType.FILL_BLANK,
        ItemType.SHORT_ANSWER,
    ]
    assert not report.refused
    assert not report.doubtful
    assert len(report.topics[0]) == 2
    found = parts(make_template(english=english))
    offered = re.findall(r'<formula1>"([^,]*),', found["xl/worksheets/sheet1.xml"])
    assert set(offered) == ({"Single choice", "Easy", "Primary"} if english else {"单选题", "较易", "初级"})
    assert found["xl/comments1.xml"].count("<comment ") == 8


def test_a_table_holds_what_it_says_and_names_what_it_cannot():
    items = [
        choice(
            explanation="因为",
            topic=("一", "二", "三"),
            difficulty=Difficulty.HARD,
            level=Level.ADVANCED,
            tags=("甲", "乙"),
            basis=(Basis("《党章》", "第三十条"),),
        ),
        Item(item_type=ItemType.NUMERIC, stem="多少？", body=NumericBody(Decimal("2.50"), unit="元")),
        Item(item_type=ItemType.ORDERING, stem="排序", body=OrderingBody(("先", "后", "末"))),
        Item(item_type=ItemType.FILL_BLANK, stem="有____和____", body=blanks_of(("甲", "乙"), ("丙",))),
    ]
    practical = Item(item_type=ItemType.PRACTICAL, stem="做", body=PracticalBody((ChecklistEntry("步骤"),)))
    written = write_workbook([*items, practical, choice("**粗**体的题干")], {})
    assert written.items == 5
    assert [one.code for one in written.lost] == ["item.not_written", "item.features_lost"]
    report = read_bank("题库.xlsx", written.data)
    assert not report.doubtful
    assert [read.item for read in report.items][:4] == items
    assert written.data == write_workbook([*items, practical, choice("**粗**体的题干")], {}).data
    inside = "".join(text for name, text in parts(written.data).items() if "sheet" in name)
    assert "<f>" not in inside
    assert "hyperlink" not in inside


def test_doubtful_cells_are_coloured_say_why_and_can_be_mended():
    why = Wording("没有找到答案。", "No key was found.")
    entries = [
        Marked(choice("好的"), Wording("第 2 行", "row 2"), ()),
        Marked(choice("没有答案", key=()), Wording("第 3 行", "row 3"), (("key.missing", why),)),
    ]
    data = mark_doubts(entries, [Problem("x", "第 9 行没有题干。", "Row 9 has no stem.")])
    found = parts(data)
    assert "FFFFE08A" in found["xl/styles.xml"]
    (comment,) = re.findall(r'<comment ref="([A-Z]+)3".*?</comment>', found["xl/comments1.xml"], re.DOTALL)
    assert comment == "I"  # 题型, 题干, six options, 答案
    assert why.zh in found["xl/comments1.xml"]
    assert "第 3 行" in found["xl/comments1.xml"]
    assert "第 9 行没有题干。" in found["xl/sharedStrings.xml"]
    report = read_bank("改.xlsx", data)  # what is not mended is as doubtful as it was
    assert [[doubt.code for doubt in read.doubts] for read in report.items] == [[], ["key.missing"]]
    cell = re.search(r'<c r="I3" s="\d+" t="s"><v>\d+</v></c>', found["xl/worksheets/sheet1.xml"])[0]
    mended = '<c r="I3" t="inlineStr"><is><t>A</t></is></c>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package, zipfile.ZipFile(io.BytesIO(data)) as before:
        for name in before.namelist():
            package.writestr(name, before.read(name).replace(cell.encode(), mended.encode()))
    report = read_bank("改.xlsx", stream.getvalue())
    assert [read.item.body.key for read in report.items] == [frozenset({1}), frozenset({0})]
    assert not report.doubtful
