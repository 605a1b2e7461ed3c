"""The exam as candidates sit it, on a desktop and on a phone."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.attempts.test_pictures import put_into_form
from tests.support.chromium import assert_accessible
from tests.support.exam_page import DESKTOP, PHONE, ExamPage, sit_down
from tests.support.sealed_exam import fifty_items, make_sealed_exam
from tests.support.served import Served, serve_house

pytestmark = pytest.mark.browser
Seat = Callable[..., ExamPage]


def response_to(position: int) -> tuple[int, ...]:
    """A response that differs from item to item: one option, two of a multiple choice, right or wrong."""
    if position <= 20:
        return (position % 4,)
    if position <= 40:
        return tuple(sorted({position % 4, (position + 2) % 4}))
    return (position % 2,)


def assert_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def sit_by_keyboard(sitter: ExamPage) -> None:
    sitter.enter()
    page = sitter.page
    for position in range(1, 51):
        assert page.get_attribute(".item[data-shown]", "data-number") == str(position)
        for index in response_to(position):
            page.keyboard.press("ABCD"[index])
        sitter.typed[position] = list(response_to(position))
        page.keyboard.press("ArrowRight")
    sitter.wait_until_saved()
    expect(page.locator("#save-word")).to_have_text("已保存 50 题")
    assert sitter.shown() == sitter.stored() == sitter.typed
    sitter.served.pass_time(timedelta(minutes=31))
    sitter.look()
    page.focus("#hand-in-open")
    page.keyboard.press("Enter")
    expect(page.locator("#hand-in-todo")).to_be_hidden()
    expect(page.locator("#hand-in-confirm")).to_be_enabled()
    page.focus("#hand-in-confirm")
    page.keyboard.press("Enter")
    expect(page.locator("#receipt")).to_be_visible()
    assert page.inner_text("#receipt") == sitter.attempt().receipt_code
    expect(page.locator("#recorded")).to_have_text("50")
    assert sitter.counted() == sitter.typed


def test_a_candidate_answers_fifty_items_by_keyboard_and_hands_in(served: Served, seat: Seat) -> None:
    sit_by_keyboard(seat(served, make_sealed_exam(served.house, blueprint=fifty_items(), candidates=1)))


@pytest.mark.long
def test_the_same_on_postgresql(browser: Browser, postgresql_url: str, tmp_path: Path) -> None:  # P51
    with serve_house(postgresql_url, tmp_path) as served:
        exam = make_sealed_exam(served.house, blueprint=fifty_items(), candidates=1)
        sitter = sit_down(browser.new_context(**DESKTOP), served, exam)
        try:
            sit_by_keyboard(sitter)
        finally:
            sitter.context.close()
        assert sitter.defects == []


def test_a_candidate_answers_on_a_phone_by_touch(served: Served, seat: Seat) -> None:
    sitter = seat(served, make_sealed_exam(served.house, candidates=1, earliest_hand_in_minutes=0), device=PHONE)
    sitter.open()
    page = sitter.page
    assert_no_sideways_scrolling(page)
    page.tap("#honest")
    page.tap("#go")
    sitter.wait_for_paper()
    assert_no_sideways_scrolling(page)
    for position in range(1, 13):
        option = page.locator(f"#item-{position} .opt").nth(position % 2)
        option.tap()
        sitter.typed[position] = [position % 2]
        page.tap("#next")
    page.tap("#flag")
    page.tap("#map-open")
    expect(page.locator("#map")).to_be_visible()
    assert_no_sideways_scrolling(page)
    page.tap('[data-map="2"]')
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator("#item-2")).to_be_visible()
    sitter.wait_until_saved()
    assert sitter.shown() == sitter.stored() == sitter.typed
    page.tap("#hand-in-open")
    assert page.locator("#unanswered a").all_inner_texts() == ["13", "14"]  # asks once, and names what is unanswered
    page.tap("#hand-in-confirm")
    expect(page.locator("#receipt")).to_be_visible()
    assert_no_sideways_scrolling(page)
    assert sitter.counted() == sitter.typed


def test_the_waiting_room_shows_nothing_of_the_form_and_opens_by_itself(served: Served, seat: Seat) -> None:  # P15
    exam = make_sealed_exam(served.house, candidates=1, starts_in=timedelta(minutes=5))
    sitter = seat(served, exam)
    heard: list[str] = []
    sitter.page.on("response", lambda answer: heard.append(answer.text()) if answer.ok and answer.url else None)
    sitter.open()
    page = sitter.page
    expect(page.locator("#countdown")).to_contain_text("00:04:5")
    expect(page.locator("[data-check='store'][data-state='ok']")).to_be_visible()
    expect(page.locator("[data-check='clock'] span")).to_contain_text("不影响考试")  # this house lives in another year
    page.wait_for_load_state("networkidle")
    assert heard
    stems = ["单选1", "多选1", "判断1", "一、单选题"]
    assert [stem for stem in stems for text in heard if stem in text] == []
    with page.expect_response("**/declaration"):
        page.check("#honest")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#go")).to_be_disabled()
    expect(page.locator("[data-check='form'] span")).to_contain_text("已加密送达", timeout=25_000)
    served.pass_time(exam.starts_at - served.clock.now() - timedelta(seconds=4))
    page.reload()
    expect(page.locator("[data-check='form'] span")).to_contain_text("已加密送达")
    pages: list[str] = []
    page.on("request", lambda request: pages.append(request.url) if request.is_navigation_request() else None)
    sitter.wait_for_paper()
    assert pages == []  # the sealed form was opened where it was
    assert page.locator(".item").count() == 14
    expect(page.locator("#clock time")).to_have_text(re.compile("^(01:00:00|00:59:5)"))
    expect(page.locator("link[href*='door.css']")).to_have_count(0)
    expect(page.locator(".map [data-display='size']")).to_be_visible()
    sitter.choose(2, 1)
    sitter.choose(9, 0, 2)
    sitter.wait_until_saved()
    assert_accessible(page)
    page.reload()
    sitter.wait_for_paper()
    assert sitter.shown() == sitter.stored() == sitter.typed


def test_without_a_sealed_form_the_start_delivers_it(served: Served, seat: Seat) -> None:
    for number, spoil in enumerate(("delete DecompressionStream", "crypto.subtle.decrypt = () => Promise.reject()")):
        exam = make_sealed_exam(served.house, candidates=1, starts_in=timedelta(seconds=6))
        sitter = seat(served, exam, script=spoil)
        sitter.open()
        expect(sitter.page.locator("[data-check='form'] span")).to_have_text(
            ["开考时送达", "已加密送达本机，开考时自动打开"][number]
        )
        sitter.page.check("#honest")
        sitter.wait_for_paper()
        assert sitter.page.locator(".item").count() == 14


def test_who_has_not_checked_in_is_sent_to_the_ticket_page(served: Served, seat: Seat) -> None:
    exam = make_sealed_exam(served.house, candidates=1, proctored=True)
    sitter = seat(served, exam, signed_in=False)
    page = sitter.page
    page.goto(f"{served.base}/ticket")
    page.wait_for_selector("body[data-ready]")
    page.fill("#number", sitter.candidate.ticket_number)
    page.fill("#code", "AAAA-AAAA")
    page.click("#go")
    expect(page.locator("#problem")).to_contain_text("签到码不正确")
    sitter.check_in()
    page.check("#honest")
    page.click("#go")
    sitter.wait_for_paper()


def test_a_reload_keeps_every_response_flag_and_view(served: Served, seat: Seat) -> None:
    sitter = seat(served, make_sealed_exam(served.house, candidates=1))
    sitter.enter()
    page = sitter.page
    sitter.choose(1, 2)
    sitter.choose(8, 0, 3)
    sitter.choose(3, 1)
    page.keyboard.press("f")
    page.click("#view-all")
    page.wait_for_timeout(100)
    page.reload()  # before the last change was acknowledged, or after: the same
    sitter.wait_for_paper()
    sitter.wait_until_shown()
    sitter.wait_until_saved()
    assert sitter.stored() == sitter.typed
    expect(page.locator("#item-3 .flagged")).to_be_visible()
    expect(page.locator("#item-14")).to_be_visible()
    page.locator('[data-clear="1"]').click()
    sitter.typed.pop(1)
    sitter.wait_until_saved()
    assert sitter.shown() == sitter.stored() == sitter.typed
    page.reload()  # with nothing waiting on the device: from the server alone
    sitter.wait_for_paper()
    assert sitter.shown() == sitter.stored() == sitter.typed


def test_notes_stay_here_and_pictures_grow(served: Served, seat: Seat) -> None:
    exam = make_sealed_exam(served.house, candidates=1)
    sitter = seat(served, exam)
    picture = put_into_form(served.house, sitter.candidate.registration_id)
    sent: list[str] = []
    sitter.page.on("request", lambda request: sent.append(request.post_data or ""))
    sitter.enter()
    page = sitter.page
    page.click("#item-1 .note summary")
    page.fill("[data-note='1']", "先跳过 B")
    page.reload()
    sitter.wait_for_paper()
    expect(page.locator("[data-note='1']")).to_have_value("先跳过 B")
    assert not any("先跳过" in body for body in sent)
    assert sitter.shown() == {}
    page.locator("#item-1 .stem img").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#zoom-picture")).to_have_attribute("src", re.compile(f"/pictures/{picture.sha256}$"))
    page.click("#zoom-more")
    assert page.evaluate("document.getElementById('zoom-picture').style.width") == "150%"
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator("#zoom")).to_be_hidden()
    assert sitter.shown() == {}


def test_keys_choose_move_flag_and_help(served: Served, seat: Seat) -> None:
    sitter = seat(served, make_sealed_exam(served.house, candidates=1))
    sitter.enter()
    page = sitter.page
    page.keyboard.press("a")
    page.keyboard.press("b")  # a single choice has one
    assert sitter.shown() == {1: [1]}
    page.keyboard.press("b")  # and may be taken back
    assert sitter.shown() == {}
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement.dataset.map") == "1"
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("c")  # not while a dialog stands open
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "item-2"
    page.keyboard.press("F")
    expect(page.locator("#announce")).to_have_text("已标记第 2 题")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")  # the first is the first
    assert sitter.shown() == {}
    assert page.get_attribute(".item[data-shown]", "data-number") == "1"


@pytest.mark.parametrize(("width", "lang"), [(360, "en"), (1280, "zh")])
def test_every_state_of_the_page_is_accessible(served: Served, seat: Seat, width: int, lang: str) -> None:
    exam = make_sealed_exam(served.house, candidates=1, starts_in=timedelta(minutes=5))
    sitter = seat(served, exam, device={"viewport": {"width": width, "height": 800}, "reduced_motion": "reduce"})
    sitter.context.add_cookies([{"name": "lang", "value": lang, "url": served.base}])
    page = sitter.page
    for path in ("/sittings", "/ticket", f"/exams/{exam.exam_id}/sit"):
        page.goto(served.base + path)
        assert_accessible(page)
        assert_no_sideways_scrolling(page)
    served.pass_time(timedelta(minutes=5))
    sitter.enter()
    sitter.choose(1, 1)
    page.keyboard.press("f")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    page.keyboard.press("?")
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.click("#hand-in-open")
    expect(page.locator("#hand-in-confirm")).to_be_disabled()
    expect(page.locator("#hand-in-early")).to_contain_text(":")
    assert_accessible(page)
    page.keyboard.press("Escape")
    sitter.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    sitter.context.set_offline(False)
    sitter.wait_until_saved()
    served.pass_time(timedelta(minutes=59))
    sitter.look()
    expect(page.locator("#clock")).to_have_attribute("data-phase", "last")
    served.pass_time(timedelta(minutes=2))
    sitter.look()
    expect(page.locator("#halt")).to_be_visible()
    assert_accessible(page)
    served.sweep()
    expect(page.locator("#receipt")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
