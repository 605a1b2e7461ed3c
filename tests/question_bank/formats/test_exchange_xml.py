"""Moodle XML and QTI: types, scoring, features that are lost, kinds that are counted, files that hurt."""

import time
from decimal import Decimal
from fractions import Fraction

import pytest

from question_bank.errors import UnreadableFile
from question_bank.formats import read_bank
from question_bank.scoring import ScoringRule


def quiz(*questions):
    return read_bank("题库.xml", f"<quiz>{''.join(questions)}</quiz>".encode())


def question(kind, inner, stem="<p>题干</p>"):
    text = f'<questiontext format="html"><text><![CDATA[{stem}]]></text></questiontext>'
    return f'<question type="{kind}"><name><text>题干</text></name>{text}{inner}</question>'


def answers(*pairs):
    return "".join(f'<answer fraction="{part}" format="html"><text>{text}</text></answer>' for part, text in pairs)


def test_moodle_fractions_are_rules():
    cases = (
        (((100, "甲"), (0, "乙")), "true", None, ()),
        (((100, "甲"), (50, "乙"), (-33.33333, "丙")), "true", "option_weights", (1, Fraction(1, 2), Fraction(-1, 3))),
        (((33, "甲"), (33.33333, "乙"), (33.3, "丙"), (-100, "丁")), "false", "proportional_if_no_wrong", ()),
        (((50, "甲"), (50, "乙"), (0, "丙")), "false", "option_fractions", (Fraction(1, 2), Fraction(1, 2), 0)),
    )
    for offers, single, rule, weights in cases:
        (read,) = quiz(question("multichoice", f"<single>{single}</single>" + answers(*offers))).items
        scoring = read.item.scoring
        assert (scoring and scoring.rule.value, scoring.weights if scoring else ()) == (rule, weights)
        assert read.doubts == ()


def test_moodle_categories_unsupported_kinds_and_losses():
    category = '<question type="category"><category><text>$course$/top/党章/党员</text></category></question>'
    report = quiz(
        category,
        question("truefalse", answers((100, "true"), (0, "false")) + "<hint><text>想想</text></hint>"),
        question("calculated", ""),
        question("random", ""),
        question("calculated", ""),
        question(
            "essay",
            '<graderinfo format="plain_text"><text>参考答案：好\n采分点（2）：要（关键词：甲、乙）</text></graderinfo>',
        ),
    )
    assert [read.item.topic for read in report.items] == [("党章", "党员")] * 2
    assert report.items[0].item.body.key == {0}
    assert dict(report.unsupported) == {"calculated": 2, "random": 1}
    assert "提示" in report.lost[0].zh
    essay = report.items[1].item.body
    assert essay.models == ("好",)
    assert (essay.rubric[0].share, essay.rubric[0].keywords) == (2, ("甲", "乙"))


def test_moodle_cloze_gaps_numbers_and_pairs():
    blanks = "党 {1:SHORTANSWER:=中央~%50%委员会} 与 {2:SA:=支部}"
    mixed = "选 {1:MULTICHOICE:=甲~乙} 填 {1:NUMERICAL:=3:0.5}"
    boxes = "".join(f"<selectoption><text>{word}</text><group>1</group></selectoption>" for word in "甲乙丙")
    units = "<units><unit><multiplier>1</multiplier><unit_name>米</unit_name></unit><unit><multiplier>100</multiplier>"
    numerical = answers((100, "6.25")).replace("</answer>", "<tolerance>0.05</tolerance></answer>")
    report = quiz(
        question("cloze", "", blanks),
        question("cloze", "", mixed),
        question("gapselect", boxes, "[[2]] 在 [[1]]"),
        question("numerical", f"{numerical}{units}<unit_name>厘米</unit_name></unit></units>"),
        question("cloze", "", "没有空"),
    )
    fill, case, gaps, number = (read.item for read in report.items)
    assert [(blank.share, blank.accepted[0].text) for blank in fill.body.blanks] == [(1, "中央"), (2, "支部")]
    assert [part.item_type for part in case.body.parts] == ["single_choice", "numeric"]
    assert (gaps.stem, gaps.body.premises, gaps.body.pairs) == ("（1）_____ 在 （2）_____", ("（1）", "（2）"), (0, 1))
    assert (number.body.unit, number.body.units[0].factor) == ("米", Decimal("0.01"))
    assert [problem.code for problem in report.refused] == ["cloze.no_parts"]


