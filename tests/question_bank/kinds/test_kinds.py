from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.errors import InvalidItem, InvalidResponse
from question_bank.items import Basis, Item, ItemType
from question_bank.kinds import KINDS, Extent, check, is_objective, kind_of, problems_of
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.scoring import ALL_OR_NOTHING, Scoring, ScoringRule
from tests.support.bank import multiple, options, single, true_false

CHOICES = (ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE)
BLANKS = Item(ItemType.FILL_BLANK, "预备期为____，从（　）起算。", blanks_of(("一年", "1年"), ("支部大会通过之日",)))
SHORT = Item(ItemType.SHORT_ANSWER, "简述民主集中制。", ShortAnswerBody(("四个服从……",)))
VALID = [
    single(),
    multiple(),
    multiple(right=(1,)),
    multiple(right=(0, 1, 2, 3)),
    true_false(right=1),
    BLANKS,
    Item(ItemType.FILL_BLANK, "党的根本宗旨是什么", blanks_of(("全心全意为人民服务",))),
    SHORT,
    replace(SHORT, body=ShortAnswerBody()),
]


def codes(item: Item) -> list[str]:
    return [problem.code for problem in problems_of(item)]


def test_every_type_has_the_kind_that_says_so_itself() -> None:
    assert {item_type: kind.item_type for item_type, kind in KINDS.items()} == {each: each for each in ItemType}


def test_exactly_three_types_need_people_to_mark_them() -> None:
    marked = {ItemType.SHORT_ANSWER, ItemType.PRACTICAL, ItemType.CASE_ANALYSIS}
    assert {item_type for item_type, kind in KINDS.items() if not kind.is_objective} == marked
    assert [is_objective(item) for item in (single(), BLANKS, SHORT)] == [True, True, False]


@pytest.mark.parametrize("item", VALID)
def test_a_sound_item_has_no_problem(item: Item) -> None:
    assert codes(item) == []
    check(item)


def changed(item: Item, **change: Any) -> Item:
    """The item with another body in the named respects."""
    return replace(item, body=replace(item.body, **change))


FAULTY = [
    (replace(single(), stem=" \n"), "item.stem_empty"),
    (changed(single(), options=options("甲")), "item.option_count"),
    (changed(single(), options=options(*map(str, range(27)))), "item.option_count"),
    (changed(single(), options=options("甲", " ", "丙")), "item.option_empty"),
    (changed(single(), options=options("甲", "乙  丙", "乙 丙")), "item.options_alike"),
    (changed(single(), key=frozenset()), "item.key_missing"),
    (changed(single(), key=frozenset({4})), "item.key_outside"),
    (changed(single(), key=frozenset({-1})), "item.key_outside"),
    (changed(single(), key=frozenset({0, 1})), "item.key_not_single"),
    (changed(true_false(), key=frozenset({0, 1})), "item.key_not_single"),
    (changed(multiple(), key=frozenset()), "item.key_missing"),
    (changed(true_false(), options=options("错误", "正确")), "item.true_false_options"),
    (replace(single(), topic=("党章", " ")), "item.name_empty"),
    (replace(single(), tags=("",)), "item.name_empty"),
    (replace(single(), basis=(Basis(""),)), "item.name_empty"),
    (replace(single(), topic=("层",) * 9), "item.topic_too_deep"),
    (replace(single(), stem="长" * 10_001), "item.text_too_long"),
    (replace(single(), tags=("长" * 201,)), "item.text_too_long"),
    (replace(single(), stem="甲\x00"), "item.text_unprintable"),
    (replace(single(), explanation="\ud800"), "item.text_unprintable"),
    (changed(single(), options=(Option("甲\x07"), Option("乙"))), "item.text_unprintable"),
    (replace(BLANKS, body=blanks_of()), "item.key_missing"),
    (replace(BLANKS, body=blanks_of(("一年",))), "item.blank_count"),
    (replace(BLANKS, stem="没有空", body=blanks_of(("甲",), ("乙",))), "item.blank_count"),
    (replace(BLANKS, body=blanks_of(("一年",), ())), "item.accepted_empty"),
    (replace(BLANKS, body=blanks_of(("一年",), (" ",))), "item.accepted_empty"),
    (replace(BLANKS, body=SHORT.body), "item.body"),
    (replace(SHORT, body=ShortAnswerBody((" ",))), "item.accepted_empty"),
    (replace(SHORT, body=ShortAnswerBody(rubric=(ScoringPoint("甲", 0),))), "item.share"),
    (replace(SHORT, body=ShortAnswerBody(rubric=(ScoringPoint("甲", 1, ("",)),))), "item.rubric_empty"),
    (replace(SHORT, scoring=Scoring(ScoringRule.PER_BLANK)), "item.scoring"),
]


