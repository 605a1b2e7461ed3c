"""What invigilators do on the pages of their room, beside letting candidates in."""

import re

from playwright.sync_api import expect

from tests.support.office import Clerk


def open_room(proctor: Clerk) -> None:
    """Candidates are let in once the proctor has checked and opened the room."""
    page = proctor.visit("/rooms")
    page.locator("main").get_by_role("link", name=re.compile("第一考场")).first.click()
    page.get_by_role("link", name="去考场流程").click()
    for box in page.locator("input[name=checks]").all():
        box.check()
    proctor.press("检查完毕，开启考场")
    expect(page.locator("main")).to_contain_text("收卷并关闭考场")


def file_record(proctor: Clerk, second: Clerk, officer: Clerk) -> None:
    """The room is closed, two people say that nobody is absent, two invigilators sign the record."""
    page = proctor.visit("/rooms")
    page.locator("main").get_by_role("link", name=re.compile("第一考场")).first.click()
    page.get_by_role("link", name="考场流程", exact=True).click()
    room = re.sub("^https?://[^/]+", "", page.url).split("/day")[0]
    page.locator("[name=sheets]").fill("0")
    page.locator("[name=slips]").fill("6")
    proctor.press("关闭考场")
    proctor.visit(f"{room}/absences")
    proctor.press("提交名单")
    officer.visit(f"{room}/absences")
    officer.press("核对无误，确认")
    proctor.visit(f"{room}/record")
    proctor.press("生成考场记录表")
    proctor.press("我已阅读，签字")
    page = second.visit(f"{room}/record")
    second.press("我已阅读，签字")
    expect(page.locator("main")).to_contain_text("两人已签字")
