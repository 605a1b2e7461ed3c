"""GIFT and Aiken: signs, escapes, types, what is lost and where a file goes wrong."""

from decimal import Decimal
from fractions import Fraction

import pytest

from question_bank.formats import read_bank
from question_bank.scoring import Scoring, ScoringRule


def read(text):
    return read_bank("题库.txt", text.encode())


def only(text):
    (read_item,) = read(text).items
    return read_item.item


@pytest.mark.parametrize(
    ("text", "item_type"),
    [
        ("预备期多久？{=一年 ~半年}", "single_choice"),
        ("哪些是？{~%50%甲 ~%50%乙 ~%-100%丙}", "multiple_choice"),
        ("党费要交。{T}", "true_false"),
        ("党费要交。{FALSE#对吗}", "true_false"),
        ("党的最高机关是 {=党代会 =全国代表大会}。", "fill_blank"),
        ("几年？{#5:1}", "numeric"),
        ("连线 {=甲 -> 一 =乙 -> 二 = -> 三}", "matching"),
        ("谈谈看法。{}", "short_answer"),
        ("排序 {>2 ALL\n一\n二\n}", "ordering"),
    ],
)
def test_gift_types(text, item_type):
    assert only(text).item_type == item_type


def test_gift_details():
    text = (
        "$CATEGORY: $course$/top/党章/发展//党员\n\n"
        "// [id:7] [tag:rule:net_correct] [tag:重点] [tag:level:advanced]\n"
        "::名称::[html]<p>选 <b>两</b> 项 \\{a\\:b\\}\\n</p>{~%50%甲\\=1#好 ~%50%乙 ~%-50%丙####<i>见</i>党章}\n"
    )
    report = read(text)
    item = report.items[0].item
    assert (report.format, item.topic, item.tags, item.level) == ("gift", ("党章", "发展/党员"), ("重点",), "advanced")
    assert (item.stem, item.explanation) == ("选 **两** 项 {a:b}", "**见**党章")
    assert [option.text for option in item.body.options] == ["甲=1", "乙", "丙"]
    assert item.scoring == Scoring(ScoringRule.NET_CORRECT)
    assert {"名称", "逐项反馈", "编号 id"} <= set(report.lost[0].zh.split("：")[1].rstrip("。").split("、"))


def test_gift_weights_ranges_and_wildcards():
    weighed = only("哪个？{~%25%甲 ~%-33.33333%乙 =丙}")
    assert weighed.scoring.weights == (Fraction(1, 4), Fraction(-1, 3), Fraction(1))
    ranged = only("多少？{#3.1..3.2}")
    assert (ranged.body.value, ranged.body.tolerance) == (Decimal("3.15"), Decimal("0.05"))
    typed = only("谁？{=%100%毛*东 =%50%毛 =%0%*}")
    assert [(one.text, one.worth) for one in typed.body.blanks[0].accepted] == [("毛*东", 1), ("毛", Fraction(1, 2))]
    assert typed.body.normalisation.wildcards


def test_gift_faults_name_their_line():
    report = read("一{=甲 ~乙}\n\n二{=甲 ~乙\n\n::说明::只有文字\n\n三{#abc}\n\n四{~%50%甲 ~%20%乙}\n\n五{~甲 ~乙}")
    assert [(problem.code, problem.place.line) for problem in report.refused] == [
        ("gift.brace", 3),
        ("item.unsupported_type", 5),
        ("key.not_a_number", 7),
    ]
    assert dict(report.unsupported) == {"description": 1}
    assert [{doubt.code for doubt in one.doubts} for one in report.items[1:]] == [{"grade.sum"}, {"item.key_missing"}]


def test_chinese_banks_are_not_taken_for_gift():
    assert read("1、首都是{}。\n答案：北京\n\n2、国旗是{}。\n答案：五星红旗").format == "txt"


def test_aiken_lines():
    report = read(
        "哪年建党？\nA) 1919\nB. 1921\nANSWER: B\n\n哪月？\nA) 七\nB) 八\nANSWER: AB\n\n缺\nA) 一\nANSWER: A\n"
    )
    assert report.format == "aiken"
    assert report.items[0].item.body.key == {1}
    assert [doubt.code for doubt in report.items[1].doubts] == ["aiken.one_letter"]
    assert [(problem.code, problem.place.line) for problem in report.refused] == [("aiken.too_few_options", 13)]
