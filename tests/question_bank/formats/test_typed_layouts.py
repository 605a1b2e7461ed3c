"""Types that a letter cannot answer, in text and in tables: pairs, scoring points, tolerances, steps and cases."""

from decimal import Decimal
from textwrap import dedent

import pytest

from question_bank.formats import ImportReport, read_bank
from question_bank.items import Basis, Difficulty, ItemType
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import ChoiceBody
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from tests.question_bank.formats.test_tables import workbook


def read(text: str) -> ImportReport:
    return read_bank("bank.txt", dedent(text).encode())


def codes(report: ImportReport) -> list[list[str]]:
    return [[doubt.code for doubt in one.doubts] for one in report.items]


def test_pairs_are_read_from_circled_numbers_and_letters():
    report = read("""
        匹配题
        1、将事项与承担它的主体对应起来。
        ①预审
        ②审查
        A、支部委员会
        B、党小组
        C、基层党委
        答案：①C ②A
        解析：见①②两步。
        2、连线：①甲 ②乙
        A、一
        B、二
        答案：1—A；2—A
        3、答案不全。①甲 ②乙
        A、一
        B、二
        答案：①A
    """)
    assert [one.item.body for one in report.items[:2]] == [
        MatchingBody(("预审", "审查"), ("支部委员会", "党小组", "基层党委"), (2, 0)),
        MatchingBody(("甲", "乙"), ("一", "二"), (0, 0)),
    ]
    assert report.items[0].item.stem == "将事项与承担它的主体对应起来。"
    assert report.items[2].item.item_type is ItemType.SHORT_ANSWER
    assert codes(report) == [[], [], ["type.key_differs"]]


def test_scoring_points_tolerances_and_steps_are_read_under_their_types_only():
    report = read("""
        简答题
        1、列为发展对象前要经过哪些环节？
        答案：培养一年以上；听取意见
        采分点：培养一年以上（3分；关键词：一年、培养）
        采分点2：听取党小组、联系人等的意见，
        并报上级党委同意（2分）
        难度：难
        2、单位：某村。步骤：先请示。怎么办？
        步骤：先请示
        答案：依规办
        计算题
        3、面积是多少？
        答案：12.5
        单位：平方米
        误差：0.5
        4、占比多少？
        答案：20元
        误差：±2%
        实操题
        5、主持一次党员大会。
        考核条件：会议室一间
        步骤1：清点人数（60分）
        步骤2：宣布议程（40分）
        解析：先清点。
    """)
    bodies = [one.item.body for one in report.items]
    assert bodies[0] == ShortAnswerBody(
        ("培养一年以上；听取意见",),
        (
            ScoringPoint("培养一年以上", 3, ("一年", "培养")),
            ScoringPoint("听取党小组、联系人等的意见，并报上级党委同意", 2),
        ),
    )
    assert report.items[0].item.difficulty is Difficulty.HARD
    assert bodies[1] == ShortAnswerBody(("依规办",))
    assert bodies[2:4] == [
        NumericBody(Decimal("12.5"), Decimal("0.5"), unit="平方米"),
        NumericBody(Decimal(20), Decimal("0.02"), ToleranceKind.RELATIVE, "元"),
    ]
    assert bodies[4] == PracticalBody((ChecklistEntry("清点人数", 60), ChecklistEntry("宣布议程", 40)), "会议室一间")
    assert codes(report) == [[], [], [], [], []]


CASE = """
    案例分析题
    1、换届
    材料：某支部应选委员三名，
    候选人四名。
    依据：《中国共产党章程》第十一条；《某办法》总则
    标签：换届
    小题1（单选题，2分）：差额几名？
    A、一名
    B、两名
    答案：A
    解析：四减三。
    第2小题（判断，3分）选举人可以另选他人。
    答案：对
    问题3（简答题）：写出程序。
    答案：酝酿；选举
    采分点：酝酿（1分）
    2、另一案
    材料：略。
    小题1（单选题）：缺答案？
    A、甲
    B、乙
"""


