from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.canonical import canonical_json, read_json
from question_bank.errors import InvalidItem
from question_bank.item_json import item_from_json, item_hash, item_text, item_to_json
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import Option
from question_bank.scoring import Scoring, ScoringRule
from tests.support.bank import single
from tests.support.bodies import items_with, scorings

names = st.text(max_size=6)
items = items_with(
    stem=names,
    explanation=names,
    topic=st.lists(names, max_size=3).map(tuple),
    difficulty=st.sampled_from(Difficulty),
    level=st.sampled_from(Level),
    basis=st.lists(st.builds(Basis, names, names), max_size=2).map(tuple),
    tags=st.lists(names, max_size=3).map(tuple),
    scoring=st.none() | scorings,
)
TWO_BASES = replace(single(), basis=(Basis("党章"), Basis("准则")))


@settings(max_examples=150)
@given(items)
def test_an_item_survives_the_way_through_its_text_in_every_field_and_byte(item: Item) -> None:
    written = canonical_json(item_to_json(item))
    again = item_from_json(read_json(written))
    assert again == item
    assert canonical_json(item_to_json(again)) == written
    assert item_text(item) == canonical_json(item_to_json(item))


def test_every_field_of_an_item_is_written_in_the_oldest_schema_that_holds_it() -> None:
    common = {field.name for field in fields(Item)} | {"schema"}
    first, second = item_to_json(single()), item_to_json(TWO_BASES)
    assert (first["schema"], first.keys()) == ("item/1", common - {"body", "scoring"} | {"options", "key", "accepted"})
    assert (second["schema"], second.keys()) == ("item/2", common)
    # The same item in the newer schema is another text of it, and so none.
    with pytest.raises(InvalidItem, match="holds this item"):
        item_from_json({**second, "basis": second["basis"][:1]})


def test_the_hash_changes_with_every_field() -> None:
    item = single()
    others = [
        replace(item, item_type=ItemType.MULTIPLE_CHOICE),
        replace(item, stem="别的题干"),
        replace(item, body=replace(item.body, options=item.body.options[::-1])),
        replace(item, body=replace(item.body, options=(Option("甲", pinned=True), *item.body.options[1:]))),
        replace(item, body=replace(item.body, key=frozenset({1}))),
        TWO_BASES,
        replace(item, scoring=Scoring(ScoringRule.OPTION_WEIGHTS, weights=(Fraction(1, 3),))),
        replace(item, explanation="因为"),
        replace(item, topic=("准则",)),
        replace(item, difficulty=Difficulty.HARD),
        replace(item, level=Level.ADVANCED),
        replace(item, basis=(Basis("党章", "第一条"),)),
        replace(item, tags=("新",)),
    ]
    assert len({item_hash(other) for other in [item, *others]}) == 14


def test_the_hash_of_an_item_never_changes_between_versions_of_the_product() -> None:
    assert item_hash(single()) == "58f99c4b21a96e5a82a5e8d7270ccb0fddbbc1e84562113f35ecc2d3a383f281"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"stem": 1}, "item.stem"),
        ({"stem": None}, "item.stem"),
        ({"item_type": "essay"}, "item.item_type"),
        ({"schema": "item/3"}, "item"),
        ({"accepted": [["甲"]]}, "item"),
        ({"key": [True]}, "item.key[0]"),
        ({"key": ["0"]}, "item.key[0]"),
        ({"key": [1, 0]}, "item.key"),
        ({"key": [0, 0]}, "item.key"),
        ({"options": {}}, "item.options"),
        ({"options": ["甲"]}, "item.options[0]"),
        ({"options": [{"text": "甲"}]}, "item.options[0]"),
        ({"options": [{"text": "甲", "pinned": 0}]}, "item.options[0].pinned"),
        ({"accepted": [["甲", 1]]}, "item.accepted[0][1]"),
        ({"basis": {"document": "党章", "clause": "", "page": 1}}, "item.basis"),
        ({"role": "admin"}, "item"),
    ],
)
def test_another_shape_is_refused_and_the_place_is_named(change: dict[str, Any], place: str) -> None:  # P22
    with pytest.raises(InvalidItem) as refused:
        item_from_json({**item_to_json(single()), **change})
    assert refused.value.en.startswith(f"{place}: ")
    assert refused.value.zh.startswith(f"{place}：")


@pytest.mark.parametrize("value", [None, [], "item", 1, {}])
def test_what_is_no_object_or_lacks_members_is_refused(value: Any) -> None:
    with pytest.raises(InvalidItem):
        item_from_json(value, at="第 3 题")
