"""Corrections of faulty items: each treatment to the hundredth, new keys of every type, and what is refused."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.corrections import (
    Correction,
    Treatment,
    check_correction,
    corrected_form,
    is_void,
    score_corrected,
)
from question_bank.errors import InvalidCorrection, InvalidResponse
from question_bank.form import Entry, Form, FormSection, score_form
from question_bank.items import ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.scoring import ALL_OR_NOTHING, Scoring, ScoringRule
from tests.support.bank import multiple, single, true_false
from tests.support.every_kind import BLANKS, EVERY, NUMBER, ORDER, PAIRS, SHORT

ITEMS = {
    "single": single("单选", right=0),
    "multiple": multiple("多选", right=(0, 1)),
    "judgement": true_false("判断"),
    "blanks": BLANKS,
    "number": NUMBER,
    "order": ORDER,
    "pairs": PAIRS,
    "short": SHORT,
    "case": EVERY[ItemType.CASE_ANALYSIS],
    "weighed": replace(
        single("权重"), scoring=Scoring(ScoringRule.OPTION_WEIGHTS, weights=tuple(map(Fraction, (1, 0, 0, 0))))
    ),
}
BY_SECOND, BY_NEW = Treatment.SECOND_KEY, Treatment.KEY_CORRECTED


def entry(position: int, key: str, points: int = 200, part: int | None = None) -> Entry:
    """An entry that shows what it shows backwards."""
    item = ITEMS[key]
    content = item.body.parts[part] if part is not None and isinstance(item.body, CaseBody) else item
    kind = kind_of(content.item_type)
    shown, slots = kind.layout(content.body).extent
    backwards = tuple(reversed(range(shown)))
    return Entry(position, key, content.item_type, points, content.scoring or ALL_OR_NOTHING, backwards, slots, part)


def form_of(*entries: Entry) -> Form:
    return Form(1, (FormSection("一", entries),))


@pytest.mark.parametrize(
    ("name", "key", "place_of_new", "place_of_old"),
    [
        ("single", "Ｂ", [1], [0]),
        ("multiple", "b、c", [1, 2], [0, 1]),
        ("judgement", "错误", [1], [0]),
        ("order", "BACD", [1, 0, 2, 3], [0, 1, 2, 3]),
        ("pairs", "BAC", [1, 0, 2], [0, 1, 2]),
    ],
)
def test_a_new_key_of_letters_scores_by_the_items_own_order(
    name: str, key: str, place_of_new: list[int], place_of_old: list[int]
) -> None:  # P17, P25
    one = entry(1, name)
    form = form_of(one, entry(2, "number"))

    def earned(places: list[int], treatment: Treatment) -> int | None:
        shown = [one.order.index(place) for place in places]
        response = shown if name in {"order", "pairs"} else sorted(shown)
        return score_corrected(form, ITEMS, {1: response}, [Correction(name, treatment, key=key)]).points[0]

    check_correction(ITEMS[name], Correction(name, BY_NEW, key=key))
    assert (earned(place_of_new, BY_NEW), earned(place_of_new, BY_SECOND)) == (200, 200)
    assert earned(place_of_old, BY_SECOND) == 200
    assert (earned(place_of_old, BY_NEW) or 0) < 200


def test_new_keys_of_texts_and_numbers_and_the_better_of_several_counts() -> None:
    form = form_of(entry(1, "blanks", 300), entry(2, "number"))
    blanks = [Correction("blanks", BY_SECOND, key="两年；2年|B"), Correction("number", BY_NEW, key="４.５")]
    said = {1: ["2年", "B"], 2: "4500 米"}
    assert score_corrected(form, ITEMS, said, blanks).points == (300, 200)
    # One key or the other: what is right by half of each earns what the better of them gives.
    assert score_corrected(form, ITEMS, {1: ["一年", "B"], 2: "3.5"}, blanks).points == (200, 0)
    third = [*blanks, Correction("blanks", BY_SECOND, key="一年|B")]
    assert score_corrected(form, ITEMS, {1: ["一年", "B"]}, third).points == (300, 0)
    with pytest.raises(InvalidResponse):
        score_corrected(form, ITEMS, {9: "1"}, blanks)


def test_void_items_and_those_that_people_mark() -> None:
    form = form_of(entry(1, "single"), entry(2, "short", 500), entry(3, "number", 300))
    said = {1: [0], 2: "三会一课", 3: "3.5"}
    plain = score_form(form, ITEMS, said)
    assert score_corrected(form, ITEMS, said, [Correction("absent", Treatment.DROPPED)]) == plain

    def outcome(*corrections: Correction) -> tuple[tuple[int | None, ...], int]:
        found = score_corrected(form, ITEMS, said, corrections)
        return found.points, found.maximum

    assert outcome(Correction("short", Treatment.FULL_POINTS)) == ((0, 500, 300), 1000)
    dropped = Correction("short", Treatment.DROPPED)
    assert outcome(dropped) == ((0, 0, 300), 500)
    shared = Correction("single", Treatment.REDISTRIBUTED)
    assert outcome(shared) == ((0, None, 375), 1000)
    assert outcome(shared, dropped) == ((0, 0, 500), 500)
    # Of two corrections of one item the later counts; a key brings a void item back.
    back = Correction("single", BY_NEW, key="D")
    assert outcome(shared, back) == ((200, None, 300), 1000)
    assert is_void(form.entries[0], [shared])
    assert not is_void(form.entries[0], [shared, back])
    with pytest.raises(InvalidCorrection, match="nothing_to_raise"):
        outcome(*(Correction(key, Treatment.REDISTRIBUTED) for key in ("single", "short", "number")))
    with pytest.raises(InvalidCorrection, match="nothing_left"):
        outcome(*(Correction(key, Treatment.DROPPED) for key in ("single", "short", "number")))


def test_a_part_of_a_case_is_corrected_by_itself() -> None:
    case = ITEMS["case"]
    assert isinstance(case.body, CaseBody)
    form = form_of(*(entry(n, "case", 200, n - 1) for n in range(1, len(case.body.parts) + 1)), entry(9, "single"))
    made = corrected_form(form, [Correction("case", Treatment.DROPPED, 0)])
    assert [one.points_hundredths for one in made.entries[:2]] == [0, 200]
    assert corrected_form(form, [Correction("case", Treatment.DROPPED)]).maximum_hundredths == 200


@given(st.lists(st.integers(1, 999), min_size=1, max_size=12), st.integers(1, 5000))
@settings(max_examples=60)
def test_redistributed_points_are_shared_to_the_last_hundredth(others: list[int], spare: int) -> None:
    form = form_of(
        entry(1, "single", spare), *(replace(entry(n, "single", p), item_key=f"{n}") for n, p in enumerate(others, 2))
    )
    made = corrected_form(form, [Correction("single", Treatment.REDISTRIBUTED)])
    assert made.maximum_hundredths == form.maximum_hundredths
    for before, after in zip(others, made.entries[1:], strict=True):
        exact = before + Fraction(spare * before, sum(others))
        assert abs(after.points_hundredths - exact) < 1


@pytest.mark.parametrize(
    ("name", "correction", "code"),
    [
        ("single", Correction("x", BY_NEW, key="A"), "key_same"),
        ("single", Correction("x", BY_NEW, key="AB"), "key_unfit"),
        ("single", Correction("x", BY_NEW, key="Z"), "key_unread"),
        ("single", Correction("x", BY_NEW), "key_unread"),
        ("single", Correction("x", Treatment.DROPPED, key="A"), "key_unasked"),
        ("single", Correction("x", Treatment.DROPPED, 0), "part"),
        ("number", Correction("x", BY_NEW, key="约三"), "key_unread"),
        ("blanks", Correction("x", BY_SECOND, key="只有一空"), "key_unread"),
        ("order", Correction("x", BY_NEW, key="AABC"), "key_unread"),
        ("pairs", Correction("x", BY_NEW, key="AB"), "key_unread"),
        ("short", Correction("x", BY_SECOND, key="A"), "no_key"),
        ("case", Correction("x", BY_SECOND, key="A"), "no_key"),
        ("weighed", Correction("x", BY_NEW, key="B"), "weighed"),
    ],
)
def test_what_cannot_be_corrected_so_is_refused(name: str, correction: Correction, code: str) -> None:
    with pytest.raises(InvalidCorrection) as refused:
        check_correction(ITEMS[name], correction)
    assert refused.value.code == f"correction.{code}"
