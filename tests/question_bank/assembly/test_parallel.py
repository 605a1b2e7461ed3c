"""Parallel forms, judged by the checker, which shares no code with the draw."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.assembly import (
    NO_FACTS,
    Drawn,
    PoolFacts,
    PoolItem,
    check_forms,
    draw_parallel,
    redraw_form,
    report_fairness,
    supply_of,
)
from question_bank.blueprint import Blueprint, Evenness, FixedItem
from question_bank.canonical import sha256_hex
from question_bank.errors import InvalidBlueprint, PoolTooSmall
from question_bank.form_json import forms_hash
from question_bank.items import Difficulty
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
from tests.support.every_kind import SHORT

ROOT = Path(__file__).parents[3]
LEVELS = list(Difficulty)


def graded(pool: Sequence[PoolItem]) -> list[PoolItem]:
    """The pool with difficulties of all three kinds in it."""
    return [
        PoolItem(entry.key, replace(entry.item, difficulty=LEVELS[number * 7 % 3])) for number, entry in enumerate(pool)
    ]


POOL = graded(mixed_pool(singles=40, multiples=15, judgements=13))
BLUEPRINT = three_sections()


def drawn(
    pool: Sequence[PoolItem] = POOL,
    blueprint: Blueprint = BLUEPRINT,
    facts: PoolFacts = NO_FACTS,
    *,
    forms: int = 30,
    label: str = "2026",
) -> Drawn:
    supply = supply_of(pool, blueprint, facts)
    return draw_parallel(supply, blueprint=blueprint, seed=SEED, label=label, form_count=forms)


def test_the_forms_of_a_seed_never_change() -> None:  # P16
    # Items and orders of options only: what else a form says is not the draw's.
    shown = [[[entry.item_key, [*entry.order]] for entry in form.entries] for form in drawn()]
    assert sha256_hex(shown) == "b98d6baf9ba40683536b84ab4294aad526c770e371118db85cd41f2d8b7b8604"


def test_another_process_draws_the_same() -> None:  # P16
    script = (
        "from question_bank.assembly import draw_parallel, supply_of\n"
        "from question_bank.form_json import forms_hash\n"
        "from tests.support.bank import SEED, mixed_pool, three_sections\n"
        "supply = supply_of(mixed_pool(singles=40, multiples=15, judgements=13), three_sections())\n"
        "found = draw_parallel(supply, blueprint=three_sections(), seed=SEED, label='2026', form_count=30)\n"
        "print(forms_hash([*found]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "12345"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == forms_hash([*drawn(mixed_pool(singles=40, multiples=15, judgements=13))])


def test_the_order_of_the_pool_does_not_matter_and_seed_and_label_do() -> None:
    assert forms_hash([*drawn(POOL[::-1])]) == forms_hash([*drawn()])
    assert forms_hash([*drawn(label="2027")]) != forms_hash([*drawn()])


@pytest.mark.parametrize("forms", [1, 2, 7, 30, 600, 2300])
def test_forms_of_any_number_are_parallel_and_can_be_drawn_again_alone(forms: int) -> None:  # P16
    found = drawn(forms=forms)
    assert check_forms([*found], blueprint=BLUEPRINT, pool=POOL) == ()
    assert report_fairness(found).within
    for number in {1, forms // 2 + 1, forms}:
        again = redraw_form(found.supply, blueprint=BLUEPRINT, seed=SEED, label="2026", form_count=forms, number=number)
        assert again == found.form(number)


def test_items_of_a_cell_are_used_equally_often() -> None:
    pool = graded(pool_of(*(single(f"题{n}") for n in range(17))))
    for forms, uses in ((34, {10}), (35, {10, 11})):
        found = drawn(pool, blueprint_of(cell(SINGLE, 5)), forms=forms)
        assert set(Counter(found.items.ravel().tolist()).values()) == uses


def test_a_cell_may_need_its_whole_pool() -> None:
    pool = graded(pool_of(*(single(f"题{n}") for n in range(5))))
    for count in (4, 5):
        forms = [*drawn(pool, blueprint_of(cell(SINGLE, count)), forms=9)]
        assert check_forms(forms, blueprint=blueprint_of(cell(SINGLE, count)), pool=pool) == ()


def test_calibrated_easiness_counts_more_than_the_authors_word() -> None:
    pool = pool_of(*(single(f"题{n}") for n in range(40)))
    facts = PoolFacts(easiness={entry.key: 200 + 15 * number for number, entry in enumerate(pool)})
    blueprint = replace(blueprint_of(cell(SINGLE, 10)), evenness=Evenness(tolerance_hundredths=5))
    found = drawn(pool, blueprint, facts, forms=40)
    assert check_forms([*found], blueprint=blueprint, pool=pool, facts=facts) == ()
    totals = found.supply.worth[found.items].sum(axis=1)
    assert int(totals.max() - totals.min()) <= 2 * 5 * 1000
    assert int(abs(totals - found.target).max()) <= 5 * 1000
    careless = drawn(pool, blueprint_of(cell(SINGLE, 10)), forms=40)
    assert check_forms([*careless], blueprint=blueprint, pool=pool, facts=facts) != ()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_enemies_and_near_duplicates_never_meet(data: st.DataObject) -> None:
    # Families of any size, within a cell and across cells; the flow says whether a form exists, the checker whether
    # every form is one.
    topics = [("甲",), ("乙",)]
    pool = graded(
        pool_of(
            *(single(f"题{n}", topic=topics[n % 2]) for n in range(data.draw(st.integers(8, 26)))),
            *(true_false(f"判{n}", topic=topics[n % 2]) for n in range(6)),
        )
    )
    keys = [entry.key for entry in pool]
    facts = PoolFacts(apart=data.draw(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=14)))
    facts = replace(facts, apart=[pair for pair in facts.apart if pair[0] != pair[1]])
    blueprint = blueprint_of(
        cell(SINGLE, data.draw(st.integers(1, 3)), topic=("甲",)),
        cell(SINGLE, data.draw(st.integers(1, 4))),
        cell(TRUE_FALSE, 2),
    )
    blueprint = replace(blueprint, evenness=Evenness(tolerance_hundredths=blueprint.maximum_hundredths))
    try:
        found = drawn(pool, blueprint, facts, forms=data.draw(st.sampled_from([1, 5, 40])))
    except PoolTooSmall:
        return
    assert check_forms([*found], blueprint=blueprint, pool=pool, facts=facts) == ()


def test_fixed_items_stand_in_every_form_beside_drawn_ones() -> None:
    facts = PoolFacts(named={"宗旨": "item-0003", "义务": "item-0041"}, apart=[("item-0003", "item-0007")])
    first, *others = BLUEPRINT.sections
    section = replace(first, fixed=(FixedItem("宗旨", 300), FixedItem("义务", 500)))
    blueprint = replace(BLUEPRINT, sections=(section, *others))
    found = drawn(blueprint=blueprint, facts=facts)
    assert check_forms([*found], blueprint=blueprint, pool=POOL, facts=facts) == ()
    for form in found:
        points = {entry.item_key: entry.points_hundredths for entry in form.sections[0].entries}
        assert (points["item-0003"], points["item-0041"], len(points)) == (300, 500, 8)
        assert "item-0007" not in points
    marked = [replace(one, item=SHORT) if one.key == "item-0003" else one for one in POOL]
    for lacking in ({"facts": NO_FACTS}, {"facts": facts, "pool": marked}):
        with pytest.raises(InvalidBlueprint) as missing:
            drawn(blueprint=blueprint, **lacking)
        assert missing.value.code == "blueprint.fixed_missing"
        assert "按规则评分" in missing.value.zh
    with pytest.raises(InvalidBlueprint) as apart:
        drawn(blueprint=blueprint, facts=replace(facts, apart=[("item-0003", "item-0041")]))
    assert apart.value.code == "blueprint.fixed_apart"


def test_resting_items_are_not_drawn_and_caps_ask_for_more_items() -> None:
    rested = PoolFacts(resting=frozenset(entry.key for entry in POOL[:10]))
    assert check_forms([*drawn(facts=rested)], blueprint=BLUEPRINT, pool=POOL, facts=rested) == ()
    capped = replace(BLUEPRINT, evenness=Evenness(exposure_permille=310))
    found = drawn(blueprint=capped, forms=100)
    assert max(Counter(found.items.ravel().tolist()).values()) <= 31
    assert check_forms([*found], blueprint=capped, pool=POOL) == ()
    with pytest.raises(PoolTooSmall) as refused:
        drawn(blueprint=replace(BLUEPRINT, evenness=Evenness(exposure_permille=300)))
    assert [(one.wanted, one.available) for one in refused.value.shortfalls] == [(14, 13)]


def test_cells_may_ask_for_a_difficulty() -> None:
    blueprint = blueprint_of(
        replace(cell(SINGLE, 3), difficulty=Difficulty.HARD), replace(cell(SINGLE, 4), difficulty=Difficulty.EASY)
    )
    forms = [*drawn(blueprint=blueprint, forms=40)]
    assert check_forms(forms, blueprint=blueprint, pool=POOL) == ()
    by_key = {entry.key: entry.item.difficulty for entry in POOL}
    counts = Counter(by_key[entry.item_key] for entry in forms[0].entries)
    assert counts == {Difficulty.HARD: 3, Difficulty.EASY: 4}


def test_a_cell_over_many_topics_takes_of_each_its_share() -> None:
    pool = graded(pool_of(*(single(f"题{n}", topic=("党章", f"第{n % 4}章")) for n in range(80))))
    found = drawn(pool, blueprint_of(cell(SINGLE, 8)), forms=50)
    (measured,) = report_fairness(found).cells
    assert [topic for topic, _, _ in measured.subtopics] == [f"党章/第{n}章" for n in range(4)]
    assert all(least >= 1 and most <= 3 for _, least, most in measured.subtopics)


def test_right_letters_and_orders_are_balanced() -> None:
    pool = pool_of(*(single(f"题{n}", right=0) for n in range(60)))
    found = drawn(pool, blueprint_of(cell(SINGLE, 20)), forms=60)
    ((size, counts),) = report_fairness(found).right_places
    assert size == 4
    assert all(250 < count < 350 for count in counts)
    orders = Counter(entry.order for form in found for entry in form.entries)
    assert len(orders) == 24
    assert all(20 < count < 90 for count in orders.values())
    positions = Counter((form.entries[0].item_key) for form in found)
    assert max(positions.values()) < 8


def test_what_cannot_be_even_is_told_with_the_cells_that_carry_it() -> None:
    pool = pool_of(single("难", topic=("一",)), single("易", topic=("一",)), true_false("判"))
    facts = PoolFacts(easiness={"item-0000": 0, "item-0001": 1000})
    blueprint = replace(
        blueprint_of(cell(SINGLE, 1, topic=("一",)), cell(TRUE_FALSE, 1)), evenness=Evenness(tolerance_hundredths=99)
    )
    found = drawn(pool, blueprint, facts, forms=4)
    report = report_fairness(found)
    assert not report.within
    assert "大题「一」单选题" in report.lacks[0].place.zh
    assert report.lacks[0].excess.zh == "预期分超出允差 0.01 分"
    assert {finding.code for finding in check_forms([*found], blueprint=blueprint, pool=pool, facts=facts)} == {
        "expected"
    }


def test_the_report_tells_every_measure_that_forms_miss() -> None:
    """Of forms that no draw would make: an item too often, two of a family, one place always right, all alike."""
    found = drawn(forms=40)
    assert report_fairness(found).within
    capped = replace(BLUEPRINT, evenness=Evenness(exposure_permille=100))
    twice, alike = found.items.copy(), np.repeat(found.items[:1], len(found), axis=0)
    twice[3, 1] = twice[3, 0]
    spoilt = {
        "exposure": replace(found, blueprint=capped),
        "enemies": replace(found, items=twice),
        "right_places": replace(found, places=np.where(found.places > 0, 0, found.places)),
        "overlap": replace(found, items=alike),
    }
    for measure, forms in spoilt.items():
        assert measure in {lack.measure for lack in report_fairness(forms).lacks}, measure


def test_multiple_choice_is_shuffled_too() -> None:
    found = drawn(blueprint=blueprint_of(cell(MULTIPLE, 8)), forms=60)
    assert len({entry.order for form in found for entry in form.entries}) == 24
