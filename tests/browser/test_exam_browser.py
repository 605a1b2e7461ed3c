"""An exam in Safe Exam Browser where it sends no headers: the page reads the hashes and proves itself (P53)."""

import plistlib
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.lockdown.config_key import config_key
from tests.support.chromium import assert_accessible
from tests.support.exam_page import ExamPage
from tests.support.safe_browser import WINDOWS_KEY, lock_down
from tests.support.sealed_exam import make_sealed_exam
from tests.support.served import Served

pytestmark = pytest.mark.browser

# What the program gives its pages on macOS: hashes of the page's address, once they were asked for.
PROGRAM = """
globalThis.SafeExamBrowser = {
  version: "SEB_macOS_3.4_15000_org.safeexambrowser.SafeExamBrowser",
  security: {
    configKey: "", browserExamKey: "",
    async updateKeys(told) {
      for (const [name, key] of [["configKey", "%s"], ["browserExamKey", "%s"]]) {
        const said = new TextEncoder().encode(location.href.split("#")[0] + key);
        const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", said));
        this[name] = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      }
      told();
    },
  },
};
"""


def test_a_page_proves_its_browser_and_is_stopped_without(served: Served, seat: Callable[..., ExamPage]) -> None:
    exam = make_sealed_exam(served.house, candidates=2, proctored=True)
    content = lock_down(served.house, exam.exam_id, exam.proctors[0])
    told = plistlib.loads(content)
    sitter = seat(served, exam, script=PROGRAM % (config_key(told), WINDOWS_KEY))
    page = sitter.page
    page.goto(told["startURL"])
    expect(page.locator("#verdict")).to_contain_text("可以参加本场考试")
    expect(page.locator("[data-check=browser]")).to_contain_text("SEB_macOS_3.4")
    assert_accessible(page)
    page.goto(sitter.door)
    page.wait_for_selector("#start")  # by way of the gate
    page.check("#honest")
    page.click("#go")
    sitter.wait_for_paper()
    sitter.choose(1, 2)
    sitter.wait_until_saved()
    assert sitter.stored() == sitter.typed

    other = seat(served, exam)
    other.page.goto(other.door)
    expect(other.page.locator("#gate-title")).to_be_visible()
    other.page.wait_for_url("**/sit?nonce=*")
    assert_accessible(other.page)
    assert other.page.locator("#start").count() == 0
