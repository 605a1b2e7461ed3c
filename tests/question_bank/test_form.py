from dataclasses import replace
from typing import Any

import pytest

from question_bank.assembly import draw
from question_bank.canonical import canonical_json, read_json
from question_bank.choice_scoring import CHOICE_RULES
from question_bank.errors import InvalidForm, InvalidResponse
from question_bank.form import Entry, Form, FormSection, key_of, parse_response, score_form
from question_bank.form_json import form_from_json, form_hash, form_to_json, forms_hash
from question_bank.items import Item
from question_bank.scoring import ALL_OR_NOTHING, FormScore, Scoring, ScoringRule, passes
from tests.support.bank import (
    MULTIPLE,
    SEED,
    SINGLE,
    TRUE_FALSE,
    mixed_pool,
    multiple,
    single,
    three_sections,
    true_false,
)

HALF = Scoring(ScoringRule.HALF_IF_MISSED)
ITEMS: dict[str, Item] = {
    "s": single("甲", right=2),
    "m": multiple("乙", right=(0, 3)),
    "t": true_false("丙", right=1),
}
CHOICES = (Entry(1, "s", SINGLE, 100, ALL_OR_NOTHING, (3, 2, 1, 0)), Entry(2, "m", MULTIPLE, 205, HALF, (1, 3, 2, 0)))
JUDGEMENTS = (Entry(3, "t", TRUE_FALSE, 50, ALL_OR_NOTHING, (0, 1)),)
FORM = Form(7, (FormSection("一、选择题", CHOICES), FormSection("二、判断题", JUDGEMENTS)))


def test_the_key_is_told_in_displayed_positions() -> None:
    assert key_of(FORM, ITEMS, position=1) == [1]
    assert key_of(FORM, ITEMS, position=2) == [1, 3]
    assert key_of(FORM, ITEMS, position=3) == [1]


@pytest.mark.parametrize(
    ("responses", "points"),
    [
        ({}, (0, 0, 0)),
        ({1: [1], 2: [1, 3], 3: [1]}, (100, 205, 50)),
        ({1: [2], 2: [3], 3: [0]}, (0, 103, 0)),  # half of 2.05 is 1.025, rounded half up
        ({1: [], 2: [0, 1], 3: []}, (0, 0, 0)),
        ({3: [1]}, (0, 0, 50)),
    ],
)
def test_a_form_is_scored_position_by_position(responses: dict[int, list[int]], points: tuple[int, ...]) -> None:  # P25
    score = score_form(FORM, ITEMS, responses)
    assert score.points == points
    assert score.total == sum(points)
    assert score.maximum == 355


def test_the_same_responses_score_the_same_in_whatever_order_they_are_given() -> None:  # P25
    responses = {1: [1], 2: [3], 3: [1]}
    again = dict(reversed(responses.items()))
    assert score_form(FORM, ITEMS, responses) == score_form(FORM, ITEMS, again)


def test_right_options_wherever_they_are_displayed_earn_full_points() -> None:
    pool = mixed_pool(singles=20, multiples=10, judgements=10)
    items = {entry.key: entry.item for entry in pool}
    blueprint = three_sections(scoring=HALF)
    for form in draw(pool, blueprint=blueprint, seed=SEED, label="x", form_count=5):
        keys = {entry.position: key_of(form, items, position=entry.position) for entry in form.entries}
        score = score_form(form, items, keys)
        assert score.total == score.maximum == blueprint.maximum_hundredths
        assert passes(score.total, cut_score_hundredths=blueprint.cut_score_hundredths)


def test_a_response_is_parsed_by_form_alone() -> None:
    assert parse_response(FORM, [3, 0], position=2) == [0, 3]
    with pytest.raises(InvalidResponse):
        parse_response(FORM, [2], position=3)


@pytest.mark.parametrize("position", [0, 4, -1])
def test_a_position_that_the_form_lacks_is_refused(position: int) -> None:
    for ask in (
        lambda: parse_response(FORM, [0], position=position),
        lambda: key_of(FORM, ITEMS, position=position),
        lambda: score_form(FORM, ITEMS, {position: [0]}),
    ):
        with pytest.raises(InvalidResponse) as refused:
            ask()
        assert refused.value.code == "response.no_such_position"


