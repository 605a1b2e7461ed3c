"""Cases in QTI: each part scored by its own rule and by its share, out and in, in both versions."""

import io
import zipfile
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from question_bank.formats import read_bank, write_bank
from question_bank.formats.qti.declarations import read_declarations
from question_bank.formats.qti.processing import processing_of, score_item
from question_bank.items import Item, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import Blank, FillBlankBody, Variant
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.scoring import Scoring, ScoringRule
from tests.question_bank.formats.test_exchange_round_trips import QUICK
from tests.question_bank.formats.test_exchange_xml import qti
from tests.support.exchange_items import exchange_items

SINGLE = ChoiceBody((Option("书记"), Option("组织委员")), frozenset({0}))
QTI = pytest.mark.parametrize("file_format", ["qti21", "qti30"])


@QTI
def test_a_case_is_one_item_with_its_parts(file_format):
    parts = (
        Part(ItemType.SINGLE_CHOICE, "谁召集？", SINGLE),
        Part(ItemType.SHORT_ANSWER, "怎样整改？", ShortAnswerBody(("先开会",)), share=6),
        Part(ItemType.FILL_BLANK, "每 _____ 一次。", FillBlankBody((Blank((Variant("季度"),)),)), share=2),
    )
    stem = "支部工作：" + "某支部一年的组织生活情况" * 8
    item = Item(ItemType.CASE_ANALYSIS, stem, CaseBody("某支部**一年**未开会。", parts), explanation="见党章。")
    written = write_bank([item], file_format)
    assert written.lost == ()
    report = read_bank("导出", written.data)
    assert [read.item for read in report.items] == [item]
    assert report.lost == ()
    whole = replace(item, body=CaseBody("材料", parts[2:]))  # one part, or blanks alone, stays a case
    assert [read.item for read in read_bank("导出", write_bank([whole], file_format).data).items] == [whole]


@QTI
@settings(QUICK, max_examples=25)
@given(drawn=st.lists(st.tuples(exchange_items(), st.integers(1, 10)), min_size=1, max_size=5))
def test_parts_keep_their_shares_and_rules_and_score_alike(file_format, drawn):
    parts = [Part(one.item_type, one.stem, one.body, "", share, one.scoring) for one, share in drawn]
    item = Item(ItemType.CASE_ANALYSIS, "案例", CaseBody("材料", (*parts,)))
    alone = write_bank([one for one, _ in drawn], file_format)
    assume(alone.items == len(drawn))
    written = write_bank([item], file_format)
    report = read_bank("导出", written.data)
    assert report.lost == ()
    (read,) = report.items
    apart = [one.item for one in read_bank("导出", alone.data).items]
    assert [part.share for part in read.item.body.parts] == [share for _, share in drawn]
    assert [(part.body, part.scoring) for part in read.item.body.parts] == [(one.body, one.scoring) for one in apart]


