from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.assembly import PoolItem, draw, feasibility
from question_bank.blueprint import Blueprint, Cell
from question_bank.errors import InvalidBlueprint, InvalidPool, PoolTooSmall
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


def figures(blueprint: Blueprint, pool: list[PoolItem]) -> list[tuple[int, int, int, int]]:
    return [(each.wanted, each.available, each.served, each.short) for each in feasibility(blueprint, pool)]


def test_a_pool_that_serves_every_cell_is_short_of_nothing() -> None:
    pool = mixed_pool(singles=8, multiples=4, judgements=4)
    assert figures(three_sections(), pool) == [(4, 8, 4, 0), (2, 2, 2, 0), (4, 4, 4, 0), (4, 4, 4, 0)]


def test_each_cell_says_what_it_lacks() -> None:
    pool = pool_of(single("甲"), single("乙"), true_false("丙"))
    blueprint = blueprint_of(cell(SINGLE, 3), cell(TRUE_FALSE, 1), cell(MULTIPLE, 2))
    assert figures(blueprint, pool) == [(3, 2, 2, 1), (1, 1, 1, 0), (2, 0, 0, 2)]


def test_a_wide_cell_and_a_narrow_one_never_count_one_item_twice() -> None:
    pool = pool_of(*(single(f"一{n}", topic=("党章", "一")) for n in range(2)), single("二", topic=("党章", "二")))
    wide_first = blueprint_of(cell(SINGLE, 2), cell(SINGLE, 2, topic=("党章", "一")))
    assert figures(wide_first, pool) == [(2, 3, 1, 1), (2, 2, 2, 0)]


def test_three_nested_cells_are_served_from_the_deepest_up() -> None:
    pool = pool_of(single("甲", topic=("a", "b", "c")), single("乙", topic=("a", "b")), single("丙", topic=("a",)))
    nested = blueprint_of(cell(SINGLE, 1), cell(SINGLE, 1, topic=("a", "b")), cell(SINGLE, 1, topic=("a", "b", "c")))
    assert [short for *_, short in figures(nested, pool)] == [0, 0, 0]


def test_items_with_one_stem_count_once() -> None:
    pool = pool_of(
        single("党的宗旨（ ）。", topic=("一",)), single("党的宗旨()", topic=("二",)), single("别的", topic=("二",))
    )
    assert figures(blueprint_of(cell(SINGLE, 3)), pool) == [(3, 2, 2, 1)]


def test_a_stem_under_two_topics_goes_where_it_is_needed() -> None:
    # 甲 stands under both topics; only an exchange serves both cells, whichever is served first.
    pool = pool_of(single("甲", topic=("一",)), single("甲。", topic=("二",)), single("乙", topic=("一",)))
    blueprint = blueprint_of(cell(SINGLE, 1, topic=("一",)), cell(SINGLE, 1, topic=("二",)))
    assert [short for *_, short in figures(blueprint, pool)] == [0, 0]
    (form,) = draw(pool, blueprint=blueprint, seed=SEED, label="x", form_count=1)
    assert {entry.item_key for entry in form.entries} == {"item-0001", "item-0002"}


def test_an_exchange_may_run_through_several_cells() -> None:
    # 三 can only have 丙; so 二 must take 甲 instead, and 一 乙.
    where = {"甲": "一二", "乙": "一四", "丙": "二三", "丁": "四"}
    pool = pool_of(*(single(stem, topic=(topic,)) for stem, topics in where.items() for topic in topics))
    blueprint = blueprint_of(*(cell(SINGLE, 1, topic=(topic,)) for topic in "一二三四"))
    assert [short for *_, short in figures(blueprint, pool)] == [0, 0, 0, 0]


def test_a_draw_from_too_small_a_pool_names_every_cell_that_falls_short() -> None:
    pool = mixed_pool(singles=3, multiples=4, judgements=1)
    with pytest.raises(PoolTooSmall) as refused:
        draw(pool, blueprint=three_sections(), seed=SEED, label="x", form_count=1)
    assert [(each.section, each.topic, each.wanted, each.available) for each in refused.value.shortfalls] == [
        ("一、单选题", "", 4, 2),
        ("一、单选题", "党章 / 第1章", 2, 1),
        ("三、判断题", "", 4, 1),
    ]
    assert "三、判断题「全部知识点」需 4 题，仅有 1 题" in refused.value.zh


def test_a_key_that_stands_twice_is_refused() -> None:
    pool = [*pool_of(single("甲"), single("乙")), PoolItem("item-0000", single("丙"))]
    with pytest.raises(InvalidPool) as refused:
        feasibility(blueprint_of(cell(SINGLE, 1)), pool)
    assert refused.value.code == "pool.key_twice"


def test_an_item_that_no_one_could_score_is_refused_by_name() -> None:
    with pytest.raises(InvalidPool) as refused:
        feasibility(blueprint_of(cell(SINGLE, 1)), pool_of(single("甲"), single("乙", right=4)))
    assert "item-0001" in refused.value.zh
    assert "item-0001" in refused.value.en


def test_a_blueprint_that_contradicts_itself_is_refused_first() -> None:
    with pytest.raises(InvalidBlueprint):
        feasibility(blueprint_of(cell(SINGLE, 0)), [])


topics = st.sampled_from([("a",), ("a", "b"), ("a", "c"), ("d",)])
cells = st.builds(
    Cell,
    topic=st.sampled_from([(), ("a",), ("a", "b"), ("d",)]),
    item_type=st.just(SINGLE),
    count=st.integers(1, 3),
    points_hundredths=st.just(100),
)


@given(
    st.lists(cells, min_size=1, max_size=4), st.lists(st.tuples(st.sampled_from("甲乙丙丁戊己"), topics), max_size=8)
)
def test_what_is_served_is_the_most_that_can_be(wanted: list[Cell], found: list[tuple[str, tuple[str, ...]]]) -> None:
    """Against the theorem of Hall and König: the shortage is the worst one over all sets of cells."""
    pool = pool_of(*(single(stem, topic=topic) for stem, topic in found))
    reports = feasibility(blueprint_of(*wanted), pool)
    worst = 0
    for size in range(1, len(wanted) + 1):
        for some in combinations(wanted, size):
            fitting = {entry.item.stem for entry in pool if any(each.takes(entry.item) for each in some)}
            worst = max(worst, sum(each.count for each in some) - len(fitting))
    assert sum(report.short for report in reports) == worst
    assert all(0 <= report.served <= min(report.wanted, report.available) for report in reports)