def test_a_case_is_read_with_its_parts_and_doubts_name_the_part():
    report = read(CASE)
    first, second = (one.item for one in report.items)
    assert isinstance(first.body, CaseBody)
    assert (first.stem, first.body.stimulus) == ("换届", "某支部应选委员三名，\n候选人四名。")
    assert first.basis == (Basis("《中国共产党章程》", "第十一条"), Basis("《某办法》", "总则"))
    assert first.tags == ("换届",)
    assert [(part.item_type, part.stem, part.share, part.explanation) for part in first.body.parts] == [
        (ItemType.SINGLE_CHOICE, "差额几名？", 2, "四减三。"),
        (ItemType.TRUE_FALSE, "选举人可以另选他人。", 3, ""),
        (ItemType.SHORT_ANSWER, "写出程序。", 1, ""),
    ]
    assert isinstance(second.body, CaseBody)
    assert codes(report) == [[], ["key.missing"]]
    assert report.items[1].doubts[0].zh.startswith("第 1 小题：")


def test_a_case_without_parts_is_refused_with_advice():
    report = read("案例分析题\n1、某支部换届，怎么办？\n答：依规办。\n二、单选题\n1、甲？\nA、一\nB、二\n答案：A\n")
    assert [problem.code for problem in report.refused] == ["item.unsupported_type"]
    assert "小题1" in report.refused[0].zh


def test_tables_have_columns_for_them():
    report = read_bank(
        "bank.xlsx",
        workbook(
            {
                "匹配题": [
                    ("题干", "左1", "右1", "左2", "右2", "右3"),
                    ("配对一", "甲", "一", "乙", "二", "三"),
                    ("配对二", "甲", "一", "乙", "一", "三"),
                ],
                "排序题": [("题干", "选项A", "选项B", "选项C"), ("先后？", "申请", "谈话", "确定")],
                "计算题": [("题干", "答案", "单位", "误差"), ("多少？", "40", "元", "0.5")],
                "简答题": [
                    ("题干", "参考答案", "采分点1", "采分点2", "分值2"),
                    ("写出。", "略", "甲（2分）", "乙", "3"),
                ],
                "实操题": [("题干", "考核条件", "步骤1", "步骤2"), ("做。", "一间", "先", "后")],
                "案例分析题": [
                    ("材料编号", "案例名称", "材料", "题型", "题干", "选项A", "选项B", "答案", "小题分值", "依据"),
                    ("一", "换届", "某支部……", "单选题", "几名？", "三", "四", "B", "2", "《中国共产党章程》第十一条"),
                    ("一", "", "", "判断题", "可以另选。", "", "", "√", "3分", ""),
                    ("二", "", "另一支部……", "单选题", "缺？", "三", "四", "", "", ""),
                ],
            }
        ),
    )
    bodies = [one.item.body for one in report.items]
    assert bodies[:6] == [
        MatchingBody(("甲", "乙"), ("一", "二", "三"), (0, 1)),
        MatchingBody(("甲", "乙"), ("一", "三"), (0, 0)),
        OrderingBody(("申请", "谈话", "确定")),
        NumericBody(Decimal(40), Decimal("0.5"), unit="元"),
        ShortAnswerBody(("略",), (ScoringPoint("甲", 2), ScoringPoint("乙", 3))),
        PracticalBody((ChecklistEntry("先"), ChecklistEntry("后")), "一间"),
    ]
    case, other = report.items[6:]
    assert isinstance(case.item.body, CaseBody)
    assert (case.item.stem, case.item.body.stimulus) == ("换届", "某支部……")
    assert case.item.basis == (Basis("《中国共产党章程》", "第十一条"),)
    assert [(part.item_type, part.share) for part in case.item.body.parts] == [
        (ItemType.SINGLE_CHOICE, 2),
        (ItemType.TRUE_FALSE, 3),
    ]
    assert [part.body.key for part in case.item.body.parts if isinstance(part.body, ChoiceBody)] == [{1}, {0}]
    assert [doubt.code for doubt in other.doubts] == ["key.missing"]
    assert report.refused == ()


@pytest.mark.parametrize("word", ["材料：", "案例"])
def test_words_of_any_text_are_no_headings(word):
    report = read(f"单选题\n1、请阅读下面的内容\n{word}\n甲是谁？\nA、一\nB、二\n答案：A\n")
    assert [(one.item.item_type, word.strip("：") in one.item.stem) for one in report.items] == [
        (ItemType.SINGLE_CHOICE, True)
    ]
