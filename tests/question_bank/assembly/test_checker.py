"""The checker finds what is wrong with forms: every check is shown one form that breaks it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from question_bank.assembly import PoolFacts, check_forms, draw_parallel, supply_of
from question_bank.blueprint import Evenness
from question_bank.form import Entry, Form
from question_bank.kinds.choice import key_of
from tests.support.bank import SEED, mixed_pool, three_sections

POOL = mixed_pool(singles=40, multiples=15, judgements=13)
BLUEPRINT = three_sections()
FORMS = [*draw_parallel(supply_of(POOL, BLUEPRINT), blueprint=BLUEPRINT, seed=SEED, label="x", form_count=4)]


def changed(form: Form, change: Callable[[Entry], Entry], *, section: int = 0, entry: int = 0) -> Form:
    entries = [*form.sections[section].entries]
    entries[entry] = change(entries[entry])
    sections = [*form.sections]
    sections[section] = replace(sections[section], entries=tuple(entries))
    return replace(form, sections=tuple(sections))


def codes(forms: list[Form], facts: PoolFacts | None = None, evenness: Evenness | None = None) -> set[str]:
    blueprint = replace(BLUEPRINT, evenness=evenness or Evenness())
    found = check_forms(forms, blueprint=blueprint, pool=POOL, facts=facts or PoolFacts())
    return {finding.code for finding in found}


def test_forms_as_drawn_are_found_right() -> None:
    assert codes(FORMS) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda entry: replace(entry, points_hundredths=100), "cells"),
        (lambda entry: replace(entry, item_key="item-0041"), "cells"),
        (lambda entry: replace(entry, item_key="gone"), "unknown"),
        (lambda entry: replace(entry, order=(0, 1, 2, 2)), "options"),
        (lambda entry: replace(entry, item_key=FORMS[0].sections[0].entries[1].item_key), "twice"),
    ],
)
def test_one_changed_entry_is_found(change: Callable[[Entry], Entry], code: str) -> None:
    assert code in codes([changed(FORMS[0], change), *FORMS[1:]])


def test_true_or_false_stands_in_its_order() -> None:
    turned = changed(FORMS[0], lambda entry: replace(entry, order=(1, 0)), section=2)
    assert codes([turned, *FORMS[1:]]) == {"options"}


def test_a_missing_section_is_found() -> None:
    assert codes([replace(FORMS[0], sections=FORMS[0].sections[:2])]) == {"sections"}


def test_a_key_that_always_stands_first_is_found() -> None:
    form = FORMS[0]
    items = {entry.key: entry.item for entry in POOL}
    for at, entry in enumerate(form.sections[0].entries):
        (right,) = key_of(items[entry.item_key])
        order = (right, *(place for place in range(4) if place != right))
        form = changed(form, lambda entry, order=order: replace(entry, order=order), entry=at)
    assert codes([form]) == {"right_places"}


def test_facts_are_held_too() -> None:
    first, second = (entry.item_key for entry in FORMS[0].sections[0].entries[:2])
    assert codes(FORMS, PoolFacts(apart=[(second, first)])) == {"enemies"}
    assert codes(FORMS, PoolFacts(resting=frozenset({first}))) == {"resting"}
    easiness = {entry.key: 0 for entry in POOL} | {entry.item_key: 1000 for entry in FORMS[0].entries}
    assert codes(FORMS, PoolFacts(easiness=easiness)) == {"expected"}
    assert codes([FORMS[0]] * 4, evenness=Evenness(exposure_permille=500)) == {"exposure"}
