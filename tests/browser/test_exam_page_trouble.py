"""The exam page when something goes wrong: what was typed is what is stored, and the page never says otherwise."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import update

from app.accounts.models import LoginSession
from app.attempts.proctoring.rules import TimeCause
from app.attempts.rules import AttemptState, Closing
from app.attempts.service import grant_time
from app.operation import acting_as
from tests.support.chromium import assert_accessible
from tests.support.exam_page import ExamPage
from tests.support.sealed_exam import SealedExam, make_sealed_exam, open_session_for
from tests.support.served import Served

pytestmark = pytest.mark.browser
Seat = Callable[..., ExamPage]
SAVES = "**/api/v1/attempts/*/saves"
HALTED = "#halt[open]"


@pytest.fixture
def exam(served: Served) -> SealedExam:
    return make_sealed_exam(served.house, candidates=1, proctored=True)


def hold_answers(page: Page) -> list[tuple[Route, object]]:
    """Let saves reach the server, and keep back what it answers."""
    held: list[tuple[Route, object]] = []
    page.route(SAVES, lambda route: held.append((route, route.fetch())))
    return held


def states_seen(page: Page) -> None:
    """Note from now on every state that the indicator takes."""
    page.evaluate(
        """() => {
          const place = document.getElementById("save");
          window.seen = [place.dataset.state];
          new MutationObserver(() => window.seen.push(place.dataset.state)).observe(place, {attributes: true});
        }"""
    )


def test_saved_is_never_shown_before_the_acknowledgement(served: Served, seat: Seat) -> None:  # P5
    exam = make_sealed_exam(served.house, candidates=1, earliest_hand_in_minutes=0)
    sitter = seat(served, exam)
    sitter.enter()
    page = sitter.page
    held = hold_answers(page)
    sitter.choose(1, 2)
    assert sitter.save_state() == "saving"
    states_seen(page)
    expect(page.locator("#save")).to_have_attribute("data-state", "unsaved", timeout=9000)  # visible within 10 s
    assert sitter.stored() == sitter.typed  # the server has it, and has said so to nobody
    assert page.evaluate("window.seen.includes('saved')") is False
    expect(page.locator('[data-map="1"].unsaved')).to_be_visible()
    page.click("#hand-in-open")
    expect(page.locator("#hand-in-confirm")).to_be_disabled()
    expect(page.locator("#hand-in-unsaved")).to_be_visible()
    page.keyboard.press("Escape")
    assert len(held) == 1
    route, response = held[0]
    route.fulfill(response=response)  # type: ignore[arg-type]
    sitter.wait_until_saved()
    expect(page.locator("#save-word")).to_have_text("已保存 1 题")
    assert sitter.stored() == sitter.typed


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "content_type": "text/html", "body": "<p>portal</p>"},
        {"status": 200, "content_type": "application/json", "body": "{}"},
        {"status": 200, "content_type": "application/json", "body": json.dumps({"results": [{"receipt": ""}]})},
    ],
)
def test_what_is_no_acknowledgement_is_not_taken_for_one(
    served: Served, seat: Seat, exam: SealedExam, answer: dict[str, object]
) -> None:  # P5
    sitter = seat(served, exam)
    sitter.enter()
    tries: list[str] = []

    def speak(route: Route) -> None:
        tries.append(route.request.post_data or "")
        route.fulfill(**answer)  # type: ignore[arg-type]

    sitter.page.route(SAVES, speak)
    states_seen(sitter.page)
    sitter.choose(2, 1)
    sitter.page.wait_for_timeout(2200)
    assert len(tries) >= 2
    assert set(tries) == {tries[0]}  # the very same changes, again
    assert "saved" not in sitter.page.evaluate("window.seen.slice(1)")
    assert sitter.stored() == {}
    sitter.page.unroute(SAVES)
    sitter.page.evaluate("dispatchEvent(new Event('online'))")
    sitter.wait_until_saved()
    assert sitter.stored() == sitter.typed


def test_a_busy_server_is_given_the_time_it_asks_for(served: Served, seat: Seat, exam: SealedExam) -> None:  # P7
    sitter = seat(served, exam)
    sitter.enter()
    moments: list[float] = []

    def refuse(route: Route) -> None:
        moments.append(sitter.page.evaluate("performance.now()"))
        if len(moments) > 1:
            route.continue_()
            return
        body = json.dumps({"code": "service.unavailable", "title": "请稍候", "status": 503})
        headers = {"retry-after": "2", "content-type": "application/problem+json"}
        route.fulfill(status=503, headers=headers, body=body)

    sitter.page.route(SAVES, refuse)
    sitter.choose(1, 0)
    sitter.page.wait_for_timeout(900)
    sitter.choose(2, 1)  # typing does not cut the wait short
    assert sitter.save_state() == "saving"
    sitter.wait_until_saved()
    assert moments[1] - moments[0] >= 2000
    assert sitter.stored() == sitter.typed


def test_two_minutes_without_network_lose_nothing(served: Served, seat: Seat, exam: SealedExam) -> None:  # P5
    sitter = seat(served, exam)
    sitter.enter()
    page = sitter.page
    sitter.choose(1, 1)
    sitter.wait_until_saved()
    sitter.context.set_offline(True)
    for position in range(2, 7):
        sitter.choose(position, position % 2)
    sitter.choose(7, 0, 1)
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline-count")).to_have_text("待补存 6 题")
    expect(page.locator("#save")).to_have_attribute("data-state", "offline")
    served.pass_time(timedelta(minutes=2))
    assert sitter.stored() == {1: [1]}
    page.locator('[data-clear="3"]').evaluate("button => button.click()")
    sitter.typed.pop(3)
    sitter.context.set_offline(False)
    sitter.wait_until_saved()
    expect(page.locator("#offline")).to_be_hidden()
    assert sitter.shown() == sitter.stored() == sitter.typed
    expect(page.locator("#clock time")).to_have_text(re.compile("00:5[67]:"))  # the time went on


def test_a_page_killed_offline_comes_back_with_what_was_typed(
    served: Served, seat: Seat, exam: SealedExam
) -> None:  # P5
    sitter = seat(served, exam)
    sitter.enter()
    sitter.choose(1, 1)
    sitter.wait_until_saved()
    sitter.context.set_offline(True)
    sitter.choose(1, 3)
    sitter.choose(2, 2)
    sitter.page.wait_for_timeout(1000)  # within a second it is in the device's journal
    sitter.page.close()
    assert sitter.stored() == {1: [1]}
    sitter.context.set_offline(False)
    after = sitter.again()
    after.open()
    after.wait_for_paper()
    after.wait_until_shown()
    after.wait_until_saved()
    assert after.stored() == sitter.typed
    assert after.defects == []


def test_what_the_device_keeps_cannot_be_read_from_its_store(
    served: Served, seat: Seat, exam: SealedExam
) -> None:  # P5
    sitter = seat(served, exam)
    sitter.enter()
    sitter.context.set_offline(True)
    sitter.choose(3, 2)
    sitter.page.wait_for_timeout(1000)
    read = """() => new Promise((resolve) => {
      const open = indexedDB.open("chizheng-journal");
      open.onsuccess = () => {
        const rows = open.result.transaction("changes").objectStore("changes").getAll();
        rows.onsuccess = () => resolve(rows.result.map((row) => Object.keys(row).sort().join()));
      };
    })"""
    assert sitter.page.evaluate(read) == ["attempt,iv,position,revision,sealed"]
    sitter.context.set_offline(False)
    sitter.wait_until_saved()
    sitter.page.wait_for_timeout(200)
    assert sitter.page.evaluate(read) == []  # and is gone once the server has it


def test_a_swapped_computer_goes_on_and_the_first_is_told(served: Served, seat: Seat, exam: SealedExam) -> None:  # P12
    first = seat(served, exam)
    first.enter()
    first.choose(1, 1)
    first.choose(8, 0, 2)
    first.wait_until_saved()
    second = seat(served, exam, signed_in=False)
    second.check_in()
    expect(second.page.locator("#code-field")).to_be_hidden()
    second.page.click("#go")
    second.wait_for_paper()
    assert second.shown() == first.typed
    second.typed.update(first.typed)
    second.choose(2, 3)
    second.wait_until_saved()
    first.page.keyboard.press("ArrowRight")
    first.page.keyboard.press("a")  # the first computer still tries
    expect(first.page.locator(HALTED)).to_contain_text("答卷已转到另一台计算机")
    assert_accessible(first.page)
    first.page.keyboard.press("Escape")
    first.page.keyboard.press("Escape")
    expect(first.page.locator(HALTED)).to_be_visible()
    assert second.stored() == second.shown() == second.typed


def test_a_computer_without_check_in_needs_the_release_code(
    served: Served, seat: Seat, exam: SealedExam
) -> None:  # P12
    first = seat(served, exam)
    first.enter()
    first.choose(1, 1)
    first.wait_until_saved()
    first.page.close()
    second = seat(served, exam, signed_in=False)
    token, _ = open_session_for(served.house, second.candidate, checked_in=False)
    served.sign_in(second.context, token)
    second.open()
    second.page.fill("#code", "ABCD-EFGH")
    second.page.click("#go")
    expect(second.page.locator("#problem")).to_contain_text("签到码")
    second.page.fill("#code", second.code())
    second.page.click("#go")
    second.wait_for_paper()
    assert second.shown() == first.typed


def test_a_session_that_ends_in_the_middle_loses_nothing(served: Served, seat: Seat, exam: SealedExam) -> None:
    sitter = seat(served, exam)
    sitter.enter()
    sitter.choose(1, 1)
    sitter.wait_until_saved()
    with acting_as(served.house, "test") as op:
        account = sitter.candidate.persona.account_id
        op.db.execute(update(LoginSession).where(LoginSession.account_id == account).values(ended_at=op.now))
    sitter.choose(2, 0)
    sitter.choose(1, 1, 2)  # takes 1 back, gives 2
    sitter.typed[1] = [2]
    page = sitter.page
    expect(page.locator(HALTED)).to_contain_text("登录已失效")
    assert_accessible(page)
    page.click("#halt-link")
    page.wait_for_url("**/ticket")
    sitter.check_in()
    page.click("#go")
    sitter.wait_for_paper()
    sitter.wait_until_saved()
    assert sitter.shown() == sitter.stored() == sitter.typed


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "channel"])  # P12; plain HTTP has no locks
def test_of_two_tabs_one_writes_the_other_says_so(served: Served, seat: Seat, exam: SealedExam, locks: bool) -> None:
    unlocked = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });"
    first = seat(served, exam, script="" if locks else unlocked)
    first.enter()
    first.choose(1, 1)
    first.wait_until_saved()
    second = first.again()
    second.page.goto(second.door)
    expect(second.page.locator(HALTED)).to_contain_text("已在另一个页面打开")
    assert_accessible(second.page)
    first.choose(2, 1)
    first.wait_until_saved()
    hold_answers(first.page)
    first.choose(4, 2)  # typed in the first, never acknowledged there
    first.page.wait_for_timeout(1000)
    second.page.click("#halt-link")
    second.wait_for_paper()
    expect(first.page.locator(HALTED)).to_contain_text("已转到另一个页面")
    second.choose(3, 0)
    second.wait_until_saved()
    assert second.shown() == second.stored() == first.typed
    assert second.defects == []


def test_the_deadline_passes_with_the_page_open(served: Served, seat: Seat, exam: SealedExam) -> None:  # P9, P10
    sitter = seat(served, exam)
    sitter.enter()
    sitter.choose(1, 1)
    sitter.choose(2, 2)
    sitter.wait_until_saved()
    page = sitter.page
    served.pass_time(timedelta(minutes=44, seconds=58))
    sitter.look()
    expect(page.locator("#clock")).to_have_attribute("data-phase", "closing")
    expect(page.locator("#announce")).to_have_text("距截止还有 15 分钟")  # how long it is, whichever mark was passed
    served.pass_time(timedelta(minutes=14, seconds=54))
    sitter.look()
    expect(page.locator("#clock")).to_have_attribute("data-phase", "last")
    sitter.choose(3, 3)
    sitter.wait_until_saved()
    expect(page.locator(HALTED)).to_contain_text("考试时间已到", timeout=12_000)
    assert sitter.attempt().state is AttemptState.OPEN
    served.pass_time(timedelta(seconds=20))
    served.sweep()
    expect(page.locator("#recorded")).to_have_text("3")
    attempt = sitter.attempt()
    assert (attempt.closing, attempt.closed_at) == (Closing.AT_DEADLINE, attempt.deadline_at)
    assert page.inner_text("#receipt") == attempt.receipt_code
    assert sitter.counted() == sitter.typed


def test_who_never_hands_in_is_closed_as_of_the_deadline(served: Served, seat: Seat, exam: SealedExam) -> None:  # P10
    sitter = seat(served, exam)
    sitter.enter()
    sitter.choose(5, 1)
    sitter.wait_until_saved()
    sitter.page.close()
    served.pass_time(timedelta(minutes=61))
    served.sweep()
    assert sitter.attempt().closing is Closing.AT_DEADLINE
    assert sitter.counted() == sitter.typed
    late = sitter.again()
    token, _ = open_session_for(served.house, sitter.candidate)
    served.sign_in(late.context, token)
    late.open()
    expect(late.page.locator("#recorded")).to_have_text("1")


def test_granted_time_appears_within_ten_seconds(served: Served, seat: Seat, exam: SealedExam) -> None:  # P11
    sitter = seat(served, exam)
    sitter.enter()
    page = sitter.page
    sitter.page.wait_for_timeout(300)
    with acting_as(served.house, "test", actor=sitter.proctor) as op:
        grant_time(
            op,
            room_id=sitter.candidate.room_id,
            minutes=7,
            cause=TimeCause.MACHINE_FAILURE,
            note="",
            registration_id=sitter.candidate.registration_id,
        )
    expect(page.locator("#deadline-words")).to_contain_text("截止时间已延长到", timeout=10_000)
    expect(page.locator("#clock time")).to_have_text(re.compile("^01:06:"), timeout=2_000)


def test_a_wrong_clock_and_zone_of_the_computer_change_nothing(
    served: Served, seat: Seat, exam: SealedExam
) -> None:  # P9
    elsewhere = {"timezone_id": "America/New_York", "locale": "zh-CN"}
    past = "const real = Date.now; Date.now = () => real() - 25 * 365 * 86400000"
    sitter = seat(served, exam, device=elsewhere, script=past)
    sitter.enter()
    assert re.match("01:00:00|00:59:5", sitter.page.inner_text("#clock time"))
    sitter.choose(1, 1)
    sitter.wait_until_saved()
    here = served.clock.now() + timedelta(hours=8)
    assert sitter.page.inner_text("#save-at").startswith(f"{here:%H:%M}")
    assert sitter.stored() == sitter.typed


def test_handing_in_twice_over_a_lost_answer_is_one_hand_in(served: Served, seat: Seat) -> None:  # P4
    exam = make_sealed_exam(served.house, candidates=1, earliest_hand_in_minutes=0)
    sitter = seat(served, exam)
    sitter.enter()
    sitter.choose(1, 1)
    sitter.wait_until_saved()
    page = sitter.page
    tries: list[int] = []

    def lose_first_answer(route: Route) -> None:
        answer = route.fetch()
        tries.append(answer.status)
        if len(tries) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/hand-in", lose_first_answer)
    page.route("**/time", lambda route: route.abort())
    page.click("#hand-in-open")
    page.click("#hand-in-confirm")
    expect(page.locator("#hand-in-early")).to_contain_text("还没有交卷")
    first = sitter.attempt()
    page.click("#hand-in-confirm")
    expect(page.locator("#receipt")).to_be_visible()
    assert tries == [200, 200]
    assert page.inner_text("#receipt") == first.receipt_code
    assert sitter.attempt().closed_at == first.closed_at