def test_a_stored_response_that_cannot_be_one_is_refused_instead_of_scored() -> None:
    with pytest.raises(InvalidResponse):
        score_form(FORM, ITEMS, {1: [0, 1]})


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ({**ITEMS, "s": single("甲", count=5)}, "form.item_differs"),
        ({**ITEMS, "s": multiple("甲")}, "form.item_differs"),
        ({"s": ITEMS["s"]}, "form.item_missing"),
    ],
)
def test_items_that_are_not_those_of_the_form_are_refused(items: dict[str, Item], code: str) -> None:  # P17
    with pytest.raises(InvalidForm) as refused:
        score_form(FORM, items, {})
    assert refused.value.code == code


def test_a_form_survives_the_way_through_its_text() -> None:  # P16
    written = canonical_json(form_to_json(FORM))
    assert form_from_json(read_json(written)) == FORM
    assert form_hash(form_from_json(read_json(written))) == form_hash(FORM)


def test_the_hash_of_forms_follows_their_content_and_order() -> None:
    other = replace(FORM, number=8)
    assert len({form_hash(FORM), form_hash(other), forms_hash([FORM, other]), forms_hash([other, FORM])}) == 4


def entries_with(**change: Any) -> dict[str, Any]:
    form: dict[str, Any] = form_to_json(FORM)
    form["sections"][0]["entries"][0].update(change)
    return form


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({**form_to_json(FORM), "number": 0}, "form.number"),
        (entries_with(position=2), "form.positions"),
        (entries_with(item_key="m"), "form.item_twice"),
        (entries_with(item_type="fill_blank"), "json.shape"),
        (entries_with(option_order=[0, 1, 1, 3]), "form.option_order"),
        (entries_with(option_order=[]), "form.option_order"),
        (entries_with(points_hundredths=0), "form.points"),
        (entries_with(scoring={"rule": "half_if_missed", "mark_hundredths": None}), "form.scoring"),
        (
            entries_with(item_type="multiple_choice", scoring={"rule": "fixed_if_missed", "mark_hundredths": None}),
            "form.scoring",
        ),
        (entries_with(item_type="multiple_choice", scoring={"rule": "coverage", "mark_hundredths": 1}), "form.scoring"),
        (entries_with(points_hundredths=1.5), "json.shape"),
        (entries_with(key=[0]), "json.shape"),
        ({}, "json.shape"),
    ],
)
def test_a_form_that_contradicts_itself_is_not_read(form: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidForm) as refused:
        form_from_json(form)
    assert refused.value.code == code


@pytest.mark.parametrize("rule", sorted(rule for rule in CHOICE_RULES if not rule.takes_weights))
def test_no_rule_takes_a_form_below_nothing(rule: ScoringRule) -> None:  # P25
    mark = 100 if rule.takes_mark else None
    entries = tuple(Entry(n + 1, f"m{n}", MULTIPLE, 200, Scoring(rule, mark), (0, 1, 2, 3)) for n, _ in enumerate("ab"))
    form = Form(1, (FormSection("大题", entries),))
    items = {f"m{n}": multiple(f"题{n}", right=(0, 1)) for n in range(2)}
    every = [[place for place in range(4) if chosen >> place & 1] for chosen in range(16)]
    totals = set()
    for one in every:
        for other in (every[n] for n in (0, 3, 8, 12, 15)):
            outcome = score_form(form, items, {1: one, 2: other})
            # Of an item no less than nothing, and so of the form: a wrong response never costs what another earned.
            assert all(points is not None and 0 <= points <= 200 for points in outcome.points), (one, other)
            assert outcome.total == sum(points or 0 for points in outcome.points)
            totals.add(outcome.total)
    assert {min(totals), max(totals)} == {0, 400}


def test_a_form_whose_items_may_cost_points_is_worth_nothing_at_the_least() -> None:  # P25
    assert FormScore((-100, 50, None), 300).total == 0
    assert FormScore((-100, 150, None), 300).total == 50
