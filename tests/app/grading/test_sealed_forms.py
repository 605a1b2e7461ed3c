"""What a hand-in reads of a sealed form is what `form_from_json` reads, and what that refuses is refused."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.grading.sealed_forms import read_sealed
from question_bank.assembly import draw
from question_bank.canonical import canonical_json
from question_bank.errors import ContentError, InvalidForm
from question_bank.form import Entry, Form, FormSection
from question_bank.form_json import form_from_json, form_to_json
from question_bank.items import ItemType
from question_bank.scoring import Scoring, ScoringRule
from tests.support.bank import SEED, mixed_pool, three_sections

DRAWN = draw(
    mixed_pool(singles=30, multiples=30, judgements=20), blueprint=three_sections(), seed=SEED, label="x", form_count=2
)
WEIGHED = Scoring(ScoringRule.OPTION_WEIGHTS, None, (Fraction(1), Fraction(-1, 3)), Fraction(-1, 2))
LATER = Form(
    3,
    (
        FormSection("一、单选题", (Entry(1, "7", ItemType.SINGLE_CHOICE, 250, WEIGHED, (1, 0)),)),
        FormSection("二、填空题", (Entry(2, "9", ItemType.FILL_BLANK, 300, Scoring(ScoringRule.PER_BLANK), (), 3),)),
        FormSection("三、案例题", (Entry(3, "11", ItemType.TRUE_FALSE, 100, Scoring(), (0, 1), part=0),)),
    ),
)


@pytest.mark.parametrize("form", [*DRAWN, LATER])
def test_a_form_of_either_schema_is_read_as_it_was_written(form):
    assert read_sealed(canonical_json(form_to_json(form)).decode()) == form


def spoilt(form: Form, **changes: Any) -> str:
    value: Any = json.loads(canonical_json(form_to_json(form)))
    value["sections"][0]["entries"][0] |= changes
    return json.dumps(value)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[" * 100,
        '{"schema": "other", "number": 1, "sections": []}',
        spoilt(LATER, position=2),
        spoilt(LATER, position=True),
        spoilt(LATER, order=[0, 2]),
        spoilt(LATER, points_hundredths=0),
        spoilt(LATER, points_hundredths=200.0),
        spoilt(LATER, item_type="riddle"),
        spoilt(LATER, item_key="9"),
        spoilt(LATER, scoring={"rule": "all_or_nothing", "mark_hundredths": 5}),
        spoilt(LATER, scoring={"rule": "all_or_nothing"}),
        spoilt(LATER, key=[0]),
        canonical_json(form_to_json(replace(LATER, number=0))).decode(),
    ],
)
def test_what_is_no_form_is_refused_as_ever(content):
    with pytest.raises((InvalidForm, ContentError)) as refused:
        read_sealed(content)
    if content.startswith("{"):
        with pytest.raises(ContentError) as ordinarily:
            form_from_json(json.loads(content))
        if refused.value.code != "json.unrepresentable":
            assert refused.value.code == ordinarily.value.code
