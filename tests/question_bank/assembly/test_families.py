"""What may not meet in one form: one content in the version that exams are sealed with, one stem in the one before."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from question_bank.assembly import (
    DRAW_VERSION,
    Drawn,
    DrawVersion,
    PoolFacts,
    PoolItem,
    check_forms,
    draw,
    draw_parallel,
    draw_two_sets,
    facts_from_json,
    facts_to_json,
    feasibility,
    report_fairness,
    supply_of,
)
from question_bank.assembly.facts import families
from question_bank.blueprint import Blueprint, Section
from question_bank.canonical import sha256_hex
from question_bank.errors import InvalidPool, PoolTooSmall
from question_bank.form import Form
from question_bank.items import ItemType
from question_bank.kinds import content_fold, content_text
from question_bank.kinds.case_analysis import Part
from tests.support.bank import SEED, blueprint_of, cell, mixed_pool, pool_of, single, three_sections
from tests.support.every_kind import case_of


def with_cases(count: int) -> Blueprint:
    section = Section("四、案例分析题", (cell(ItemType.CASE_ANALYSIS, count, points=600),))
    return replace(three_sections(), sections=(*three_sections().sections, section))


def drawn(pool: Sequence[PoolItem], blueprint: Blueprint, version: DrawVersion, *, forms: int = 30) -> Drawn:
    supply = supply_of(pool, blueprint, PoolFacts(version=version))
    return draw_parallel(supply, blueprint=blueprint, seed=SEED, label="2026", form_count=forms)


POOL = pool_of(
    *(entry.item for entry in mixed_pool(singles=40, multiples=15, judgements=13)),
    *map(case_of, range(6)),
    case_of(9, "阅读另一材料，回答问题。"),
)


def test_the_forms_of_every_version_never_change() -> None:  # P16
    # Items and orders of options only: what else a form says is not the draw's.
    made: dict[str, Sequence[Form]] = {version.value: [*drawn(POOL, with_cases(2), version)] for version in DrawVersion}
    made["cz1"] = draw(POOL, blueprint=with_cases(2), seed=SEED, label="2026", form_count=30)
    found = {
        version: sha256_hex([[[entry.item_key, [*entry.order]] for entry in form.entries] for form in forms])
        for version, forms in made.items()
    }
    assert found == {
        "cz1": "780cfa1f976dc2f09a21a6f59b51b64d50d993404ad5a8cf2a198d06a1b7d571",
        "cz2": "3c6f3d6fb9865befc5688f2694d34b5825488546d3a23e2855a0ec9ab0c15fca",
        "cz3": "17e30232bc8eb4f64a752d9a74294175be852358c95aca08ee7f11b981f4f34e",
    }
    assert DRAW_VERSION is DrawVersion.CZ3


def test_cases_that_share_a_lead_in_fill_a_form_and_everything_told_of_the_pool_agrees() -> None:
    blueprint = with_cases(3)
    before, now = (
        feasibility(blueprint, POOL, PoolFacts(version=version))[-1] for version in (DrawVersion.CZ2, DrawVersion.CZ3)
    )
    assert (before.available, before.short) == (2, 1)
    assert (now.available, now.short) == (7, 0)
    with pytest.raises(PoolTooSmall):
        drawn(POOL, blueprint, DrawVersion.CZ2)
    found = drawn(POOL, blueprint, DrawVersion.CZ3)
    assert check_forms([*found], blueprint=blueprint, pool=POOL) == ()
    assert report_fairness(found).within
    seven = with_cases(7)
    assert feasibility(seven, POOL)[-1].short == 0
    assert check_forms([*drawn(POOL, seven, DRAW_VERSION)], blueprint=seven, pool=POOL) == ()
    sets = draw_two_sets(POOL, blueprint=blueprint, facts=PoolFacts(), seed=SEED, label="2026", form_count=6)
    used = [{key for key in each.supply.keys if key >= "item-0068"} for each in (sets.main, sets.reserve)]
    assert [len(keys) for keys in used] == [4, 3]
    assert not used[0] & used[1]


def test_one_content_is_one_family_whatever_its_lead_in_and_the_order_of_its_parts() -> None:
    one = case_of(1)
    turned = replace(one, stem="请分析案例。", body=replace(one.body, parts=one.body.parts[::-1]))
    asked_otherwise = replace(one, body=replace(one.body, parts=(Part(*_simple("支部应何时换届？")),)))
    pool = pool_of(
        one, case_of(2), turned, asked_otherwise, single("——"), single("……"), single("党章。"), single("党章")
    )
    of = families(pool, PoolFacts())
    assert [of[entry.key] for entry in pool] == [f"item-{at:04}" for at in (0, 1, 0, 3, 4, 5, 6, 6)]
    # A text of marks alone folds to nothing, and told all such items one in the version before.
    of = families(pool, PoolFacts(version=DrawVersion.CZ2))
    assert [of[entry.key] for entry in pool] == [f"item-{at:04}" for at in (0, 0, 2, 0, 4, 4, 6, 6)]
    blueprint = blueprint_of(cell(ItemType.CASE_ANALYSIS, 2, points=600))
    forms = [*drawn(pool[:3], blueprint, DrawVersion.CZ2, forms=6)]
    found = check_forms(forms, blueprint=blueprint, pool=pool[:3])
    assert {finding.code for finding in found} == {"enemies"}
    assert "阅读" not in content_text(one)
    assert content_fold(one) == content_fold(turned)


def _simple(stem: str) -> tuple[ItemType, str, object]:
    item = single(stem)
    return item.item_type, item.stem, item.body


def test_the_facts_of_a_pool_say_by_which_version_they_are_read() -> None:
    for version, schema in ((DrawVersion.CZ2, "pool-facts/1"), (DrawVersion.CZ3, "pool-facts/2")):
        facts = PoolFacts(easiness={"a": 500}, apart=(("a", "b"),), version=version)
        assert facts_to_json(facts)["schema"] == schema
        assert facts_from_json(facts_to_json(facts)) == facts
    with pytest.raises(InvalidPool):
        facts_from_json({**facts_to_json(PoolFacts()), "schema": "pool-facts/3"})
