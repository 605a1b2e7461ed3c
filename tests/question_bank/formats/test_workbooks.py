"""Our workbooks: the template reads back without a doubt, doubts are marked where they stand, nothing in them runs."""

import io
import re
import zipfile
from decimal import Decimal

import pytest

from question_bank.formats import Problem, read_bank
from question_bank.formats.table_headers import Role, read_header
from question_bank.formats.writers.examples import examples
from question_bank.formats.writers.families import FAMILIES, MOST_OF, header_of
from question_bank.formats.writers.workbook import Marked, make_template, mark_doubts, write_workbook
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.scoring import Scoring, ScoringRule
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
def test_the_examples_of_the_template_read_back_as_what_they_are(english):
    data = make_template(english=english)
    report = read_bank("模板.xlsx", data)
    assert [read.item for read in report.items] == examples(english=english)
    assert {read.item.item_type for read in report.items} == set(ItemType)
    assert not report.refused + report.lost + report.doubtful
    found = parts(data)
    offered = re.findall(r'<formula1>"([^,]*),', found["xl/worksheets/sheet1.xml"])
    assert set(offered) == ({"Single choice", "Easy", "Primary"} if english else {"单选题", "较易", "初级"})
    assert found["xl/comments1.xml"].count("<comment ") == 8
    for number in range(1, len(FAMILIES) + 1):  # every sheet has lists and explains its own columns
        assert "<dataValidation " in found[f"xl/worksheets/sheet{number}.xml"]
        assert found[f"xl/comments{number}.xml"].count("<comment ") >= 7


def test_the_reader_finds_every_column_under_its_header():
    for family in FAMILIES:
        for english in (False, True):
            for column in family.columns(MOST_OF):
                read = read_header(header_of(column, family, english=english))
                wanted = 0 if column.role is Role.TOPIC else column.index  # levels of a topic are counted by place
                assert (read.role, read.index) == (column.role, wanted)


ABOUT = {
    "explanation": "因为",
    "topic": ("一", "二", "三", "四", "五"),
    "difficulty": Difficulty.HARD,
    "level": Level.ADVANCED,
    "tags": ("甲", "乙"),
    "basis": (Basis("《党章》", "第三十条"),),
}
SIMPLE = (
    choice(**ABOUT),
    Item(ItemType.FILL_BLANK, "有____和____", blanks_of(("甲", "乙"), ("丙",))),
    Item(ItemType.ORDERING, "排序", OrderingBody(("先", "后", "末"))),
    Item(ItemType.NUMERIC, "多少？", NumericBody(Decimal("2.50"), Decimal("0.02"), ToleranceKind.RELATIVE, "元")),
    Item(
        ItemType.SHORT_ANSWER,
        "说明",
        ShortAnswerBody(("说明",), (ScoringPoint("要点", 3, ("甲", "乙")), ScoringPoint("再一点（2分）"))),
        **ABOUT | {"basis": (Basis("《甲》", "第一条"), Basis("《乙》", "第二条"))},
    ),
    Item(ItemType.MATCHING, "配对", MatchingBody(("一月", "二月", "三月"), ("大月", "小月", "闰月"), (0, 1, 0))),
)


def test_every_type_comes_back_from_its_sheet():
    parts_of_case = (
        *(Part(one.item_type, one.stem, one.body, one.explanation, at) for at, one in enumerate(SIMPLE, 1)),
    )
    checklist = (*(ChecklistEntry(f"步骤{at}", at) for at in range(1, 31)),)
    items = [
        *SIMPLE,
        Item(ItemType.PRACTICAL, "做", PracticalBody(checklist, "在\n室内"), **ABOUT),
        Item(ItemType.CASE_ANALYSIS, "案例", CaseBody("材料\n两段", parts_of_case), **ABOUT),
        Item(ItemType.CASE_ANALYSIS, "案例", CaseBody("另一份材料", parts_of_case[:1])),
    ]
    written = write_workbook(items, {})
    assert (written.lost, written.items) == ((), len(items))
    assert written.data == write_workbook(items, {}).data
    report = read_bank("题库.xlsx", written.data)
    assert not report.doubtful + report.refused + report.lost
    assert [read.item for read in report.items] == items
    marked = mark_doubts([Marked(item, Wording("", ""), ()) for item in items], (), english=True)
    assert [read.item for read in read_bank("items.xlsx", marked).items] == items


def test_what_a_sheet_cannot_hold_is_named():
    pairs = MatchingBody(("一", "二"), ("$x$", "y"), (1, 0))
    written = write_workbook(
        [
            choice("**粗**体的题干"),
            Item(ItemType.PRACTICAL, "做", PracticalBody((ChecklistEntry("**一**"),))),
            Item(ItemType.FILL_BLANK, "有____", blanks_of(("甲|乙",))),
            Item(ItemType.MATCHING, "配对", pairs, scoring=Scoring(ScoringRule.PER_PAIR)),
            Item(ItemType.CASE_ANALYSIS, "案例", CaseBody("**材料**", (Part(ItemType.MATCHING, "配对", pairs),))),
            choice("多级", topic=("一",) * 8),
        ],
        {},
    )
    assert [one.zh.split("”")[1] for one in written.lost] == [
        "未能写入：题干中的标记（含公式、图片）、换行或空格。",
        "未能写入：评分要点或考核条件中的标记。",
        "未写入：写出后答案或选项会改变。",
        "未能写入：评分规则、匹配项中的标记。",
        "未能写入：小题或材料中的标记、评分规则。",
    ]
    inside = "".join(text for name, text in parts(written.data).items() if "sheet" in name)
    assert "<f>" not in inside  # P42
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
