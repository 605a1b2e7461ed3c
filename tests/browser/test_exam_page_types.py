"""Every type that rules score, sat by keyboard on a desktop and by touch on a phone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.grading.queries import result_row
from question_bank.blueprint import Blueprint, Section
from question_bank.items import ItemType, Level
from tests.support.bank import cell
from tests.support.chromium import assert_accessible
from tests.support.every_kind import EVERY
from tests.support.exam_page import DESKTOP, PHONE, ExamPage
from tests.support.sealed_exam import make_sealed_exam
from tests.support.served import Served
from tests.support.sitting import right_responses

pytestmark = pytest.mark.browser
Seat = Callable[..., ExamPage]
SAT = [item for item in EVERY.values() if item.item_type not in {ItemType.SHORT_ANSWER, ItemType.PRACTICAL}]
BLUEPRINT = Blueprint(
    "各种题型",
    Level.PRIMARY,
    tuple(Section(f"{n}、", (cell(i.item_type, 1, points=1000),)) for n, i in enumerate(SAT, 1)),
    1,
)


def go_to(page: Page, position: int) -> None:
    page.locator(f'[data-map="{position}"]').evaluate("cell => cell.click()")


def give(page: Page, position: int, kind: str, response: Any, *, touch: bool) -> None:
    """Respond as people do: by keys alone, or by touch."""
    go_to(page, position)
    item = page.locator(f"#item-{position}")
    if kind in {"single_choice", "multiple_choice", "true_false"}:
        for shown in response:
            if touch:
                item.locator(".opt").nth(shown).tap()
            else:
                page.keyboard.press("ABCDEF"[shown])
    elif kind in {"fill_blank", "numeric"}:
        texts = response if isinstance(response, list) else [response]
        for at, text in enumerate(texts):
            field = item.locator(".given input").nth(at)
            if touch:
                field.tap()
            else:
                page.keyboard.press("Tab")
                expect(field).to_be_focused()
            page.keyboard.insert_text(text)
    elif kind == "matching":
        for at, shown in enumerate(response):
            select = item.locator("select").nth(at)
            select.focus()
            select.select_option(str(shown))
    else:
        put_in_order(page, position, response, touch=touch)


def put_in_order(page: Page, position: int, wanted: list[int], *, touch: bool) -> None:
    """Bring each element up to its place; an order that is right already is only confirmed."""
    rows = page.locator(f"#item-{position} .order li")
    moved = False
    for place, value in enumerate(wanted):
        up = page.locator(f'#item-{position} .order li[data-value="{value}"] [data-move="-1"]')
        while [int(v) for v in rows.evaluate_all("rows => rows.map((row) => row.dataset.value)")].index(value) > place:
            moved = True
            if touch:
                up.tap()
            else:
                up.press("Enter")
                expect(up).to_be_focused()
    if not moved:
        page.locator(f"#item-{position} [data-keep]").press("Enter")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["1280", "360"])
def test_a_form_of_every_type_is_sat_saved_reloaded_and_scored(
    served: Served, seat: Seat, device: dict[str, Any], tmp_path: Any
) -> None:
    exam = make_sealed_exam(served.house, candidates=1, blueprint=BLUEPRINT, items=[*EVERY.values()], remote=True)
    sitter = seat(served, exam, device=device)
    sitter.enter()
    page, touch = sitter.page, device is PHONE
    wanted = right_responses(served.house, sitter.candidate, exam.exam_id)
    kinds = {entry.position: entry.item_type.value for entry in sitter.candidate.form.entries}
    for position, response in wanted.items():
        give(page, position, kinds[position], response, touch=touch)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), position
        page.screenshot(path=tmp_path / f"{position:02}-{kinds[position]}.png")
    sitter.wait_until_saved()
    assert sitter.stored() == wanted
    expect(page.locator("#save-word")).to_have_text(f"已保存 {len(wanted)} 题")
    expect(page.locator(".cells .done")).to_have_count(len(wanted))
    page.reload()
    sitter.wait_for_paper()
    expect(page.locator(".cells .done")).to_have_count(len(wanted))
    # Cleared and given again: the page has put everything back where it was.
    for position, kind in kinds.items():
        if kind in {"fill_blank", "ordering", "matching"}:
            go_to(page, position)
            page.locator(f'[data-clear="{position}"]').click()
    expect(page.locator(".cells .done")).to_have_count(len(wanted) - 4)
    sitter.wait_until_saved()
    for position, kind in kinds.items():
        if kind in {"fill_blank", "ordering", "matching"}:
            give(page, position, kind, wanted[position], touch=touch)
    sitter.wait_until_saved()
    page.locator("#view-all").evaluate("button => button.click()")
    expect(page.locator(".stimulus:visible")).to_have_count(1)
    assert_accessible(page)
    page.screenshot(path=tmp_path / "all.png", full_page=True)
    served.pass_time(timedelta(minutes=31))
    sitter.look()
    page.locator("#hand-in-open").click()
    expect(page.locator("#hand-in-confirm")).to_be_enabled()
    page.locator("#hand-in-confirm").click()
    expect(page.locator("#recorded")).to_have_text(str(len(wanted)))
    with served.house.database.transaction(reading=True) as db:
        result = result_row(db, sitter.candidate.registration_id)
        assert result is not None
        assert (result.total, result.maximum) == (8000, 8000)