ITEM = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" identifier="i" title="题" adaptive="false">'
    "{declarations}<itemBody><p>题干</p>{body}</itemBody>{processing}</assessmentItem>"
)
TEMPLATE = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p2/rptemplates/{}"/>'


def qti(declarations, body, processing):
    return read_bank("题.xml", ITEM.format(declarations=declarations, body=body, processing=processing).encode())


def several(mapping):
    entries = "".join(f'<mapEntry mapKey="{key}" mappedValue="{worth}"/>' for key, worth in mapping.items())
    declared = (
        '<responseDeclaration identifier="RESPONSE" cardinality="multiple" baseType="identifier"><correctResponse>'
        f'<value>A</value><value>B</value></correctResponse><mapping lowerBound="0">{entries}</mapping>'
        "</responseDeclaration>"
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
    )
    options = "".join(f'<simpleChoice identifier="{key}">{key}</simpleChoice>' for key in "ABCD")
    return declared, f'<choiceInteraction responseIdentifier="RESPONSE" maxChoices="0">{options}</choiceInteraction>'


@pytest.mark.parametrize(
    ("mapping", "rule"),
    [
        ({"A": 1, "B": 1, "C": -1, "D": -1}, ScoringRule.NET_CORRECT),
        ({"A": 1, "B": 1, "C": -2, "D": -2}, ScoringRule.PROPORTIONAL_IF_NO_WRONG),
        ({"A": 3, "B": 1, "C": -1, "D": 0}, ScoringRule.OPTION_WEIGHTS),
    ],
)
def test_a_mapping_is_the_named_rule_that_gives_every_response_the_same(mapping, rule):
    (read,) = qti(*several(mapping), TEMPLATE.format("map_response")).items
    assert read.item.scoring.rule is rule
    assert all(option.pinned for option in read.item.body.options)  # it says that nothing is shuffled


def test_written_processing_is_followed_and_what_is_unknown_is_named():
    declared, body = several({})
    members = "".join(
        f'<member><baseValue baseType="identifier">{key}</baseValue><variable identifier="RESPONSE"/></member>'
        for key in "AB"
    )
    exact = (
        f"<responseProcessing><responseCondition><responseIf><and>{members}<equal><containerSize>"
        '<variable identifier="RESPONSE"/></containerSize><baseValue baseType="integer">2</baseValue></equal></and>'
        '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf>'
        "</responseCondition></responseProcessing>"
    )
    (read,) = qti(declared, body, exact).items
    assert read.item.scoring.rule is ScoringRule.ALL_OR_NOTHING
    report = qti(declared, body, exact.replace("containerSize", "randomInteger"))
    assert report.items[0].item.scoring is None
    assert "randomInteger" in report.lost[0].zh


def test_interactions_without_a_faithful_type_are_counted():
    report = qti("", '<hotspotInteraction responseIdentifier="R"/>', "")
    assert dict(report.unsupported) == {"hotspotInteraction": 1}
    assert [problem.code for problem in report.refused] == ["item.unsupported_type"]


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE quiz [<!ENTITY a "' + "b" * 1000 + '"><!ENTITY c "' + "&a;" * 1000 + '">]><quiz>&c;</quiz>',
        '<?xml version="1.0" encoding="utf-7"?><quiz/>',
        "<quiz>" + "<question>" * 100_000,
        "<quiz>" + "<!-- x -->" * 100_000 + "<question",
        "<quiz>" + question("cloze", "", "{1:SA:" * 60_000).replace("CDATA", "CDATA") + "</quiz>",
        "::a::{" * 100_000,
        "一{" + "~%5" * 100_000,
        "一{=" + "\\" * 200_000 + "}",
        "题\nANSWER:" * 20_000,
        '{"schema":"bank/1","items":' + "[" * 50_000,
    ],
    ids=lambda data: data[:24],
)
def test_what_is_made_to_hurt_is_refused_or_read_in_time(data):  # P43
    began = time.process_time()
    try:
        read_bank("坏.xml", data.encode())
    except UnreadableFile as refusal:
        assert refusal.zh.startswith("“坏.xml”")  # noqa: PT017  # either outcome is right; time is what counts
    assert time.process_time() - began < 3
