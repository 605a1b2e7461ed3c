"""The control room during a drill: asked for there, watched as it goes on, stopped, and read as a report."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from app.accounts.models import Account
from app.accounts.sessions import open_session
from app.drill import queries
from app.drill.rules import DrillAction
from app.drill.service import ask
from app.drill.service.asking import end
from app.jobs.models import Job
from app.jobs.rules import JobState
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.chromium import assert_accessible
from tests.support.drill_figures import GOOD
from tests.support.exam_page import DESKTOP
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam
from tests.support.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHOOSE = """() => {
  const radio = (more) => `<input type="radio" name="which" ${more}>`;
  const both = radio('value="1" id="chosen"') + radio('value="2" checked');
  document.querySelector('[data-fresh="figures"]').insertAdjacentHTML("beforeend", both);
  document.querySelector('[data-fresh="instances"]').insertAdjacentHTML("beforeend", '<i id="untouched"></i>');
  document.querySelector("#chosen").checked = true;
}"""
"""Somebody chooses in one part of a page that keeps itself up to date, and leaves another alone."""


def test_the_control_room_during_a_drill(served: Served, browser: Browser) -> None:
    house = served.house
    exam = make_sealed_exam(house, candidates=2, starts_in=timedelta(days=1))
    officer = make_staff(house, Role.EXAM_OFFICER)
    with acting_as(house, "test") as op:
        token = open_session(op, op.db.get_one(Account, officer.account_id), factor=True)
    context = browser.new_context(**DESKTOP)
    served.sign_in(context, token)
    page = context.new_page()
    page.goto(f"{served.base}/control-room")
    page.click("text=考前演练")
    assert_accessible(page)
    page.fill("#f-candidates", "40")
    page.click("text=开始演练")
    expect(page.locator(".notice.wait")).to_contain_text("正在排队")
    assert_accessible(page)
    with house.database.transaction() as db:  # as a worker that has begun
        running = {"state": JobState.RUNNING, "worker": "w", "lease_until": house.clock.now() + timedelta(minutes=1)}
        db.execute(update(Job).values(**running, done=40, total=100, message_zh="演练考试进行中", message_en="running"))
    expect(page.locator("progress")).to_have_attribute("value", "40", timeout=15_000)
    page.goto(f"{served.base}/control-room")
    expect(page.locator(".notice.wait")).to_contain_text("演练考试进行中")
    assert_accessible(page)
    page.click("text=查看演练")
    page.click("text=停止演练")
    with acting_as(house, "test") as op:
        held = queries.drill_under_way(op.db)
        assert held is not None
        end(op, held, DrillAction.CANCEL)
    expect(page.locator(".notice.info")).to_contain_text("已取消", timeout=15_000)
    with acting_as(house, "test") as op:
        again = ask(op, exam_id=exam.exam_id, candidates=40, minutes=3)
        tables = [["attempt", 3, "ab" * 32, "ab" * 32]]
        end(op, again, DrillAction.PASS, figures=GOOD, findings=[], tables=tables)
    page.goto(f"{served.base}/drills/{again.id}")
    expect(page.locator(".verdict")).to_contain_text("可以开考")
    assert_accessible(page)
    page.clock.install()
    page.goto(f"{served.base}/control-room")
    page.evaluate(CHOOSE)
    page.clock.run_for(5_000)
    expect(page.locator("#untouched")).to_have_count(0)  # fetched again and put in place
    expect(page.locator("#chosen")).to_be_checked()
    context.close()