@QTI
def test_the_processing_of_a_case_gives_each_response_what_our_own_rules_give(file_format):
    several = ChoiceBody(tuple(map(Option, "甲乙丙丁")), frozenset({0, 1, 2}))
    blanks = FillBlankBody((Blank((Variant("一"), Variant("1", Fraction(1, 2)))), Blank((Variant("二"),), share=2)))
    pairs = MatchingBody(("一", "二", "三"), ("甲", "乙", "丙"), (0, 1, 2))
    parts = (
        Part(ItemType.SINGLE_CHOICE, "选", SINGLE, share=2),
        Part(ItemType.MULTIPLE_CHOICE, "选", several, share=3, scoring=Scoring(ScoringRule.NET_CORRECT)),
        Part(ItemType.FILL_BLANK, "____与____", blanks, share=5, scoring=Scoring(ScoringRule.PER_BLANK)),
        Part(ItemType.MATCHING, "配", pairs, share=4, scoring=Scoring(ScoringRule.NET_PAIRS)),
        Part(ItemType.SHORT_ANSWER, "说", ShortAnswerBody(("好",)), share=6),
    )
    data = write_bank([Item(ItemType.CASE_ANALYSIS, "案例", CaseBody("材料", parts))], file_format).data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        root = etree.fromstring(package.read("items/item-00001.xml"))
    declarations, processing = read_declarations(root), processing_of(root)
    assert declarations.outcomes["SCORE"].most == 20
    given_to = (  # (in the variables of the item, in ours), part by part
        (({"RESPONSE_1": ["A"]}, [0]), ({"RESPONSE_1": ["B"]}, [1]), ({}, [])),
        (({"RESPONSE_2": ["A", "C"]}, [0, 2]), ({"RESPONSE_2": ["A", "B", "C", "D"]}, [0, 1, 2, 3]), ({}, [])),
        (
            ({"RESPONSE_3": ["1"], "RESPONSE_3_B2": ["二"]}, ["1", "二"]),
            ({"RESPONSE_3": ["一"]}, ["一", ""]),
            ({}, ["", ""]),
        ),
        (({"RESPONSE_4": ["P1 C1", "P2 C2", "P3 C1"]}, [0, 1, 0]), ({"RESPONSE_4": ["P1 C2"]}, [1, None, None])),
    )
    for at, (part, responses) in enumerate(zip(parts, given_to, strict=False)):
        for foreign, own in responses:
            others = {name: values for every in given_to[:at] for name, values in every[0][0].items()}
            earned = score_item(declarations, processing, {**others, **foreign}) - (
                score_item(declarations, processing, others) if others else 0
            )
            scored = kind_of(part.item_type).score(
                own,
                body=part.body,
                order=range(4),
                scoring=part.scoring or Scoring(),
                points_hundredths=100 * part.share,
            )
            assert earned * 100 == scored


def choice(number, key):
    options = "".join(f'<simpleChoice identifier="{one}">{one}</simpleChoice>' for one in "AB")
    declared = (
        f'<responseDeclaration identifier="R{number}" cardinality="single" baseType="identifier"><correctResponse>'
        f"<value>{key}</value></correctResponse></responseDeclaration>"
    )
    prompt = f"<prompt>第 {number} 问</prompt>"
    return declared, f'<choiceInteraction responseIdentifier="R{number}">{prompt}{options}</choiceInteraction>'


def matched(number):
    return f'<match><variable identifier="R{number}"/><correct identifier="R{number}"/></match>'


def scored(worth, *, before=""):
    value = f'<sum>{before}<baseValue baseType="float">{worth}</baseValue></sum>'
    return f'<setOutcomeValue identifier="SCORE">{value}</setOutcomeValue>'


def when(test, rule):
    return f"<responseCondition><responseIf>{test}{rule}</responseIf></responseCondition>"


def test_parts_of_others_are_worth_what_their_processing_gives_and_what_does_not_add_up_is_named():
    (first, one), (second, two) = choice(1, "A"), choice(2, "B")
    total = '<variable identifier="SCORE"/>'
    declared = first + second + '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
    added = when(matched(1), scored("0.5", before=total)) + when(matched(2), scored("1.5", before=total))
    report = qti(declared, one + two, f"<responseProcessing>{added}</responseProcessing>")
    assert [part.share for part in report.items[0].item.body.parts] == [1, 3]
    assert "评分处理" not in "".join(problem.zh for problem in report.lost)
    together = when(f"<and>{matched(1)}{matched(2)}</and>", scored("1"))
    unknown = when(matched(1), "<unknownRule/>")
    for rules in (together, unknown, when(matched(1), scored("30")) + when(matched(2), scored("1", before=total))):
        report = qti(declared, one + two, f"<responseProcessing>{rules}</responseProcessing>")
        assert [part.share for part in report.items[0].item.body.parts] == [1, 1]
        assert "各小题的" in "".join(problem.zh for problem in report.lost)
