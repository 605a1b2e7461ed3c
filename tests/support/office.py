"""People of the office at one computer, one after another, each with a page and cookies of their own, using the pages
as they are. A browser for each of twenty people would cost a second of processor time apiece."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.support.personas import PASSWORD, Persona
from tests.support.served import Served

_STEP = timedelta(seconds=30)
_LED_AWAY = ("ERR_ABORTED", "interrupted by another navigation")
"""How the browser says that a page led itself elsewhere: before the reply came, or while it came."""


@dataclass
class Clerk:
    """One person at a browser. Signs in, and signs decisions with a fresh code, whenever the service asks for it.

    Their page may be used until somebody else comes forward: by `visit` or `press`.
    """

    served: Served
    persona: Persona
    desk: "Desk"
    page: Page
    cookies: dict[str, str] = field(default_factory=dict)

    def visit(self, path: str) -> Page:
        """Open a page, signing in on the way where that is needed."""
        self.desk.seat(self)
        self._go_to(path)
        if "/sign-in" in self.page.url:
            self._sign_in()
            self._go_to(path)
        return self.page

    def _go_to(self, path: str) -> None:
        try:
            self.page.goto(self.served.base + path)
        except PlaywrightError as error:
            # A page that refreshes itself has just led to the door whoever sat here, for somebody else had the seat.
            if not any(sign in str(error) for sign in _LED_AWAY):
                raise
            self.page.goto(self.served.base + path)

    def press(self, name: str | re.Pattern[str], *, within: str = "main") -> Page:
        """Press a button of this page, which leads on; where the service first wants a fresh code, give it and press
        again."""
        self.desk.seat(self)
        self._press(name, within)
        if "/confirm" in self.page.url:
            self.page.get_by_label("动态口令").fill(self._code())
            self._press(re.compile("确认"), within)
            self._press(name, within)
        return self.page

    def _press(self, name: str | re.Pattern[str], within: str) -> None:
        button = self.page.locator(within).get_by_role("button", name=name, exact=isinstance(name, str)).first
        with self.page.expect_navigation():
            button.click()

    def unfold(self, summary: str) -> None:
        """Open what is folded under this summary."""
        self.page.locator("summary", has_text=summary).first.click()

    def said(self, sentence: str) -> None:
        """The page must say that it was done."""
        expect(self.page.locator(".said")).to_contain_text(sentence)

    def _sign_in(self) -> None:
        self.page.get_by_label("登录名").fill(self.persona.login)
        self.page.get_by_label("密码").fill(PASSWORD)
        if self.persona.secret:
            self.page.get_by_label(re.compile("动态口令")).fill(self._code())
        self._press("登录", "main")
        expect(self.page).not_to_have_url(re.compile("/sign-in"))

    def _code(self) -> str:
        """The authenticator's code; each is good once, so time moves on to the next."""
        self.served.pass_time(_STEP)
        code: str = pyotp.TOTP(self.persona.secret).at(self.served.clock.now())
        return code


class Desk:
    """The computer: its browser has the cookies of whoever sits there."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        self.context.set_default_timeout(10_000)
        self._seated: Clerk | None = None

    def seat(self, clerk: Clerk) -> None:
        """Let `clerk` sit down; who sat there takes their cookies along."""
        if self._seated is clerk:
            return
        if self._seated:
            self._seated.cookies = {one["name"]: one["value"] for one in self.context.cookies()}
        self.context.clear_cookies()
        base = clerk.served.base
        self.context.add_cookies([{"name": name, "value": text, "url": base} for name, text in clerk.cookies.items()])
        self._seated = clerk


class Office:
    """Gives each person a page, once; keeps pictures of what they saw, where a folder is given."""

    def __init__(self, served: Served, browser: Browser, pictures: Path | None = None) -> None:
        self.served = served
        self.browser = browser
        self.pictures = pictures
        self._desk = Desk(browser)
        self._clerks: dict[int, Clerk] = {}

    def clerk(self, persona: Persona) -> Clerk:
        """This person at the computer."""
        if persona.account_id not in self._clerks:
            page = self._desk.context.new_page()
            self._clerks[persona.account_id] = Clerk(self.served, persona, self._desk, page)
        return self._clerks[persona.account_id]

    def stranger(self) -> Page:
        """A browser of somebody who is not signed in."""
        return self.browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()

    def picture(self, page: Page, name: str) -> None:
        """Keep what the page looks like now, at desktop and at phone width."""
        if self.pictures is None:
            return
        size = page.viewport_size
        page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        page.set_viewport_size({"width": 360, "height": 740})
        page.screenshot(path=self.pictures / f"{name}-360.png", full_page=True)
        if size:
            page.set_viewport_size(size)

    def close(self) -> None:
        """Close the browser of the desk."""
        self._desk.context.close()
