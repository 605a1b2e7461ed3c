"""The layouts that people write banks in, one by one, in our own words."""

from decimal import Decimal

import pytest

from question_bank.items import Difficulty, ItemType
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ShortAnswerBody
from tests.support.bank_reports import BLANK, JUDGE, MULTIPLE, SHORT, SINGLE, codes, read, rows


def test_many_options_on_one_line_and_options_behind_the_stem():
    report = read("""
        单选题
        1、主题党日多久一次？ A.每周 B.每月 C.每季度 D.每年
        答案：B
        2、党员大会一般多久一次？
        A.每月 B.每季度
        C.每半年 D.每年
        答案：B
        3、下列说法对的是（ ）。
        (A) 甲 (B) 乙 （C）丙
        答案：C
    """)
    assert rows(report) == [
        (SINGLE, "主题党日多久一次？", ["每周", "每月", "每季度", "每年"], "B"),
        (SINGLE, "党员大会一般多久一次？", ["每月", "每季度", "每半年", "每年"], "B"),
        (SINGLE, "下列说法对的是（ ）。", ["甲", "乙", "丙"], "C"),
    ]


def test_an_item_that_begins_behind_the_last_option_of_another():
    report = read("""
        单选题
        1、预备期多久？ A.半年 B.一年 C.两年 2、介绍人要几名？ A.1 B.2 C.3
        3、党徽是什么？
        A.镰刀锤头 B.五星
    """)
    assert [row[1] for row in rows(report)] == ["预备期多久？", "介绍人要几名？", "党徽是什么？"]
    assert codes(report) == [["key.missing"]] * 3


def test_several_letters_inside_the_stem():
    report = read("1. 处分有（ A、C ）。\nA. 警告\nB. 罚款\nC. 严重警告\n2. 党徽有（ B ）。\nA. 五星\nB. 镰刀\n")
    assert [(row[0], row[3]) for row in rows(report)] == [(MULTIPLE, "AC"), (SINGLE, "B")]


def test_explanations_start_nothing():
    report = read("""
        1、申请入党要年满几岁？
        A、十六
        B、十八
        C、二十
        【答案】B
        【解析】本题考查条件。A选项未满，C、D选项高于要求，
        第十条与此无关。答案选B的人最多。
        B项符合，1、2两点见教材。
        2、预备期多久？
        A、半年
        B、一年
        【答案】B
        解析：见第七条。1、预备期一年；2、可延长。
        3、党徽是什么？
        A、镰刀锤头
        B、五星
        答案：A 解析：图案见第五十二条。
    """)
    assert [(row[1], row[3]) for row in rows(report)] == [
        ("申请入党要年满几岁？", "B"),
        ("预备期多久？", "B"),
        ("党徽是什么？", "A"),
    ]
    assert "第十条" in report.items[0].item.explanation
    assert "1、2两点" in report.items[0].item.explanation
    assert report.items[1].item.explanation == "见第七条。1、预备期一年；2、可延长。"
    assert report.items[2].item.explanation == "图案见第五十二条。"
    assert report.doubtful == ()


def test_a_numbered_list_in_an_explanation_stays_there():
    report = read("""
        1、甲？
        A、一
        B、二
        答案：A
        解析：理由如下
        1、第一点
        2、第二点
        3、第三点
        2、乙？
        A、一
        B、二
        答案：B
    """)
    assert [row[1] for row in rows(report)] == ["甲？", "乙？"]
    assert "3、第三点" in report.items[0].item.explanation


def test_a_numbered_list_in_a_stem_stays_there():
    report = read("""
        1、甲？
        A、一
        B、二
        答案：A
        2、下列步骤的次序是：
        1、申请
        2、谈话
        3、讨论
        A、123
        B、321
        答案：A
    """)
    assert [row[1] for row in rows(report)] == ["甲？", "下列步骤的次序是：\n1、申请\n2、谈话\n3、讨论"]


def test_the_whole_bank_on_one_line():
    report = read(
        "一、单选题 1、预备期多久？ A.半年 B.一年 C.两年 答案：B 解析：第七条规定一年，四个全面与此无关。"
        "2、介绍人几名？ A.两名 B.三名 答案：A 解析：见第五条。3、支部几人可以成立？A.三人 B.五人 答案：A"
    )
    assert [(row[1], row[3]) for row in rows(report)] == [
        ("预备期多久？", "B"),
        ("介绍人几名？", "A"),
        ("支部几人可以成立？", "A"),
    ]


