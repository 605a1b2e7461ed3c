"""Every lifecycle is one table; every state can be reached, every action does something."""

import pytest

from tests.support.house_map import lifecycles, refusals

LIFECYCLES = lifecycles()


def test_the_main_job_has_its_lifecycles():
    features = {lifecycle.name.split(".")[1] for lifecycle in LIFECYCLES}
    assert {"authoring", "exams", "attempts", "grading", "clearance", "certificates", "jobs"} <= features


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda found: found.name)
def test_every_action_moves_something(lifecycle):
    used = {action for _, action in lifecycle.table}
    assert used == set(lifecycle.actions)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda found: found.name)
def test_every_state_can_be_reached(lifecycle):
    first = lifecycle.states[0]
    reached, before = {first}, set()
    while reached != before:
        before = set(reached)
        reached |= {target for (state, _), target in lifecycle.table.items() if state in reached}
    assert reached == set(lifecycle.states)


def test_refusals_have_one_code_each_and_both_sentences():
    codes = {}
    for kind in refusals():
        assert kind.zh, kind
        assert kind.en, kind
        if kind.zh.startswith("{"):
            continue  # it speaks with the words of what it wraps
        assert any("一" <= c <= "鿿" for c in kind.zh), kind
        assert not any("一" <= c <= "鿿" for c in kind.en), kind
        codes.setdefault(kind.code, []).append(kind)
    for code, kinds in codes.items():
        assert len(kinds) == 1 or all(issubclass(k, kinds[0]) or issubclass(kinds[0], k) for k in kinds), code
