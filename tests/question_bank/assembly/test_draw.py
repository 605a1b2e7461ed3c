import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from question_bank.assembly import DrawDifference, PoolItem, commit, draw, pool_hash, verify_draw
from question_bank.blueprint import Blueprint
from question_bank.canonical import stem_fold
from question_bank.errors import InvalidBlueprint, InvalidSeed
from question_bank.form import Form, key_of
from question_bank.form_json import form_hash, forms_hash
from question_bank.kinds.choice import Option, options_of
from question_bank.scoring import ALL_OR_NOTHING, Scoring, ScoringRule
from tests.support.bank import (
    MULTIPLE,
    SEED,
    SINGLE,
    TRUE_FALSE,
    blueprint_of,
    cell,
    mixed_pool,
    pool_of,
    single,
    three_sections,
    true_false,
)

ROOT = Path(__file__).parents[3]
POOL = mixed_pool(singles=40, multiples=15, judgements=13)
ITEMS = {entry.key: entry.item for entry in POOL}
HALF = Scoring(ScoringRule.HALF_IF_MISSED)
BLUEPRINT = three_sections(scoring=HALF)


def drawn(
    pool: list[PoolItem] = POOL,
    *,
    blueprint: Blueprint = BLUEPRINT,
    seed: bytes = SEED,
    label: str = "2026-primary",
    form_count: int = 30,
) -> tuple[Form, ...]:
    return draw(pool, blueprint=blueprint, seed=seed, label=label, form_count=form_count)


def test_the_forms_of_a_seed_never_change() -> None:  # P16
    forms = drawn()
    assert form_hash(forms[0]) == "67191a2c2c39d6c3efa96353654cd371468f8c3c4d340c6bd0e2a39d50d638df"
    assert form_hash(forms[29]) == "387235bb3e134025aead7ec8267bdd9ea1c483fc738d7b79dda18f7eba26b67b"
    assert forms_hash(forms) == "f0ab5bec25d5c562b1eb0f5fc3d6492893370c4eb82cbdb630b049affd8ba984"