def test_tagged_stems_and_fields():
    report = read("""
        1、[单选]预备期多久？
        A、半年
        B、一年
        正确答案：B
        难度：难
        知识点：发展党员
        @@@
        [多选]2.处分有
        A.警告
        B.罚款
        C.严重警告
        答案:AC
        @@@
        [判断]3.党费要交。
        答案:对
    """)
    assert [(row[0], row[3]) for row in rows(report)] == [(SINGLE, "B"), (MULTIPLE, "AC"), (JUDGE, "A")]
    assert report.items[0].item.difficulty is Difficulty.HARD
    assert report.items[0].item.topic == ("发展党员",)


def test_marked_text_headings():
    report = read("===<<<单选题>>>===\n1、甲？\nA、一\nB、二\n答案：A\n===<<<判断题>>>===\n1、乙。\n答案：错\n")
    assert [(row[0], row[3]) for row in rows(report)] == [(SINGLE, "A"), (JUDGE, "B")]


def test_chapters_become_topics_and_numbers_restart():
    report = read("""
        第一章 党员
        一、单选题
        1、甲？
        A、一
        B、二
        答案：A
        第二章 组织
        第一节 支部
        一、单选题
        1、乙？
        A、一
        B、二
        答案：B
        ——— 纪律 ———
        1、丙？
        A、一
        B、二
        答案：B
    """)
    assert [one.item.topic for one in report.items] == [("第一章 党员",), ("第二章 组织", "第一节 支部"), ("纪律",)]
    assert report.topics == (("第一章 党员",), ("第二章 组织", "第一节 支部"), ("纪律",))


def test_no_numbers_and_no_blank_lines():
    report = read("预备期为（）。\nA、半年\nB、一年\nB\n2013年的事是（）。\nA、甲\nB、乙\nA\n")
    assert [(row[1], row[3]) for row in rows(report)] == [("预备期为（）。", "B"), ("2013年的事是（）。", "A")]


def test_fill_blank_and_short_answer():
    report = read("""
        一、填空题
        1、预备期为____年，可以延长____次。
        答案：一；一
        2、支部大会____召开。
        答案：每季度
        二、简答题
        1、简述三会一课。
        答：支部党员大会、支部委员会、党小组会和党课。
        要点见第三章。
        2、简述入党程序。
    """)
    assert [(one.item.item_type, one.item.body) for one in report.items] == [
        (BLANK, blanks_of(("一",), ("一",))),
        (BLANK, blanks_of(("每季度",))),
        (SHORT, ShortAnswerBody(("支部党员大会、支部委员会、党小组会和党课。\n要点见第三章。",))),
        (SHORT, ShortAnswerBody()),
    ]
    assert codes(report) == [[], [], [], ["key.missing"]]


def test_blanks_that_do_not_match_are_doubted():
    report = read("填空题\n1、甲为____，乙为____。\n答案：一\n2、没有空。\n答案：二\n")
    assert codes(report) == [["blanks.count"], ["blanks.none"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1、甲？\nA、一\nB、二\n", "key.missing"),
        ("1、甲？\nA、一\nB、二\n答案：C\n", "key.not_an_option"),
        ("1、甲？\nA、一\nB、一\n答案：A\n", "options.repeated"),
        ("1、甲？\nA、一\nB、\nC、三\n答案：A\n", "options.empty"),
        ("1、甲？\nA、一\nC、二\n答案：A\n", "options.labels"),
        ("单选题\n1、甲？\nA、一\nB、二\n答案：AB\n", "key.several_for_single"),
        ("多选题\n1、甲？\nA、一\nB、二\n答案：A\n", "key.one_for_multiple"),
        ("1、甲？\nA、一\nB、二\n答案：见教材\n", "key.unreadable"),
        ("判断题\n1、甲？\nA、一\nB、二\nC、三\n答案：A\n", "type.contradicted"),
        ("单选题\n1、甲？\n答案：A\n", "options.too_few"),
        ("1、甲？\nA、一\nB、二\n答案：A\n答案：B\n", "key.two_keys"),
    ],
)
def test_what_needs_a_persons_word(text, code):
    assert codes(read(text)) == [[code]]


def test_unsupported_types_are_named_not_dropped():
    report = read(
        "一、单选题\n1、甲？\nA、一\nB、二\n答案：A\n二、案例分析题\n1、某支部换届，问：怎么办？\n答：依规办。\n"
    )
    assert [row[1] for row in rows(report)] == ["甲？"]
    assert [(problem.code, problem.place.line) for problem in report.refused] == [("item.unsupported_type", 7)]


