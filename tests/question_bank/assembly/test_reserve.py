"""The reserve set: other items as far as the pool allows, each set parallel, the same from the same seed."""

from dataclasses import replace

import pytest

from question_bank.assembly import NO_FACTS, Drawn, PoolFacts, PoolItem, TwoSets, check_forms, draw_two_sets
from question_bank.blueprint import Blueprint, FixedItem
from question_bank.canonical import sha256_hex
from question_bank.errors import PoolTooSmall
from question_bank.form_json import forms_hash
from tests.support.bank import SEED, SINGLE, blueprint_of, cell, mixed_pool, three_sections


def draw(
    pool: list[PoolItem], blueprint: Blueprint, *, count: int = 12, facts: PoolFacts = NO_FACTS, seed: bytes = SEED
) -> TwoSets:
    return draw_two_sets(pool, blueprint=blueprint, facts=facts, seed=seed, label="exam-7", form_count=count)


def keys(drawn: Drawn) -> set[str]:
    return {entry.item_key for form in drawn for entry in form.entries}


def test_with_items_enough_the_sets_share_none_and_both_are_parallel() -> None:  # P16
    pool, blueprint = mixed_pool(singles=40, multiples=40, judgements=24), three_sections()
    enemies = PoolFacts(apart=[(pool[0].key, pool[4].key), (pool[8].key, pool[4].key)])
    sets = draw(pool, blueprint, facts=enemies)
    assert (sets.common, keys(sets.main) & keys(sets.reserve)) == (0, set())
    assert sets.main_report.within
    assert sets.reserve_report.within
    assert [form.number for form in sets.main] == [*range(1, 13)]
    assert [form.number for form in sets.reserve] == [*range(13, 25)]
    for drawn in (sets.main, sets.reserve):
        assert check_forms([*drawn], pool=pool, blueprint=blueprint, facts=enemies) == ()
    family = {pool[at].key for at in (0, 4, 8)}  # who has seen one of a family half knows the others
    assert not family & {*sets.main.supply.keys} or not family & {*sets.reserve.supply.keys}
    again = draw([*reversed(pool)], blueprint, facts=enemies)
    assert forms_hash([*again.main, *again.reserve]) == forms_hash([*sets.main, *sets.reserve])
    golden = "c3c7c2c2bf2b0a80"
    assert sha256_hex(forms_hash([*sets.main, *sets.reserve]))[:16] == golden  # on every machine and Python
    other = draw(pool, blueprint, seed=bytes(32))
    assert forms_hash([*other.reserve]) != forms_hash([*sets.reserve])


def test_a_cell_that_cannot_be_parted_shares_its_items_and_the_others_share_none() -> None:
    pool = mixed_pool(singles=16, multiples=4, judgements=16)
    sets = draw(pool, three_sections(), count=6)
    shared = keys(sets.main) & keys(sets.reserve)
    assert sets.common == len(shared) == 4
    assert {entry.item.item_type.value for entry in pool if entry.key in shared} == {"multiple_choice"}


def test_a_pool_for_one_form_serves_both_sets_and_one_item_less_serves_none() -> None:
    blueprint = blueprint_of(cell(SINGLE, 6))
    pool = mixed_pool(singles=6, multiples=0, judgements=0)
    assert draw(pool, blueprint, count=3).common == 6
    with pytest.raises(PoolTooSmall):
        draw(pool[1:], blueprint)


def test_fixed_items_stand_in_both_sets() -> None:
    pool = mixed_pool(singles=30, multiples=0, judgements=0)
    blueprint = blueprint_of(cell(SINGLE, 5))
    fixed = (FixedItem(pool[3].key, 200),)
    sets = draw(pool, replace(blueprint, sections=(replace(blueprint.sections[0], fixed=fixed),)), count=4)
    assert keys(sets.main) & keys(sets.reserve) == {pool[3].key}
