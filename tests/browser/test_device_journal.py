"""What the device keeps while its stores are slow, absent or late: whatever was chosen is there after a reload."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from app.attempts.response_files.rules import FileState
from app.attempts.response_files.service import bring_in
from app.operation import acting_as
from tests.support.exam_page import ExamPage
from tests.support.sealed_exam import make_sealed_exam
from tests.support.served import Served

pytestmark = pytest.mark.browser
Seat = Callable[..., ExamPage]
SAVES = "**/api/v1/attempts/*/saves"
FAULTS = """
if (location.protocol.startsWith("http")) {
  const fault = localStorage.getItem("fault");
  const never = () => new Promise(() => {});
  if (fault === "sealing") crypto.subtle.encrypt = never;
  if (fault === "full") IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
  if (fault === "absent") Object.defineProperty(window, "indexedDB", {value: undefined});
  if (fault === "opening") {
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...given) {
      const late = {};
      window.openNow = () => {
        const request = open.apply(this, given);
        request.onsuccess = () => { late.result = request.result; late.onsuccess(); };
      };
      return late;
    };
  }
}
"""


def wait_for_empty_strip(page: Page) -> None:
    """Until nothing stands in the tab alone."""
    for _ in range(250):
        if not page.evaluate("Object.keys(sessionStorage).some((name) => name.startsWith('chizheng-strip-'))"):
            return
        page.wait_for_timeout(20)
    raise AssertionError("the strip is never empty")


def test_a_reload_finds_what_no_store_has_taken_yet(served: Served, seat: Seat) -> None:  # P5
    sitter = seat(served, make_sealed_exam(served.house, candidates=1), script=FAULTS)
    sitter.enter()
    page = sitter.page
    page.route(SAVES, lambda route: route.abort())
    for position, fault in enumerate(("sealing", "full", "absent"), start=1):
        page.evaluate("fault => localStorage.setItem('fault', fault)", fault)
        page.reload()
        sitter.wait_for_paper()
        sitter.choose(position, position)
        page.reload()
        sitter.wait_for_paper()
        assert sitter.shown() == sitter.typed, fault
    assert sitter.stored() == {}
    expect(page.locator("#save")).not_to_have_attribute("data-state", "saved")
    page.evaluate("localStorage.removeItem('fault')")
    page.unroute(SAVES)
    page.reload()
    sitter.wait_for_paper()
    sitter.wait_until_saved()
    assert sitter.stored() == sitter.shown() == sitter.typed
    wait_for_empty_strip(page)


def test_where_the_network_never_returns_a_file_brings_the_responses_in(served: Served, seat: Seat) -> None:  # P5
    exam = make_sealed_exam(served.house, candidates=1, proctored=True)
    sitter = seat(served, exam)
    sitter.enter()
    page = sitter.page
    sitter.choose(1, 1)
    sitter.wait_until_saved()
    sitter.context.set_offline(True)
    sitter.choose(1, 1, 3)  # takes B back, gives D
    sitter.typed[1] = [3]
    sitter.choose(8, 0, 2)
    expect(page.locator("#offline")).to_be_visible()
    with page.expect_download() as made:
        page.click("#export")
    expect(page.locator("#announce")).to_contain_text("请举手交给监考员")
    raw = made.value.path().read_bytes()
    assert b"[3]" not in raw
    with acting_as(served.house, "test", actor=sitter.proctor) as op:
        assert bring_in(op, room_id=sitter.candidate.room_id, raw=raw).state is FileState.MERGED
    assert sitter.stored() == sitter.typed
    sitter.context.set_offline(False)
    sitter.wait_until_saved()  # the same revisions: acknowledged once more
    assert sitter.stored() == sitter.shown() == sitter.typed


def test_a_store_that_opens_late_gives_back_what_it_held(served: Served, seat: Seat) -> None:  # P5
    sitter = seat(served, make_sealed_exam(served.house, candidates=1), script=FAULTS)
    sitter.enter()
    sitter.context.route(SAVES, lambda route: route.abort())
    sitter.choose(1, 3)
    sitter.choose(2, 2)
    wait_for_empty_strip(sitter.page)
    sitter.page.goto("about:blank")  # a page that closes may reach the network while it does
    sitter.page.close()
    sitter.context.unroute(SAVES)
    assert sitter.stored() == {}  # what is left of it lies in IndexedDB alone
    after = sitter.again()
    after.page.goto(f"{served.base}/verify")  # what a page that closes writes last may come too late for the next one
    after.page.evaluate("localStorage.setItem('fault', 'opening')")
    after.open()
    after.wait_for_paper()
    assert after.shown() == {}
    after.choose(1, 0)  # newer than what lies there
    after.wait_until_saved()
    expect(after.page.locator("#save-at")).to_contain_text("请勿关闭本页")
    after.page.evaluate("openNow()")
    expect(after.page.locator("#item-2 .opt").nth(2).locator("input")).to_be_checked()
    after.wait_until_saved()
    assert after.stored() == after.shown() == {1: [0], 2: [2]}
    assert after.defects == []


def test_a_reload_that_overtakes_a_save_shows_it(served: Served, seat: Seat) -> None:
    # P5: the new page is made before the server has the save, which is acknowledged to the page that is being left.
    sitter = seat(served, make_sealed_exam(served.house, candidates=1))
    sitter.enter()
    page, held = sitter.page, list[Route]()
    page.route(SAVES, lambda route: route.continue_() if held else held.append(route))
    sitter.choose(1, 2)
    while not held:
        page.wait_for_timeout(50)

    def overtake(route: Route) -> None:
        made = route.fetch()
        held[0].fulfill(response=held[0].fetch())
        time.sleep(0.5)  # the page that is being left hears of it
        route.fulfill(response=made)

    page.route("**/sit", overtake)
    page.reload()
    sitter.wait_for_paper()
    assert sitter.stored() == sitter.typed
    sitter.wait_until_shown()
    sitter.wait_until_saved()
