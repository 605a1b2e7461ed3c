"""The browser of the tests: it starts, renders Chinese with our own fonts, and reaches nobody outside."""

import pytest
from playwright.sync_api import Browser, Error

pytestmark = pytest.mark.browser


def test_chinese_is_rendered_with_the_fonts_of_the_wheels(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content("<p style='font-family: \"Noto Serif SC\"'>持证上岗㼆𠮷</p>")
        session = context.new_cdp_session(page)
        session.send("DOM.enable")
        session.send("CSS.enable")
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        node = session.send("DOM.querySelector", {"nodeId": root, "selector": "p"})["nodeId"]
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert any(font["familyName"].startswith("Noto Serif SC") for font in fonts)
        assert sum(font["glyphCount"] for font in fonts) == 6


def test_the_browser_reaches_nobody_outside(browser: Browser) -> None:
    with browser.new_context() as context, pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        context.new_page().goto("http://example.org/")
