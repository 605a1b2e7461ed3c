"""The best form of a blueprint: that of trying all, within what the blueprint and the facts ask."""

from dataclasses import replace
from itertools import combinations

import pytest

from question_bank.assembly import NO_FACTS, PoolFacts
from question_bank.assembly.best_form import Model, find_best_form, fix_form
from question_bank.assembly.optimal import NoOptimum, choose_best
from question_bank.assembly.pool import cell_places
from question_bank.blueprint import FixedItem
from question_bank.errors import PoolTooSmall
from tests.support.bank import SINGLE, TRUE_FALSE, blueprint_of, cell, mixed_pool, pool_of, single, three_sections

POOL = mixed_pool(singles=9, multiples=0, judgements=4)
FITTED = {entry.key: (700 + 131 * at % 900, 300 * at % 2_100 - 900) for at, entry in enumerate(POOL)}


def best_of(blueprint, facts=NO_FACTS, pool=POOL):
    return find_best_form(pool, blueprint, facts=facts, fitted=FITTED, seconds=20)


def test_it_is_the_best_of_all_that_keep_to_the_blueprint():
    """Overlapping cells, a fixed item, two that must not meet, one that rests."""
    blueprint = blueprint_of(cell(SINGLE, 2), cell(SINGLE, 1, topic=("党章", "第2章")), cell(TRUE_FALSE, 2), cut=600)
    section = replace(blueprint.sections[0], fixed=(FixedItem("固定", 200),))
    blueprint = replace(blueprint, sections=(section,))
    keys = [entry.key for entry in POOL]
    facts = PoolFacts(apart=[(keys[0], keys[1]), (keys[8], keys[2])], named={"固定": keys[8]})
    rested = next(one.key for one in best_of(blueprint, facts).chosen if one.cell == 0)
    facts = replace(facts, resting=frozenset({rested}))
    best = best_of(blueprint, facts)
    chosen = {one.key: one.cell for one in best.chosen}
    worth = {
        key: Model(slope / 1000, location / 1000).information(best.ability / 1000)
        for key, (slope, location) in FITTED.items()
    }
    places = cell_places(blueprint)
    free = [entry for entry in POOL if entry.key not in {keys[8], keys[2], rested}]
    singles = [entry for entry in free if places[0].cell.takes(entry.item)]
    judgements = [entry for entry in free if places[2].cell.takes(entry.item)]
    tried = [
        sum(worth[entry.key] for entry in (*three, *two)) + worth[keys[8]]
        for three in combinations(singles, 3)
        if any(places[1].cell.takes(entry.item) for entry in three)
        and len({keys[0], keys[1]} & {e.key for e in three}) < 2
        for two in combinations(judgements, 2)
    ]
    assert best.information == pytest.approx(1000 * max(tried), abs=1)
    assert best.proved
    assert best.bound == best.information
    assert chosen[keys[8]] is None
    fixed = fix_form(blueprint, "固定卷", [(key, at) for key, at in chosen.items() if at is not None])
    assert (fixed.item_count, fixed.maximum_hundredths) == (6, 1200)
    assert not fixed.sections[0].cells
    again = best_of(fixed, PoolFacts(named={"固定": keys[8]}))  # nothing is left to choose
    assert again.information == pytest.approx(
        1000 * sum(Model(*(n / 1000 for n in FITTED[k])).information(again.ability / 1000) for k in chosen), abs=2
    )


def test_an_authors_word_stands_where_no_exam_has_spoken_and_what_cannot_be_is_refused():
    best = find_best_form(
        mixed_pool(singles=20, multiples=9, judgements=9), three_sections(), facts=NO_FACTS, fitted={}, seconds=20
    )
    assert not any(one.calibrated for one in best.chosen)
    assert best.expected_hundredths == pytest.approx(1680, abs=1)  # all items are alike: the cut is where it earns that
    with pytest.raises(PoolTooSmall):
        best_of(blueprint_of(cell(SINGLE, 99)), pool=pool_of(single()))


def test_whoever_watches_may_stop_the_solver():
    class Stopped(Exception):
        pass

    def stop(waited):
        assert waited == 0.5
        raise Stopped

    with pytest.raises(Stopped):
        choose_best([float(at % 7) for at in range(60_000)], count=20, watch=stop)
    with pytest.raises(NoOptimum, match="No form meets"):
        choose_best([1.0, 1.0], count=2, apart=[[0, 1]])
