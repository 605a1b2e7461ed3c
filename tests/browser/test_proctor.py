"""The proctor at the board, and a power cut in the room: the clock stands still, and what was typed is still there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from app.accounts.models import Account
from app.accounts.sessions import open_session
from app.attempts.hall.readings import Readings
from app.attempts.proctoring.presence import Presences
from app.attempts.service import sweep
from app.attempts.signals.gathering import Signals
from app.exams.integrity import Integrity
from app.exams.models import Exam
from app.operation import acting_as
from tests.support.chromium import assert_accessible
from tests.support.exam_page import DESKTOP, ExamPage
from tests.support.sealed_exam import make_sealed_exam
from tests.support.served import Served

pytestmark = pytest.mark.browser


def test_a_proctor_brings_a_room_through_a_power_cut(  # P1, P11
    served: Served, seat: Callable[..., ExamPage], browser: Browser
) -> None:
    exam = make_sealed_exam(served.house, candidates=2, proctored=True)
    with acting_as(served.house, "test") as op:
        op.db.get_one(Exam, exam.exam_id).integrity = Integrity.STRICT
    sitter = seat(served, exam)
    sitter.enter()
    sitter.choose(1, 2)
    sitter.wait_until_saved()
    served.house.tool(Presences).flush(served.house.database)
    before = sitter.attempt().deadline_at
    with acting_as(served.house, "test") as op:
        token = open_session(op, op.db.get_one(Account, exam.proctors[0].account_id), factor=True)
    context = browser.new_context(**DESKTOP)
    served.sign_in(context, token)
    board = context.new_page()
    board.goto(f"{served.base}/rooms/{exam.room_ids[0]}")
    expect(board.locator("[data-live-word]")).to_contain_text("实时更新", timeout=10_000)
    first = board.locator(f"#r{exam.candidates[0].registration_id}")
    expect(first.locator(".tag")).to_have_text("作答中")
    expect(board.locator(f"#r{exam.candidates[1].registration_id} .tag")).to_have_text("未到")
    board.fill("#announce", "空调故障，可以移到前排。")
    board.click("#announcements button")
    expect(board.locator("[data-announcement]")).to_contain_text("0 人已收到")
    assert_accessible(board)
    expect(sitter.page.locator("#full-screen-enter")).to_be_visible()
    leave, come_back = "document.hasFocus = () => false", "delete document.hasFocus"
    sitter.page.evaluate(f"{leave}; dispatchEvent(new Event('blur'))")
    sitter.page.wait_for_timeout(1_200)
    sitter.page.evaluate(f"{come_back}; dispatchEvent(new Event('focus'))")
    with sitter.page.expect_response(lambda answer: "signals=away.1." in answer.url):
        sitter.look()
    served.house.tool(Signals).flush(served.house.database)
    expect(first.locator("[data-signals]")).to_have_text("过程记录 1", timeout=10_000)
    sitter.look()
    expect(sitter.page.locator("#hall-words")).to_have_text("公告 空调故障，可以移到前排。")
    assert_accessible(sitter.page)
    sitter.look()  # it says that it has shown it with the next look
    expect(sitter.page.locator("#hall-words")).to_be_visible()

    sitter.context.set_offline(True)
    sitter.page.click("#hand-open")
    sitter.page.check("#hand-form [value=machine]")
    sitter.page.click("#hand-form button")
    expect(sitter.page.locator("#hand-state")).to_contain_text("还没有送到服务器")
    assert_accessible(sitter.page)
    sitter.page.keyboard.press("Escape")
    sitter.context.set_offline(False)
    expect(board.locator("#hands li")).to_contain_text("计算机有故障", timeout=15_000)
    expect(first.locator("[data-hand]")).to_be_visible()
    assert_accessible(board)
    board.click("#hands summary")
    board.select_option("#hands select", index=4)
    board.click("#hands details button")
    sitter.look()
    expect(sitter.page.locator("#hall-words")).to_contain_text("监考员 正在安排更换计算机")
    expect(sitter.page.locator("#hand-open")).to_have_attribute("aria-pressed", "false")

    board.select_option("#p-cause", "power_failure")
    board.click("#pause button.stop")
    expect(board.locator(".said")).to_contain_text("计时已停")
    sitter.look()
    expect(sitter.page.locator("#halt-title")).to_have_text("考试暂停")
    expect(sitter.page.locator("#halt-said")).to_contain_text("空调故障")
    expect(sitter.page.locator("#clock")).to_have_attribute("data-phase", "paused")
    stopped = sitter.page.text_content("#clock time")
    served.pass_time(timedelta(minutes=20))
    sitter.look()
    sitter.page.wait_for_timeout(600)
    assert sitter.page.text_content("#clock time") == stopped
    expect(sitter.page.locator(".exam-main")).to_be_hidden()

    board.reload()
    expect(first.locator(".tag")).to_have_text("暂停计时")
    board.click("#pause button.primary")
    expect(board.locator(".said")).to_contain_text("已恢复")
    sitter.look()
    expect(sitter.page.locator("#halt[open]")).to_have_count(0)
    assert sitter.attempt().deadline_at - before >= timedelta(minutes=20)
    sitter.choose(2, 0)
    sitter.wait_until_saved()
    assert sitter.shown() == sitter.typed == sitter.stored()
    served.house.tool(Presences).flush(served.house.database)
    served.house.tool(Readings).flush(served.house.database)
    expect(first.locator("[data-saved]")).to_contain_text("保存", timeout=10_000)
    expect(board.locator("[data-announcement]")).to_contain_text("1 人已收到")
    sitter.page.click("#hall-done")
    expect(sitter.page.locator("#hall")).to_be_hidden()

    board.goto(f"{served.base}/rooms/{exam.room_ids[0]}/day")
    close = board.locator("[data-fresh=close]")
    expect(close).to_contain_text("还有 2 名考生")
    assert_accessible(board)
    for _ in range(3):
        served.pass_time(timedelta(minutes=25))
        assert board.request.get(f"{served.base}/").ok  # who works stays signed in
    assert sweep(served.house, served.house.clock.now()) == 1
    expect(close).to_contain_text("全部考生已交卷或收卷", timeout=10_000)
    close.locator("[name=sheets]").fill("0")
    close.locator("[name=slips]").fill("3")
    board.evaluate("document.activeElement.blur()")
    board.wait_for_timeout(5_500)  # it is asked again, and what was typed stays
    expect(close.locator("[name=slips]")).to_have_value("3")
    close.locator("button").click()
    expect(board.locator(".said")).to_be_visible()
    context.clear_cookies()
    board.wait_for_url("**/sign-in*", timeout=10_000)
    context.close()