def test_another_process_with_other_string_hashes_draws_the_same() -> None:  # P16
    script = (
        "from question_bank.assembly import draw\n"
        "from question_bank.form_json import forms_hash\n"
        "from tests.support.bank import SEED, mixed_pool, three_sections\n"
        "from question_bank.scoring import Scoring, ScoringRule\n"
        "pool = mixed_pool(singles=40, multiples=15, judgements=13)\n"
        "blueprint = three_sections(scoring=Scoring(ScoringRule.HALF_IF_MISSED))\n"
        "print(forms_hash(draw(pool, blueprint=blueprint, seed=SEED, label='2026-primary', form_count=30)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "12345"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == forms_hash(drawn())


def test_the_order_of_the_pool_does_not_matter() -> None:
    shuffled = random.Random(1).sample(POOL, len(POOL))
    assert drawn(shuffled) == drawn()
    assert pool_hash(shuffled) == pool_hash(POOL)


def test_seed_and_label_each_change_the_forms() -> None:
    assert len({forms_hash(drawn()), forms_hash(drawn(seed=SEED[::-1])), forms_hash(drawn(label="2027-primary"))}) == 3


def test_reserve_forms_are_the_next_numbers_of_the_same_draw() -> None:  # P16
    with_reserve = draw(POOL, blueprint=BLUEPRINT, seed=SEED, label="x", form_count=10, reserve_count=3)
    assert [form.number for form in with_reserve] == list(range(1, 14))
    assert with_reserve[:10] == draw(POOL, blueprint=BLUEPRINT, seed=SEED, label="x", form_count=10)
    assert with_reserve == draw(POOL, blueprint=BLUEPRINT, seed=SEED, label="x", form_count=13)


@pytest.mark.parametrize("form", drawn())
def test_every_form_meets_the_blueprint(form: Form) -> None:  # P16
    assert [section.title for section in form.sections] == ["一、单选题", "二、多选题", "三、判断题"]
    assert [entry.position for entry in form.entries] == list(range(1, 15))
    types = [{entry.item_type for entry in section.entries} for section in form.sections]
    assert types == [{SINGLE}, {MULTIPLE}, {TRUE_FALSE}]
    assert [len(section.entries) for section in form.sections] == [6, 4, 4]
    chapter_one = [entry for entry in form.sections[0].entries if ITEMS[entry.item_key].topic == ("党章", "第1章")]
    assert len(chapter_one) >= 2
    assert len({entry.item_key for entry in form.entries}) == 14
    assert form.maximum_hundredths == BLUEPRINT.maximum_hundredths
    assert {entry.scoring for entry in form.sections[1].entries} == {HALF}
    assert {entry.scoring for entry in form.sections[0].entries + form.sections[2].entries} == {ALL_OR_NOTHING}
    for entry in form.entries:
        assert sorted(entry.order) == list(range(len(options_of(ITEMS[entry.item_key]))))


def test_each_cell_uses_every_item_once_before_any_twice() -> None:
    pool = pool_of(*(single(f"题{n}") for n in range(17)))
    forms = drawn(pool, blueprint=blueprint_of(cell(SINGLE, 5)), form_count=40)
    used: Counter[str] = Counter({entry.key: 0 for entry in pool})
    for form in forms:
        used.update(entry.item_key for entry in form.entries)
        assert max(used.values()) - min(used.values()) <= 1


def test_a_cell_may_need_its_whole_pool() -> None:
    pool = pool_of(*(single(f"题{n}") for n in range(5)))
    for form in drawn(pool, blueprint=blueprint_of(cell(SINGLE, 5)), form_count=4):
        assert {entry.item_key for entry in form.entries} == {entry.key for entry in pool}


@pytest.mark.parametrize("narrow_first", [False, True])
def test_competing_cells_share_the_pool_so_that_exposure_stays_even(narrow_first: bool) -> None:
    # 10 items of 一 and 30 of 二; one cell wants 2 of 一, the other 6 of any: 5 uses per 25 forms for each item.
    pool = pool_of(
        *(single(f"一{n}", topic=("一",)) for n in range(10)), *(single(f"二{n}", topic=("二",)) for n in range(30))
    )
    cells = [cell(SINGLE, 6), cell(SINGLE, 2, topic=("一",))]
    forms = drawn(pool, blueprint=blueprint_of(*(cells[::-1] if narrow_first else cells)), form_count=25)
    used = Counter(entry.item_key for form in forms for entry in form.entries)
    assert set(used.values()) == {5}


def test_one_stem_in_two_types_stands_in_each_cell_as_its_type() -> None:
    pool = pool_of(single("甲"), true_false("甲"), single("乙"), true_false("乙"))
    for form in drawn(pool, blueprint=blueprint_of(cell(SINGLE, 1), cell(TRUE_FALSE, 1)), form_count=8):
        assert Counter(entry.item_type for entry in form.entries) == {SINGLE: 1, TRUE_FALSE: 1}


def test_two_items_with_one_stem_never_meet_and_are_used_alike() -> None:
    pool = pool_of(*(single(f"题{n}") for n in range(6)), *(single(f"题{n}？") for n in range(3)))
    folds = {entry.key: stem_fold(entry.item.stem) for entry in pool}
    used: Counter[str] = Counter()
    for form in drawn(pool, blueprint=blueprint_of(cell(SINGLE, 4)), form_count=30):
        assert len({folds[entry.item_key] for entry in form.entries}) == 4
        used.update(entry.item_key for entry in form.entries)
    assert {entry.key for entry in pool} == set(used)
    assert all(used[f"item-{n:04}"] == used[f"item-{n + 6:04}"] == 10 for n in range(3))


def test_items_are_shuffled_within_their_section() -> None:
    pool = pool_of(*(single(f"题{n}") for n in range(5)))
    orders = {
        tuple(entry.item_key for entry in form.entries)
        for form in drawn(pool, blueprint=blueprint_of(cell(SINGLE, 5)), form_count=20)
    }
    assert len(orders) > 15


def test_the_items_of_several_cells_are_mixed_within_their_section() -> None:
    pool = pool_of(*(single(f"{topic}{n}", topic=(topic,)) for topic in "一二" for n in range(3)))
    blueprint = blueprint_of(cell(SINGLE, 3, topic=("一",)), cell(SINGLE, 3, topic=("二",)))
    topics = {entry.key: entry.item.topic for entry in pool}
    patterns = {tuple(topics[entry.item_key] for entry in form.entries) for form in drawn(pool, blueprint=blueprint)}
    assert len(patterns) > 10  # of the 20 that there are


def test_pinned_options_and_true_or_false_keep_their_places() -> None:
    item = single("题", right=1)
    pinned = replace(item, body=replace(item.body, options=(*options_of(item)[:3], Option("以上都对", pinned=True))))
    orders = [
        form.entries[0].order for form in drawn(pool_of(pinned), blueprint=blueprint_of(cell(SINGLE, 1)), form_count=60)
    ]
    assert {order[3] for order in orders} == {3}
    assert len(set(orders)) == 6
    judgements = [entry for form in drawn() for entry in form.entries if entry.item_type is TRUE_FALSE]
    assert {entry.order for entry in judgements} == {(0, 1)}


def test_a_pinned_key_stays_and_the_others_still_move() -> None:
    item = single("题", right=3)
    pinned = replace(item, body=replace(item.body, options=(*options_of(item)[:3], Option("以上都对", pinned=True))))
    forms = drawn(pool_of(pinned), blueprint=blueprint_of(cell(SINGLE, 1)), form_count=60)
    assert len({form.entries[0].order for form in forms}) == 6


def test_right_letters_are_balanced_even_if_every_author_wrote_the_key_first() -> None:
    pool = pool_of(*(single(f"题{n}", right=0) for n in range(60)))
    items = {entry.key: entry.item for entry in pool}
    all_forms: Counter[int] = Counter()
    for form in drawn(pool, blueprint=blueprint_of(cell(SINGLE, 20)), form_count=60):
        right = Counter(next(iter(key_of(form, items, position=position))) for position in range(1, 21))
        assert max(right.values()) <= 20 // 4 + 1
        all_forms += right
    assert all(250 < all_forms[position] < 350 for position in range(4))


def test_every_order_of_options_occurs() -> None:
    pool = pool_of(*(single(f"题{n}", count=3) for n in range(10)))
    orders = Counter(
        entry.order
        for form in drawn(pool, blueprint=blueprint_of(cell(SINGLE, 10)), form_count=60)
        for entry in form.entries
    )
    assert len(orders) == 6
    assert all(60 < count < 140 for count in orders.values())


def test_more_options_are_shuffled_in_multiple_choice_too() -> None:
    orders = {entry.order for form in drawn() for entry in form.sections[1].entries}
    assert len(orders) == 24


def test_forms_that_were_drawn_so_are_verified() -> None:  # P16
    assert _verify(drawn()) is None


def test_the_first_form_that_differs_is_named() -> None:  # P16
    forms = list(drawn())
    for number in (12, 5):
        first, *others = forms[number - 1].sections[0].entries
        tampered = (replace(first, order=first.order[::-1]), *others)
        section = replace(forms[number - 1].sections[0], entries=tampered)
        forms[number - 1] = replace(forms[number - 1], sections=(section, *forms[number - 1].sections[1:]))
    difference = _verify(tuple(forms))
    assert difference is not None
    assert difference.form_number == 5
    assert "第 5 份" in difference.zh


def test_a_missing_or_exchanged_form_is_named() -> None:
    forms = drawn()
    without_third = _verify((*forms[:2], *forms[3:]))
    exchanged = _verify((forms[1], forms[0], *forms[2:]))
    assert without_third is not None
    assert without_third.form_number == 3
    assert exchanged is not None
    assert exchanged.form_number == 1


def test_another_seed_than_the_one_committed_to_is_found_out() -> None:  # P16
    other = SEED[::-1]
    difference = verify_draw(
        drawn(seed=other), pool=POOL, blueprint=BLUEPRINT, seed=other, commitment=commit(SEED), label="2026-primary"
    )
    assert difference is not None
    assert difference.form_number is None


def test_a_changed_item_changes_the_hash_of_the_pool() -> None:  # P17
    changed = [
        PoolItem(POOL[0].key, replace(POOL[0].item, body=replace(POOL[0].item.body, key=frozenset({3})))),
        *POOL[1:],
    ]
    assert pool_hash(changed) != pool_hash(POOL)


def test_a_blueprint_that_contradicts_itself_draws_nothing() -> None:
    with pytest.raises(InvalidBlueprint):
        drawn(blueprint=replace(BLUEPRINT, cut_score_hundredths=0))


def test_a_weak_seed_draws_nothing() -> None:
    with pytest.raises(InvalidSeed):
        drawn(seed=b"exam-1")


def test_six_hundred_forms_of_fifty_items_are_drawn_within_two_seconds() -> None:
    pool = mixed_pool(singles=400, multiples=300, judgements=300)
    blueprint = blueprint_of(
        cell(SINGLE, 15), cell(SINGLE, 5, topic=("党章", "第1章")), cell(MULTIPLE, 15), cell(TRUE_FALSE, 15)
    )
    # Processor time: other tests run on this machine at the same time.
    before = time.process_time()
    drawn(pool, blueprint=blueprint, form_count=600)
    assert time.process_time() - before < 2


def _verify(forms: tuple[Form, ...]) -> DrawDifference | None:
    return verify_draw(forms, pool=POOL, blueprint=BLUEPRINT, seed=SEED, commitment=commit(SEED), label="2026-primary")
