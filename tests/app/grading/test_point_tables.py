"""Remembered points are what `score_form` works out, for every type and rule; what it refuses is refused (P25)."""

import json
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.grading.point_tables import PointTables
from app.grading.rules import section_points
from question_bank.assembly import draw
from question_bank.canonical import canonical_json
from question_bank.errors import ContentError, InvalidForm, InvalidResponse
from question_bank.form import Form, key_of, score_form
from question_bank.form_json import form_to_json
from question_bank.items import Item, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.choice import ChoiceKind
from question_bank.scoring import Scoring, ScoringRule
from tests.support.bank import SEED, blueprint_of, cell, mixed_pool, pool_of, three_sections
from tests.support.every_kind import EVERY

POOL = mixed_pool(singles=30, multiples=30, judgements=12)
ITEMS = {entry.key: entry.item for entry in POOL}
MARKED = {ItemType.SHORT_ANSWER, ItemType.PRACTICAL}


def written(form: Form) -> str:
    return canonical_json(form_to_json(form)).decode()


def drawn(scoring: Scoring, count: int) -> list[Form]:
    forms = draw(POOL, blueprint=three_sections(), seed=SEED, label="x", form_count=count)
    weighed = ItemType.MULTIPLE_CHOICE

    def ruled(form: Form) -> Form:
        return replace(
            form,
            sections=tuple(
                replace(
                    section,
                    entries=tuple(
                        replace(e, scoring=scoring) if e.item_type is weighed else e for e in section.entries
                    ),
                )
                for section in form.sections
            ),
        )

    return [ruled(form) for form in forms]


def anything(form: Form, chance: random.Random) -> dict[int, str]:
    """A response or none to each position, some options chosen."""
    said = {}
    for entry in form.entries:
        most = len(entry.order) if entry.item_type is ItemType.MULTIPLE_CHOICE else 1
        chosen = sorted(chance.sample(range(len(entry.order)), chance.randint(0, most)))
        if chance.random() < 0.9:
            said[entry.position] = json.dumps(chosen, separators=(",", ":"))
    return said


def read(said: dict[int, str]) -> dict[int, Any]:
    return {position: json.loads(text) for position, text in said.items()}


@pytest.mark.parametrize("rule", [ScoringRule.ALL_OR_NOTHING, *sorted(kind_of(ItemType.MULTIPLE_CHOICE).scoring_rules)])
def test_the_tables_of_an_exam_give_every_form_what_its_rules_give(rule: ScoringRule) -> None:
    scoring = Scoring(rule, mark_hundredths=50 if rule.takes_mark else None)
    if rule.takes_weights:
        weights = (Fraction(1, 3), Fraction(2, 3), Fraction(-1, 7), Fraction(0))
        scoring = replace(scoring, weights=weights, floor=Fraction(-1, 3))
    tables, chance = PointTables(), random.Random(7)
    for number, form in enumerate(drawn(scoring, 6)):
        sheet = tables.learn(number, written(form))
        assert tables.sheet(number) is sheet
        for _ in range(12):
            said = anything(form, chance)
            exact = score_form(form, ITEMS, read(said))
            assert sheet.score(ITEMS, said) == exact
            assert sheet.section_points(exact) == section_points(form, exact)


def test_every_type_is_scored_as_ever_and_remembered() -> None:
    pool = pool_of(*EVERY.values())
    items = {entry.key: entry.item for entry in pool}
    forms = draw(
        pool, blueprint=blueprint_of(*(cell(one, 1, points=1000) for one in EVERY)), seed=SEED, label="x", form_count=4
    )
    tables = PointTables()
    for number, form in enumerate([*forms, *forms]):
        sheet = tables.learn(number, written(form))
        right = {
            entry.position: json.dumps(key_of(form, items, position=entry.position), ensure_ascii=False)
            for entry in form.entries
            if entry.item_type not in MARKED
        }
        for said in ({}, right, right):
            exact = score_form(form, items, read(said))
            assert sheet.score(items, said) == exact
            assert sheet.maximum == exact.maximum


@pytest.mark.parametrize(
    "said", [{1: "[9]"}, {1: "[0,1]"}, {1: "[1,1]"}, {1: '"A"'}, {1: "[true]"}, {0: "[0]"}, {99: "[]"}]
)
def test_what_could_not_be_a_response_is_refused_in_the_words_of_score_form(said: dict[int, str]) -> None:
    form = drawn(Scoring(), 1)[0]
    sheet = PointTables().learn(1, written(form))
    sheet.score(ITEMS, {1: "[0]"})
    with pytest.raises(InvalidResponse) as ordinarily:
        score_form(form, ITEMS, read(said))
    for _ in range(2):
        with pytest.raises(InvalidResponse) as refused:
            sheet.score(ITEMS, said)
        assert (refused.value.code, refused.value.zh) == (ordinarily.value.code, ordinarily.value.zh)


def test_a_form_of_known_entries_is_checked_as_one_that_is_new() -> None:
    one, other = drawn(Scoring(), 2)
    tables = PointTables()
    tables.learn(1, written(one))
    tables.learn(2, written(other))
    for spoil in (
        lambda entries: entries[0].update(position=2),
        lambda entries: entries[1].update(entries[0] | {"position": 2}),
        lambda entries: entries[0].update(option_order=[0, 0, 1, 2]),
        lambda entries: entries[0].update(points_hundredths=0),
        lambda entries: entries[0].update(key=[0]),
    ):
        spoilt: Any = json.loads(written(one))
        spoil(spoilt["sections"][0]["entries"])
        with pytest.raises(ContentError):
            tables.learn(3, json.dumps(spoilt))
        assert tables.sheet(3) is None
    with pytest.raises(ContentError):
        tables.learn(3, json.dumps(json.loads(written(one)) | {"number": 0}))


def test_an_item_that_is_missing_or_another_is_refused_with_and_without_a_response() -> None:
    form = drawn(Scoring(), 1)[0]
    key = form.entries[0].item_key
    judgement = next(item for item in ITEMS.values() if item.item_type is ItemType.TRUE_FALSE)
    others: list[dict[str, Item]] = [{k: v for k, v in ITEMS.items() if k != key}, ITEMS | {key: judgement}]
    for items in others:
        sheet = PointTables().learn(1, written(form))
        for said in ({}, {1: "[0]"}):
            with pytest.raises(InvalidForm):
                sheet.score(items, said)


def test_kinds_whose_tables_go_by_places_are_those_that_score_by_places_alone() -> None:
    """A kind that is told apart by more than which options were chosen must not be one of them."""
    by_places = {item_type for item_type in ItemType if isinstance(kind_of(item_type), ChoiceKind)}
    assert by_places == {ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE}