@pytest.mark.parametrize(("item", "code"), FAULTY)
def test_a_faulty_item_is_told_its_fault_in_both_languages(item: Item, code: str) -> None:
    problems = {problem.code: problem for problem in problems_of(item)}
    assert code in problems
    assert problems[code].zh.endswith("。")
    assert problems[code].en.endswith(".")
    with pytest.raises(InvalidItem):
        check(item)


def test_the_names_of_options_are_told_as_people_count_them() -> None:
    (problem,) = problems_of(changed(single(), options=options("甲", "乙", "甲")))
    assert "第 1 个与第 3 个" in problem.zh


@pytest.mark.parametrize("item_type", CHOICES)
@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "response.not_a_list"),
        ("A", "response.not_a_list"),
        (0, "response.not_a_list"),
        ({}, "response.not_a_list"),
        ((0,), "response.not_a_list"),
        ([True], "response.not_a_position"),
        (["0"], "response.not_a_position"),
        ([0.0], "response.not_a_position"),
        ([None], "response.not_a_position"),
        ([[0]], "response.not_a_position"),
        ([-1], "response.outside"),
        ([2], "response.outside"),
        ([2**70], "response.outside"),
        ([0, 0], "response.repeated"),
    ],
)
def test_a_response_of_another_shape_is_refused_never_coerced(item_type: ItemType, raw: Any, code: str) -> None:  # P41
    with pytest.raises(InvalidResponse) as refused:
        kind_of(item_type).parse_response(raw, Extent(2))
    assert refused.value.code == code


@pytest.mark.parametrize("item_type", [ItemType.SINGLE_CHOICE, ItemType.TRUE_FALSE])
def test_where_one_option_is_right_only_one_can_be_chosen(item_type: ItemType) -> None:
    with pytest.raises(InvalidResponse) as refused:
        kind_of(item_type).parse_response([0, 1], Extent(2))
    assert refused.value.code == "response.too_many"


@given(st.lists(st.integers(0, 5), unique=True))
def test_a_parsed_response_is_ascending_and_parses_to_itself(raw: list[int]) -> None:
    kind = kind_of(ItemType.MULTIPLE_CHOICE)
    response = kind.parse_response(raw, Extent(6))
    assert response == sorted(raw)
    assert kind.parse_response(response, Extent(6)) == response
    assert kind.same_response(response, kind.parse_response(raw[::-1], Extent(6)))
    assert kind.is_answered(response) is bool(raw)


def test_responses_are_told_as_displayed() -> None:
    assert kind_of(ItemType.MULTIPLE_CHOICE).summarise([0, 2]) == ("A、C", "A, C")
    assert kind_of(ItemType.TRUE_FALSE).summarise([0]) == ("正确", "True")
    assert kind_of(ItemType.TRUE_FALSE).summarise([1]) == ("错误", "False")
    for kind in map(kind_of, CHOICES):
        assert kind.summarise([]) == ("未作答", "No response")


def test_only_multiple_choice_is_scored_in_parts() -> None:
    for kind in map(kind_of, CHOICES):
        parts = {rule for rule in kind.scoring_rules if not rule.takes_weights} - {ScoringRule.ALL_OR_NOTHING}
        assert bool(parts) is (kind.item_type is ItemType.MULTIPLE_CHOICE)


def test_a_kind_scores_by_the_rule_it_is_given() -> None:
    kind = kind_of(ItemType.MULTIPLE_CHOICE)
    for scoring, points in ((ALL_OR_NOTHING, 0), (Scoring(ScoringRule.HALF_IF_MISSED), 100)):
        body = ChoiceBody(options("甲", "乙", "丙", "丁"), frozenset({0, 2}))
        earned = kind.score([1], body=body, order=(3, 2, 1, 0), scoring=scoring, points_hundredths=200)
        assert earned == points


def test_candidates_are_told_how_each_kind_is_scored() -> None:
    assert "少选" in kind_of(ItemType.MULTIPLE_CHOICE).describe(ALL_OR_NOTHING).zh
    assert kind_of(ItemType.SINGLE_CHOICE).describe(ALL_OR_NOTHING).zh == "答对得满分，答错或不答不得分。"


def test_the_key_of_a_number_shows_what_else_is_right() -> None:
    kind = kind_of(ItemType.NUMERIC)
    by = Decimal("0.020")
    lines = [kind.key_lines(NumericBody(Decimal("3.5"), by, how, "千米")) for how in ToleranceKind]
    assert lines == [["3.5 ±0.020 千米"], ["3.5 ±2% 千米"], ["3.5 ×÷ 1.020 千米"]]
    assert kind.key_lines(NumericBody(Decimal(7))) == ["7"]
