"""What holds for every type: sound, stored, drawn, shown, responded to and scored."""

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.assembly import check_forms, draw, draw_parallel, supply_of
from question_bank.canonical import canonical_json, read_json
from question_bank.errors import InvalidForm, InvalidResponse
from question_bank.form import Form, key_of, score_form
from question_bank.form_json import form_from_json, form_to_json
from question_bank.item_json import item_from_json, item_to_json
from question_bank.items import Item, ItemType
from question_bank.kinds import KINDS, Extent, Layout, item_fold, kind_of, problems_of
from question_bank.kinds.case_analysis import points_of_parts
from question_bank.presentation import candidate_view, view_to_json
from question_bank.scoring import Scoring, ScoringRule
from tests.support.bank import SEED, blueprint_of, cell, multiple, pool_of, single
from tests.support.bodies import items_with, tuples
from tests.support.every_kind import BLANKS, CASE, EVERY, NUMBER, ORDER, PAIRS, SHORT

GOLDEN = Path(__file__).parents[1] / "golden" / "kinds.tsv"
WEIGHTS = {ItemType.SINGLE_CHOICE: ("1", "1/2", "0", "-1/2"), ItemType.MULTIPLE_CHOICE: ("1/2", "1/2", "0", "-1")}
MARKED = {ItemType.SHORT_ANSWER, ItemType.PRACTICAL}


def golden() -> Iterator[tuple[str, str, str, int]]:
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            item_type, rule, response, earned = line.split("\t")
            yield item_type, rule, response, int(earned)


@pytest.mark.parametrize(("name", "rule", "response", "earned"), [*golden()])
def test_each_kind_earns_what_was_worked_out_by_hand(name: str, rule: str, response: str, earned: int) -> None:  # P25
    item = EVERY[ItemType(name)]
    if name == "multiple_choice":
        item = multiple(right=(0, 1))
    scoring = Scoring(ScoringRule(rule))
    if scoring.rule.takes_weights:
        scoring = replace(scoring, weights=tuple(map(Fraction, WEIGHTS[ItemType(name)])))
    kind = kind_of(item.item_type)
    layout: Layout = kind.layout(item.body)
    parsed = kind.parse_response(json.loads(response), layout.extent)
    order = range(len(layout.shown))
    assert kind.score(parsed, body=item.body, order=order, scoring=scoring, points_hundredths=600) == earned


def test_there_is_a_sound_item_of_every_type_that_survives_its_text() -> None:
    assert EVERY.keys() == KINDS.keys() == set(ItemType)
    for item in EVERY.values():
        assert problems_of(item) == []
        assert item_from_json(read_json(canonical_json(item_to_json(item)))) == item


FORM_OF_ALL = blueprint_of(*(cell(item_type, 1, points=1000) for item_type in EVERY))


@pytest.mark.parametrize("version", ["cz1", "cz2"])
def test_a_form_of_every_type_is_drawn_stored_shown_and_scored(version: str) -> None:
    pool = pool_of(*EVERY.values())
    if version == "cz1":
        forms: list[Form] = [*draw(pool, blueprint=FORM_OF_ALL, seed=SEED, label="x", form_count=12)]
    else:
        forms = [
            *draw_parallel(supply_of(pool, FORM_OF_ALL), blueprint=FORM_OF_ALL, seed=SEED, label="x", form_count=12)
        ]
    assert check_forms(forms, blueprint=FORM_OF_ALL, pool=pool) == ()
    items = {entry.key: entry.item for entry in pool}
    orders = set()
    for form in forms:
        assert form_from_json(read_json(canonical_json(form_to_json(form)))) == form
        assert [entry.position for entry in form.entries] == list(range(1, 13))
        parts = [entry for entry in form.entries if entry.part is not None]
        assert [(entry.part, entry.points_hundredths) for entry in parts] == [(0, 500), (1, 250), (2, 250)]
        assert parts[2].position - parts[0].position == 2
        keys = {
            entry.position: key_of(form, items, position=entry.position)
            for entry in form.entries
            if entry.item_type not in MARKED
        }
        score = score_form(form, items, keys)
        waiting = {entry.item_type for entry, points in zip(form.entries, score.points, strict=True) if points is None}
        # Nothing was written under the short answer, which earns nothing; what was done nobody here has seen.
        assert waiting == {ItemType.PRACTICAL}
        assert score.total == form.maximum_hundredths - 2000
        assert not score.is_complete
        shown = json.dumps(view_to_json(candidate_view(form, items)), ensure_ascii=False)
        assert not any(secret in shown for secret in ("十二个月", "3.5", "支部委员会、党小组会", "清点人数", "二十三"))
        assert shown.count("某支部有正式党员") == 3
        orders |= {entry.order for entry in form.entries if entry.item_type is ItemType.ORDERING}
    assert len(orders) > 4


def test_a_case_torn_apart_is_no_form() -> None:
    pool = pool_of(CASE, SHORT)
    blueprint = blueprint_of(cell(ItemType.CASE_ANALYSIS, 1), cell(ItemType.SHORT_ANSWER, 1))
    (form,) = draw(pool, blueprint=blueprint, seed=SEED, label="x", form_count=1)
    for mend in (lambda parts: parts[:-1][::-1] + parts[-1:], lambda parts: [parts[0], parts[2], parts[1]]):
        written: dict[str, Any] = form_to_json(form)
        entries = written["sections"][0]["entries"]
        parts = [entry for entry in entries if entry["part"] is not None]
        torn = mend([entry["part"] for entry in parts])
        for entry, part in zip(parts, torn, strict=True):
            entry["part"] = part
        with pytest.raises(InvalidForm):
            form_from_json(written)
    score = score_form(form, {"item-0000": CASE, "item-0001": SHORT}, {_position_of(form, SHORT): "三会"})
    assert [points for points in score.points if points is None] == [None]


