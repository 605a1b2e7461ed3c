"""Where people write the keys of a bank in lines, and how."""

import pytest

from tests.support.bank_reports import JUDGE, MULTIPLE, SINGLE, codes, read, rows


def test_options_one_per_line_with_the_key_after_them():
    report = read("""
        一、单选题
        1．预备期为多久？
        A．半年
        B．一年
        C．两年
        答案：B
        二、多选题
        1．处分包括：
        A、警告
        B、严重警告
        C、罚款
        正确答案：AB
        三、判断题
        1．预备党员有表决权。
        答案：×
        2．党小组会一般每月召开一次。
        答案：√
    """)
    assert rows(report) == [
        (SINGLE, "预备期为多久？", ["半年", "一年", "两年"], "B"),
        (MULTIPLE, "处分包括：", ["警告", "严重警告", "罚款"], "AB"),
        (JUDGE, "预备党员有表决权。", ["正确", "错误"], "B"),
        (JUDGE, "党小组会一般每月召开一次。", ["正确", "错误"], "A"),
    ]
    assert report.doubtful == ()
    assert report.lost == ()


@pytest.mark.parametrize(
    "stem",
    ["处分的最轻一种是（ A ）。", "处分的最轻一种是（Ａ）。", "处分的最轻一种是【A】。", "处分的最轻一种是(A)。"],
)
def test_a_key_inside_the_stem_is_taken_out_of_it(stem):
    report = read(f"一、单选题\n1. {stem}\nA. 警告\nB. 严重警告\n")
    assert rows(report) == [(SINGLE, "处分的最轻一种是（　）。", ["警告", "严重警告"], "A")]


def test_a_key_in_the_stem_that_contradicts_the_key_after_it_is_doubted():
    report = read("1. 最轻的处分是（ A ）。\nA. 警告\nB. 严重警告\n答案：B\n")
    assert codes(report) == [["key.two_keys"]]


def test_a_relation_in_the_stem_is_no_key():
    report = read("1. 关系R（A，B）中的键是什么？\nA. 甲\nB. 乙\n答案：A\n")
    assert rows(report) == [(SINGLE, "关系R（A，B）中的键是什么？", ["甲", "乙"], "A")]
    assert report.doubtful == ()


@pytest.mark.parametrize("mark", ["√", "✓", "✔", "☑", "对", "正确", "T"])
def test_spellings_of_true(mark):
    assert rows(read(f"判断题\n1. 党员要交党费。（{mark}）\n2. 甲。（×）\n")) == [
        (JUDGE, "党员要交党费。（　）", ["正确", "错误"], "A"),
        (JUDGE, "甲。（　）", ["正确", "错误"], "B"),
    ]


@pytest.mark.parametrize("mark", ["×", "✗", "✘", "❌", "错", "错误", "F", "否", "x", "B", "（×）", "错。"])
def test_spellings_of_false(mark):
    report = read(f"判断题\n1. 甲乙丙丁。\n答案：{mark}\n")
    assert [(row[0], row[3]) for row in rows(report)] == [(JUDGE, "B")]


@pytest.mark.parametrize(
    "label",
    ["答案：A", "答案:A", "【答案】A", "【答案】：A", "正确答案：A", "参考答案：A。", "标准答案: a", "[答案] A", "A"],
)
def test_spellings_of_the_keys_label(label):
    report = read(f"1、最轻的处分是什么？\nA、警告\nB、严重警告\n{label}\n2、党徽是什么？\nA、镰刀\nB、五星\n答案：B\n")
    assert [row[3] for row in rows(report)] == ["A", "B"]
    assert report.doubtful == ()


@pytest.mark.parametrize("key", ["ABD", "A,B,D", "A、B、D", "A|B|D", "abd", "ＡＢＤ", "A B D", "A，B和D"])
def test_spellings_of_several_letters(key):
    report = read(f"多选题\n1、处分有：\nA、警告\nB、严重警告\nC、罚款\nD、开除党籍\n答案：{key}\n")
    assert [(row[0], row[3]) for row in rows(report)] == [(MULTIPLE, "ABD")]
    assert report.doubtful == ()


def test_answer_block_in_ranges_at_the_end():
    report = read("""
        一、单选题
        1. 甲一？
        A. 一  B. 二
        2. 甲二？
        A. 一  B. 二
        3. 甲三？
        A. 一  B. 二
        二、多选题
        1. 乙一？
        A. 一  B. 二  C. 三
        2. 乙二？
        A. 一  B. 二  C. 三
        三、判断题
        1. 丙一。
        2. 丙二。
        参考答案
        一、单选题
        1-3 ABA
        二、多选题
        1-2 AB ABC
        三、判断题
        1-2 √×
    """)
    assert [(row[0], row[3]) for row in rows(report)] == [
        (SINGLE, "A"),
        (SINGLE, "B"),
        (SINGLE, "A"),
        (MULTIPLE, "AB"),
        (MULTIPLE, "ABC"),
        (JUDGE, "A"),
        (JUDGE, "B"),
    ]
    assert report.doubtful == ()
    assert report.refused == ()


def test_answer_block_after_each_section_and_in_pairs():
    report = read("""
        一、单选题
        1. 甲一？
        A. 一
        B. 二
        2. 甲二？
        A. 一
        B. 二
        答案：1.B 2.A
        二、判断题
        1. 丙一。
        2. 丙二。
        答案：1—2：√×
    """)
    assert [row[3] for row in rows(report)] == ["B", "A", "A", "B"]
    assert report.doubtful == ()


def test_a_key_in_a_block_without_an_item_is_named_with_its_line():
    report = read("1. 甲一？\nA. 一\nB. 二\n2. 甲二？\nA. 一\nB. 二\n答案\n1-3 ABA\n")
    assert [row[3] for row in rows(report)] == ["A", "B"]
    assert [(problem.code, problem.place.line) for problem in report.refused] == [("key.no_item", 8)]


def test_an_answer_block_with_explanations():
    report = read("""
        一、单选题
        1. 甲一？
        A. 一
        B. 二
        2. 甲二？
        A. 一
        B. 二
        参考答案及解析
        1. 【答案】B 【解析】见第三条。
        2. A
        解析：见第四条，C、D选项不在其中。
    """)
    assert [row[3] for row in rows(report)] == ["B", "A"]
    assert [one.item.explanation for one in report.items] == ["见第三条。", "见第四条，C、D选项不在其中。"]
    assert report.doubtful == ()


def test_items_go_on_after_an_answer_block_without_a_heading():
    report = read("""
        1. 甲？
        A. 一
        B. 二
        答案：1-1 A
        1. 乙？
        A. 一
        B. 二
        答案
        1. B
    """)
    assert [(row[1], row[3]) for row in rows(report)] == [("甲？", "A"), ("乙？", "B")]


def test_filled_blanks_are_flagged_and_trailing_marks_are_keys():
    report = read(
        "一、填空题\n1、党的最高理想是实现共产主义。\n二、判断题\n1、党员可以不交党费。×\n2、党费按月交。 √\nP87\n"
    )
    assert codes(report) == [["key.missing", "blanks.none"], [], []]
    assert [(row[0], row[1], row[3]) for row in rows(report)[1:]] == [
        (JUDGE, "党员可以不交党费。", "B"),
        (JUDGE, "党费按月交。", "A"),
    ]
    assert [problem.place.line for problem in report.lost] == [6]