def test_page_marks_and_titles_are_read_past_and_named():
    report = read(
        "党务知识题库\n1、甲？\nA、一\nB、二\n— 3 —\n答案：A\n2、乙？\n第 4 页 共 9 页\nA、一\nB、二\n答案：B\n"
    )
    assert [(row[1], row[2]) for row in rows(report)] == [("甲？", ["一", "二"]), ("乙？", ["一", "二"])]
    assert [problem.place.line for problem in report.lost] == [1, 5, 8]


def test_hard_wrapped_lines_are_joined():
    report = read("""
        1、根据有关规定，党支部党员大会一般每季度召开一次，由党支部书
        记召集并主持，讨论和表决的事项有（ ）。
        A、听取和审查党支部委员会的工作报告，以及按照规定开展党支部选举工
        作
        B、推荐
        答案：A
    """)
    assert rows(report)[0][1].startswith("根据有关规定，党支部党员大会一般每季度召开一次，由党支部书记召集")
    assert rows(report)[0][2] == [
        "听取和审查党支部委员会的工作报告，以及按照规定开展党支部选举工作",
        "推荐",
    ]


def test_duplicates_are_found_after_folding_within_a_type():
    report = read("""
        1、预备期为（ ）。
        A、半年
        B、一年
        答案：B
        2、预备期为()
        A、一年
        B、两年
        答案：A
        3、预备期为（ ）。
        A、一年
        B、两年
        答案：A
        判断题
        1、预备期为。
        答案：错
    """)
    assert report.duplicates == ((0, 1, 2),)
    assert report.identical == ((0, 2),)


def test_running_text_with_letters_is_no_option():
    report = read("1、甲、乙、丙中，A股、B股与H股的说法，选项A、B、C都对的是？\nA、A股\nB、B股和C股\n答案：B\n")
    assert rows(report) == [
        (SINGLE, "甲、乙、丙中，A股、B股与H股的说法，选项A、B、C都对的是？", ["A股", "B股和C股"], "B")
    ]


def test_short_answers_one_line_each_without_model_answers():
    report = read("简答题\n1、什么是三会一课？\n2、党费如何交？由谁收？\n3、简述第十条的内容。\n")
    assert [row[:2] for row in rows(report)] == [
        (SHORT, "什么是三会一课？"),
        (SHORT, "党费如何交？由谁收？"),
        (SHORT, "简述第十条的内容。"),
    ]
    assert codes(report) == [["key.missing"]] * 3


def test_a_judged_item_with_lettered_options_in_either_order():
    report = read("判断题\n1、甲。\nA、错误\nB、正确\n答案：B\n2、乙。\nA.对\nB.错\n答案：B\n")
    assert rows(report) == [(JUDGE, "甲。", ["正确", "错误"], "A"), (JUDGE, "乙。", ["正确", "错误"], "B")]


def test_seven_options_and_lower_case_letters():
    options = "".join(f"{letter}. 第{letter}项\n" for letter in "abcdefg")
    report = read(f"多选题\n1. 选哪些？\n{options}答案：aCg\n")
    assert rows(report)[0][2:] == ([f"第{letter}项" for letter in "abcdefg"], "ACG")


def test_stems_that_begin_with_a_year_or_a_decimal():
    report = read("""
        1.2013年发生了什么？
        A.甲
        B.乙
        答案：A
        2.1.5倍是多少？
        A.甲
        B.乙
        答案：B
    """)
    assert [row[1] for row in rows(report)] == ["2013年发生了什么？", "1.5倍是多少？"]


def test_numbers_orders_and_checklists_are_read_and_other_keys_make_short_answers():
    report = read("""
        一、计算题
        1、支部有 20 名党员，应到多少人？
        答案：1，200.50 元
        2、推导过程。
        答案：先求和，再平均
        二、排序题
        1、发展党员的步骤
        A、确定为积极分子
        B、递交申请书
        C、列为发展对象
        答案：BAC
        2、只写了两步
        A、甲
        B、乙
        答案：A
        三、实操题
        1、主持一次党员大会。
        答案：清点人数
        宣布议程
    """)
    assert [(one.item.item_type, one.item.body) for one in report.items] == [
        (ItemType.NUMERIC, NumericBody(Decimal("1200.5"), unit="元")),
        (SHORT, ShortAnswerBody(("先求和，再平均",))),
        (ItemType.ORDERING, OrderingBody(("递交申请书", "确定为积极分子", "列为发展对象"))),
        (SHORT, ShortAnswerBody(("A",))),
        (ItemType.PRACTICAL, PracticalBody((ChecklistEntry("清点人数"), ChecklistEntry("宣布议程")))),
    ]
    assert report.items[3].item.stem == "只写了两步\nA. 甲\nB. 乙"
    assert codes(report) == [[], ["type.key_differs"], [], ["type.key_differs"], []]