def _position_of(form: Form, item: Item) -> int:
    return next(entry.position for entry in form.entries if entry.item_type is item.item_type)


@given(st.integers(1, 10**6), st.lists(st.integers(1, 10), min_size=1, max_size=20))
def test_points_of_a_case_are_shared_out_to_the_hundredth(points: int, shares: list[int]) -> None:
    body = replace(CASE.body, parts=tuple(replace(CASE.body.parts[1], share=share) for share in shares))
    shared = points_of_parts(body, points)
    assert sum(shared) == points
    for share, given_points in zip(shares, shared, strict=True):
        assert abs(given_points - points * share / sum(shares)) < 1
        assert points < 200 or given_points >= 1


def test_cases_differ_by_their_stimulus_and_other_items_by_their_stem() -> None:
    other = replace(CASE, body=replace(CASE.body, stimulus="另一段材料。"))
    assert item_fold(CASE) != item_fold(other)
    assert item_fold(single("题 1。")) == item_fold(multiple("题1"))


words = st.text(st.characters(exclude_categories=("C",)), max_size=12)


@settings(max_examples=60)
@given(st.data())
def test_a_response_parses_to_itself_and_earns_within_bounds(data: st.DataObject) -> None:  # P25
    item = EVERY[
        data.draw(st.sampled_from([item_type for item_type in EVERY if item_type is not ItemType.CASE_ANALYSIS]))
    ]
    kind = kind_of(item.item_type)
    layout = kind.layout(item.body)
    shown, slots = layout.extent
    raw = data.draw(
        {
            ItemType.FILL_BLANK: st.lists(words, min_size=slots, max_size=slots),
            ItemType.NUMERIC: words | st.decimals(allow_nan=False, allow_infinity=False).map(str),
            ItemType.ORDERING: st.permutations(range(shown)),
            ItemType.MATCHING: st.lists(st.none() | st.integers(0, max(0, shown - 1)), min_size=slots, max_size=slots),
            ItemType.SHORT_ANSWER: words,
            ItemType.PRACTICAL: st.just(""),
        }.get(item.item_type, st.lists(st.integers(0, max(0, shown - 1)), max_size=1))
    )
    order = data.draw(st.permutations(range(shown)))
    response = kind.parse_response(list(raw) if isinstance(raw, list | tuple) else raw, layout.extent)
    assert kind.parse_response(response, layout.extent) == response == read_json(canonical_json(response))
    assert kind.same_response(response, response)
    assert kind.is_answered(kind.nothing(layout.extent)) is False
    assert kind.summarise(response).zh
    for rule in kind.scoring_rules:
        if not rule.takes_mark and not rule.takes_weights:
            scoring = Scoring(rule)
            asked = {"body": item.body, "order": order, "scoring": scoring, "points_hundredths": 600}
            earned = kind.score(response, **asked)
            assert kind.describe(scoring).zh.endswith("。")
            if item.item_type not in MARKED:
                assert 0 <= earned <= 600
                assert kind.score(kind.key(item.body, order), **asked) == 600
                assert kind.score(kind.nothing(layout.extent), **asked) == 0


REFUSED = [
    (BLANKS, "一年"), (BLANKS, ["一年"]), (BLANKS, ["一年", 1]), (BLANKS, ["一年", None]),
    (BLANKS, ["\x07", ""]), (NUMBER, 3.5), (NUMBER, ["3.5"]), (NUMBER, "9" * 201), (ORDER, [0, 1, 2]),
    (ORDER, [0, 1, 2, 2]), (ORDER, [0, 1, 2, 4]), (ORDER, [0, 1, 2, True]), (ORDER, "0123"), (PAIRS, [0, 1]),
    (PAIRS, [0, 1, 4]), (PAIRS, [0, 1, "2"]), (PAIRS, [0, 1, False]), (PAIRS, None), (SHORT, ["三会"]),
    (SHORT, "长" * 5001), (SHORT, "\ud800"), (CASE, ""), (EVERY[ItemType.PRACTICAL], "做完了"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "raw"), REFUSED)
def test_a_response_of_another_shape_is_refused_never_coerced(item: Item, raw: Any) -> None:  # P41
    kind = kind_of(item.item_type)
    with pytest.raises(InvalidResponse):
        kind.parse_response(raw, kind.layout(item.body).extent)


@settings(max_examples=150)
@given(items_with(stem=st.text(max_size=5), tags=tuples(st.text(max_size=3), 1)))
def test_whatever_an_item_holds_is_judged_with_a_sentence_never_with_a_crash(item: Item) -> None:
    for problem in problems_of(item):
        assert problem.zh.endswith("。")
        assert problem.en.endswith(".")
    if not problems_of(item) and item.item_type is not ItemType.CASE_ANALYSIS:
        kind = kind_of(item.item_type)
        assert isinstance(kind.layout(item.body).extent, Extent)
        assert set(kind.free_places(item.body)) <= set(range(kind.layout(item.body).extent.shown))
