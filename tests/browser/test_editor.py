"""The item's form in a browser: a look while one types, a paste from Word, a picture chosen (P42, P44)."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.accounts.models import Account
from app.accounts.sessions import open_session
from app.operation import acting_as
from tests.support.author_group import make_group
from tests.support.chromium import assert_accessible
from tests.support.served import Served

pytestmark = pytest.mark.browser

PASTE = """(html) => {
  const area = document.getElementById("f-stem");
  const data = new DataTransfer();
  data.setData("text/html", html);
  area.value = "";
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_a_typist_sees_what_the_candidate_will_see(served: Served, browser: Browser) -> None:
    group = make_group(served.house)
    with acting_as(served.house, "test") as op:
        token = open_session(op, op.db.get_one(Account, group.author.account_id), factor=True)
    context = browser.new_context()
    served.sign_in(context, token)
    page = context.new_page()
    defects: list[str] = []
    page.on("pageerror", lambda error: defects.append(str(error)))
    page.on("request", lambda r: defects.append(r.url) if not r.url.startswith((served.base, "data:")) else None)
    page.goto(f"{served.base}/banks/{group.bank_id}/write")
    page.fill("#f-stem", "**重点** $\\frac{1}{2}$ <img src=x onerror=\"document.title='hit'\"> $\\bad$")
    look = page.locator("#look")
    expect(look.locator("strong")).to_have_text("重点")
    expect(look.locator("mfrac")).to_have_count(1)
    expect(look.locator("img")).to_have_count(0)
    expect(look.locator(".doubt")).to_contain_text("无法识别")
    page.evaluate(
        PASTE, "<p><b>加粗</b><script>document.title='hit'</script></p><table><tr><td>甲<td>乙<tr><td>1<td>2</table>"
    )
    expect(page.locator("#f-stem")).to_have_value("**加粗**\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |")
    expect(look.locator("td")).to_have_count(2)
    drawn = io.BytesIO()
    Image.new("RGB", (300, 120), "#a3201d").save(drawn, "PNG")
    page.set_input_files("#picture", {"name": "p.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    expect(look.locator("img")).to_have_count(1)
    expect(look.locator(".doubt")).to_contain_text("文字说明")
    page.keyboard.type("一面红旗")
    expect(look.locator("img")).to_have_attribute("alt", "一面红旗")
    expect(look.locator("td")).to_have_count(2)  # the picture did not break the table's last row
    assert look.locator("img").evaluate("image => image.complete && image.naturalWidth") == 300
    page.set_input_files("#picture", {"name": "p.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.locator("#editor-said")).to_contain_text("PNG")
    assert page.title() != "hit"
    assert defects == []
    context.close()


def test_a_typist_writes_a_case_with_the_keyboard(served: Served, browser: Browser) -> None:
    group = make_group(served.house)
    with acting_as(served.house, "test") as op:
        token = open_session(op, op.db.get_one(Account, group.author.account_id), factor=True)
    context = browser.new_context(viewport={"width": 360, "height": 800})
    served.sign_in(context, token)
    page = context.new_page()
    defects: list[str] = []
    page.on("pageerror", lambda error: defects.append(str(error)))
    page.goto(f"{served.base}/banks/{group.bank_id}/write")
    page.fill("#f-stem", "阅读材料，回答问题。")
    page.select_option("#f-item_type", "case_analysis")
    page.fill('[id="f-body.stimulus"]', "某支部有正式党员 23 名。")
    page.select_option('[id="f-body.parts.0.item_type"]', "numeric")
    page.fill('[id="f-body.parts.0.body.value"]', "23")
    page.fill('[id="f-body.parts.0.stem"]', "正式党员多少名？")
    page.focus('button[value="body.parts"]')
    page.keyboard.press("Enter")
    expect(page.locator('[id="f-body.parts.1.item_type"]')).to_be_focused()
    expect(page.locator('[id="f-body.parts.0.body.value"]')).to_have_value("23")
    expect(page.locator("#look .stimulus").first).to_contain_text("某支部有正式党员 23 名。")
    expect(page.locator("#look .stem")).to_have_text(["正式党员多少名？"])
    expect(page.locator("#look .suffix input")).to_be_disabled()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.focus("#f-tags")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("草稿")
    assert defects == []
    context.close()
