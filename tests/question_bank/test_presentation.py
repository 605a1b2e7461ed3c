"""P14: what a candidate sees holds nothing that tells a key."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from question_bank.assembly import PoolItem, draw
from question_bank.errors import InvalidForm
from question_bank.form import Form
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import key_of, options_of
from question_bank.presentation import CandidateView, ItemView, OptionView, SectionView, candidate_view, view_to_json
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Wording
from tests.support.bank import SEED, mixed_pool, three_sections

DECLARED: dict[type, set[str]] = {
    CandidateView: {"sections", "item_count", "maximum_hundredths"},
    SectionView: {"title", "items"},
    ItemView: {"position", "item_type", "type_name", "stem", "options", "points_hundredths", "scoring"}
    | {"premises", "blanks", "unit", "case"},
    OptionView: {"letter", "text"},
}
DECLARED_JSON = {
    "$": {"sections", "item_count", "maximum_hundredths"},
    "$.sections": {"title", "items"},
    "$.sections.items": {"position", "item_type", "type_name", "stem", "options", "points_hundredths", "scoring"},
    "$.sections.items.options": {"letter", "text"},
    "$.sections.items.type_name": {"zh", "en"},
    "$.sections.items.scoring": {"zh", "en"},
}


def marked(entry: PoolItem, number: int) -> PoolItem:
    """The item with a tell-tale text in every field that is none of a candidate's business."""
    item = replace(
        entry.item,
        explanation=f"SECRET-explanation-{number}",
        topic=(*entry.item.topic, f"SECRET-topic-{number}"),
        tags=(f"SECRET-tag-{number}",),
        basis=(Basis(f"SECRET-document-{number}", f"SECRET-clause-{number}"),),
        difficulty=Difficulty.HARD,
        level=Level.ADVANCED,
    )
    return PoolItem(f"SECRET-key-{number:03}", item)


POOL = [marked(entry, number) for number, entry in enumerate(mixed_pool(singles=12, multiples=8, judgements=8))]
ITEMS = {entry.key: entry.item for entry in POOL}
BLUEPRINT = three_sections(scoring=Scoring(ScoringRule.HALF_IF_MISSED))
FORMS = draw(POOL, blueprint=BLUEPRINT, seed=SEED, label="x", form_count=6)


def walk(value: Any) -> Iterator[Any]:
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from walk(getattr(value, field.name))
    elif isinstance(value, tuple):
        for member in value:
            yield from walk(member)


@pytest.mark.parametrize("form", FORMS)
def test_every_value_in_the_view_is_of_a_declared_type_with_the_declared_fields(form: Form) -> None:
    for value in walk(candidate_view(form, ITEMS)):
        if is_dataclass(value):
            assert {field.name for field in fields(value)} == DECLARED[type(value)]
            assert not hasattr(value, "__dict__")  # slots: nothing can be hung on later
        else:
            assert type(value) in {str, int, tuple, type(None), ItemType, Wording}


@pytest.mark.parametrize("form", FORMS)
def test_the_json_of_the_view_holds_the_declared_members_and_no_secret(form: Form) -> None:
    def check(value: Any, at: str) -> None:
        if isinstance(value, dict):
            assert value.keys() == DECLARED_JSON[at]
            for name, member in value.items():
                check(member, f"{at}.{name}")
        elif isinstance(value, list):
            for member in value:
                check(member, at)

    view = view_to_json(candidate_view(form, ITEMS))
    check(view, "$")
    text = json.dumps(view)
    assert "SECRET" not in text
    assert "hard" not in text
    assert "advanced" not in text


def with_other_keys(item: Item) -> Item:
    """The same item with another key of the same kind, and nothing else changed."""
    count = len(options_of(item))
    key = frozenset((position + 1) % count for position in key_of(item))
    return replace(item, body=replace(item.body, key=key), explanation="")


@pytest.mark.parametrize("form", FORMS)
def test_the_view_is_the_same_byte_for_byte_whatever_the_keys_are(form: Form) -> None:
    others = {key: with_other_keys(item) for key, item in ITEMS.items()}
    assert json.dumps(view_to_json(candidate_view(form, ITEMS))) == json.dumps(
        view_to_json(candidate_view(form, others))
    )


def test_a_candidate_sees_stems_options_points_and_rules_in_the_order_of_the_form() -> None:
    form = FORMS[0]
    view = candidate_view(form, ITEMS)
    assert [section.title for section in view.sections] == ["一、单选题", "二、多选题", "三、判断题"]
    shown = [item for section in view.sections for item in section.items]
    assert [item.position for item in shown] == list(range(1, 15))
    assert (view.item_count, view.maximum_hundredths) == (14, 2800)
    for item, entry in zip(shown, form.entries, strict=True):
        source = ITEMS[entry.item_key]
        assert item.stem == source.stem
        assert [option.text for option in item.options] == [options_of(source)[place].text for place in entry.order]
        assert "".join(option.letter for option in item.options) == "ABCDEFGH"[: len(item.options)]
        assert item.points_hundredths == 200
    assert "一半" in view.sections[1].items[0].scoring.zh
    assert shown[0].type_name == ("单选题", "Single choice")


def test_a_form_without_its_items_is_not_shown_in_part() -> None:
    with pytest.raises(InvalidForm):
        candidate_view(FORMS[0], {})
