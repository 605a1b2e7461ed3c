"""Items joined of pieces are what the macro makes of them, byte for byte: of every type, in both languages, in whatever
order, with whatever was responded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from app.attempts.messages import AttemptShown, SavedResponse
from app.attempts.service.door import paper_of
from app.attempts.sitting_schemas import ItemShown
from app.web.pieces import ItemPieces, Kept, Slot
from app.web.templating import environment
from question_bank.assembly.sequence import form_as_it_stands
from question_bank.form import Form
from question_bank.items import Item, ItemType
from question_bank.kinds.choice import ChoiceBody
from question_bank.presentation import candidate_view, view_to_json
from tests.support.bank import options, single
from tests.support.every_kind import EVERY

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PICTURE = f"![图](picture:{'ab' * 32})"
TABLE = "| 甲 | 乙 |\n|---|---|\n| 1 | & |"
RICH = replace(
    single(f"**已知** $\\frac{{x^2}}{{2}}$，<b>\n\n{TABLE}\n\n{PICTURE}"),
    body=ChoiceBody(options("$x$", PICTURE, "<i>", "丁"), frozenset({0})),
)
RESPONSES: dict[ItemType, Any] = {
    ItemType.SINGLE_CHOICE: [1],
    ItemType.MULTIPLE_CHOICE: [0, 2],
    ItemType.TRUE_FALSE: [0],
    ItemType.NUMERIC: "<3.5>",  # and each blank
    ItemType.ORDERING: [2, 0, 1, 3],
    ItemType.MATCHING: [1, None, 0],
    ItemType.SHORT_ANSWER: "三会\n</textarea>",
    ItemType.PRACTICAL: "",
}
OTHERS = RESPONSES | {
    ItemType.SINGLE_CHOICE: [0],
    ItemType.MULTIPLE_CHOICE: [1],
    ItemType.NUMERIC: "4",
    ItemType.MATCHING: [None, 2, 1],
    ItemType.SHORT_ANSWER: "",
    ItemType.PRACTICAL: "清点人数",
}
IMPORTS = '{% from "components/exam_items.html" import exam_item, map_cell with context %}'
JOINED = "{{ items|asked_items(exam_item, pictures, current) }}{{ items|map_cells(map_cell, current) }}"
WHOLE = (
    "{% for item in items %}{{ exam_item(item, pictures, shown=item.number == current) }}\n{% endfor %}"
    "{% for item in items %}{{ map_cell(item, current=item.number == current) }}{% endfor %}"
)


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def shown(view: msgspec.Raw, saved: list[SavedResponse]) -> AttemptShown:
    return AttemptShown(
        attempt_id=1, state="open", phase="open", epoch=1, writing=True, now=NOW, started_at=NOW, deadline_at=NOW,
        paused=False, hand_in_from=NOW, closed_at=None, closing=None, receipt_code=None, view=view, responses=saved,
    )  # fmt: skip


def turned(form: Form) -> Form:
    """The same with its items and their options the other way round."""
    entries = [replace(one, order=one.order[::-1]) for section in form.sections for one in section.entries]
    numbers = iter(range(len(entries), 0, -1))
    section = replace(form.sections[0], entries=tuple(replace(one, position=next(numbers)) for one in entries))
    return replace(form, sections=(section,))


def papers() -> Iterator[list[ItemShown]]:
    items: dict[str, Item] = {str(number): item for number, item in enumerate([RICH, *EVERY.values()])}
    form = form_as_it_stands(items, title="")
    for ordered in (form, turned(form)):
        view = view_to_json(candidate_view(ordered, items))
        for responses in ({}, RESPONSES, OTHERS):
            saved = [
                SavedResponse(
                    one.position, 1, raw(responses.get(one.item_type, [responses[ItemType.NUMERIC]] * one.slots)), NOW
                )
                for section in ordered.sections
                for one in section.entries
                if responses
            ]
            yield [item for section in paper_of(shown(raw(view), saved)).sections for item in section.items_shown]


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_what_is_joined_is_what_the_macro_makes(lang: str) -> None:
    joined, whole = (environment().from_string(IMPORTS + body) for body in (JOINED, WHOLE))
    met = set()
    for items in papers():
        met |= {item.kind for item in items}
        for current in (1, len(items)):
            given = {"items": items, "lang": lang, "pictures": "/exams/7/pictures", "current": current}
            assert joined.render(given) == joined.render(given) == whole.render(given)
    assert met == set(ItemType) - {ItemType.CASE_ANALYSIS}  # of a case its parts
    elsewhere = {"items": items, "lang": lang, "pictures": "/exams/8/pictures", "current": 1}
    assert "/exams/7/" not in joined.render(elsewhere)


def test_a_frame_knows_every_field_but_the_texts_and_nothing_of_them() -> None:
    # A new field of an item belongs to the frame's key (`pieces._shape`), or to its texts.
    shape = {"number", "kind", "type_name", "scoring", "points_hundredths", "blanks", "text", "unit", "responded"}
    told_apart = {"options", "premises", "case"}
    of_the_save = {"revision", "saved_at"}
    assert set(ItemShown.model_fields) == {*shape, *told_apart, *of_the_save, "stem"}
    for use in (str, bool, len, hash, lambda slot: slot == "x"):
        with pytest.raises(TypeError, match="whatever its texts"):
            use(Slot(0))


def test_pieces_are_bounded() -> None:
    kept = Kept(10)
    made = [kept.get(number, lambda: "x" * 4) for number in (1, 2, 1, 3, 1)]
    assert (made, kept.get(3, lambda: "new"), kept.get(2, lambda: "new")) == (["xxxx"] * 5, "xxxx", "new")
    pieces = ItemPieces(lambda text, _pictures, _lang: text)
    assert (pieces.join_items("en", [], str, "", 1), pieces.join_cells("en", [], str, 1)) == ("", "")
