"""Similar wrong responses: the figures against brute force, a planted copy found, honest sittings left alone."""

import random
from fractions import Fraction
from itertools import combinations, product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.statistics import similarity
from question_bank.statistics.similarity import (
    ALPHA,
    SHARES,
    Nearness,
    Script,
    agreement_chances,
    find_similar,
    upper_tail,
)


def brute_tail(chances: list[Fraction], at_least: int) -> Fraction:
    """Every outcome of every trial, added up in exact numbers."""
    outcomes = product((0, 1), repeat=len(chances))
    return sum(
        (
            prod(c if hit else 1 - c for c, hit in zip(chances, hits, strict=True))
            for hits in outcomes
            if sum(hits) >= at_least
        ),
        Fraction(0),
    )


def sitting(draw: random.Random, *, people: int, items: int, columns: int = 5) -> list[Script]:
    """Who all work alone: each item has distractors of unequal attraction, and a seat to each person."""
    pull = [[draw.random() + 0.1 for _ in range(3)] for _ in range(items)]
    scripts = []
    for at in range(people):
        wrong = {f"i{item}": draw.choices("BCD", weights=pull[item])[0] for item in range(items) if draw.random() < 0.4}
        beside = {at - columns, at + columns}
        beside |= {at - 1} if at % columns else set()
        beside |= {at + 1} if (at + 1) % columns else set()
        scripts.append(
            Script(at, wrong, at // 20, frozenset(b for b in beside if 0 <= b < people and b // 20 == at // 20))
        )
    return scripts


@given(st.lists(st.fractions(0, 1, max_denominator=50), max_size=7), st.integers(-1, 8))
@settings(max_examples=60)
def test_the_tail_is_that_of_every_outcome_added_up(chances: list[Fraction], at_least: int) -> None:
    found = upper_tail([float(chance) for chance in chances], at_least)
    assert found == pytest.approx(float(brute_tail(chances, at_least)), abs=1e-12)


def test_figures_worked_out_by_hand() -> None:
    wrong = [{"a": "B", "b": "C"}, {"a": "B", "b": "D"}, {"a": "C"}, {"a": "C", "t": "wrong"}, {"t": "wrong"}]
    scripts = [Script(name, said) for name, said in enumerate(wrong)]
    assert agreement_chances(scripts) == {"a": 0.5, "b": 0.5, "t": 1.0}
    assert upper_tail([0.5, 0.5], 1) == 0.75
    assert (upper_tail([], 0), upper_tail([], 1), upper_tail([0.2], 0), upper_tail([1.0], 1)) == (1, 0, 1, 1)
    assert sum(SHARES.values()) == 1


def test_pairs_against_a_comparison_without_any_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(25)
    scripts = sitting(draw, people=60, items=40)
    copied = scripts[7].wrong
    scripts[8] = Script(8, dict(copied), scripts[8].room, scripts[8].neighbours)  # beside each other
    scripts[45] = Script(45, {**dict(list(copied.items())[:-2])}, scripts[45].room, scripts[45].neighbours)  # apart
    monkeypatch.setattr(similarity, "_BLOCK", 17)
    found = find_similar(scripts)
    chances = agreement_chances(scripts)
    near = {n: [] for n in Nearness}
    for one, other in combinations(scripts, 2):
        kind = Nearness.NEIGHBOURS if other.name in one.neighbours else Nearness.SAME_ROOM
        near[kind if one.room == other.room else Nearness.APART].append((one, other))
    assert {kind: len(pairs) for kind, pairs in near.items()} == dict(found.compared)
    listed = {}
    for kind, pairs in near.items():
        for one, other in pairs:
            both = one.wrong.keys() & other.wrong.keys()
            same = [item for item in both if one.wrong[item] == other.wrong[item]]
            chance = upper_tail([chances[item] for item in both], len(same))
            if chance <= ALPHA * SHARES[kind] / len(pairs):
                listed[one.name, other.name] = (kind, len(both), len(same), pytest.approx(chance))
    assert {(p.one, p.other): (p.nearness, p.both_wrong, p.same, p.chance) for p in found.pairs} == listed
    assert {(7, 8), (7, 45), (8, 45)} <= listed.keys()
    assert found.pairs[0].items == tuple(sorted(copied)) or len(found.pairs[0].items) == found.pairs[0].same
    monkeypatch.setattr(similarity, "MOST_TOGETHER", 59)
    bounded = find_similar(scripts)
    assert bounded.compared[Nearness.APART] == 0
    assert {(p.one, p.other) for p in bounded.pairs} == {(7, 8)}


def test_who_worked_alone_is_hardly_ever_listed() -> None:
    draw = random.Random(7)
    listed = sum(bool(find_similar(sitting(draw, people=40, items=30)).pairs) for _ in range(40))
    assert listed <= 5  # 2 expected at most of 40 sittings; more than 5 would come by chance once in seventy times
    assert find_similar([]).pairs == find_similar([Script(1, {})]).pairs == ()
