"""The item's form in a browser: a look while one types, a paste from Word, a picture chosen (P42, P44)."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.accounts.models import Account
from app.accounts.sessions import open_session
from app.operation import acting_as
from tests.support.author_group import make_group
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
    look = page.locator("#look-lines")
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
