"""Every page that anybody can reach, walked by its links in English, in a house with something in every state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser

from app.web.language import COOKIE
from app.web.rendering import within
from tests.support.client import Client, open_app
from tests.support.crawl import HAN, Found, shape, walk
from tests.support.databases import Databases
from tests.support.every_state import Furnished, furnish_every_state
from tests.support.exam_page import PHONE
from tests.support.personas import Persona, signed_in
from tests.support.served import Served, serve_house

# The switch to Chinese says 中文 in Chinese.
SWITCH = "中文"
# Where people come from outside, or which another page sends them to.
UNLINKED = ("/sign-in", "/activate", "/ticket", "/verify", "/notices", "/factor")
EVERY = 3
"""Of the shapes of pages, every so many-eth is looked at on a phone."""


@dataclass
class Walked:
    """The house, and every page of it in English, as each of its walkers."""

    served: Served
    furnished: Furnished
    browsers: Callable[[Persona | None], Client]
    pages: list[Found] = field(default_factory=list)


@contextmanager
def _open(url: str, folder: Any) -> Iterator[Walked]:
    with serve_house(url, folder) as served, open_app(served.house) as (app, portal):
        served.house.settings.data_folder.mkdir(parents=True, exist_ok=True)
        opened: list[Client] = []

        def open_browser(persona: Persona | None) -> Client:
            client = signed_in(served.house, persona, app, portal) if persona else Client(app, portal)
            opened.append(client)
            return client

        yield Walked(served, furnish_every_state(served.house, open_browser), open_browser)
        for client in opened:
            client.close()


@pytest.fixture(scope="module")
def walked(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """The house, walked in English."""
    with databases.fresh("sqlite") as url, _open(url, tmp_path_factory.mktemp("every")) as house:
        for who, persona in house.furnished.walkers.items():
            client = house.browsers(persona)
            client.http.cookies.set(COOKIE, "en")
            starts = (
                ("/", "/inbox", "/verify", "/notices") if persona else ("/sign-in", "/verify", "/notices", "/activate")
            )
            house.pages += walk(client, who, starts=starts)
        yield house


def test_no_link_leads_nowhere_and_no_page_breaks(walked: Walked) -> None:  # P41
    assert [(found.who, found.path, found.status) for found in walked.pages if found.status >= 400] == []
    shapes = {shape(found.path) for found in walked.pages}
    assert len(shapes) > 60, sorted(shapes)


def test_every_page_has_one_heading_a_title_and_its_place_in_the_band(walked: Walked) -> None:
    wrong = []
    for found in walked.pages:
        page = found.page
        if found.text and (page.headings != 1 or not page.title.replace("Chizheng", "").strip(" ·")):
            wrong.append((found.who, found.path, page.headings, page.title))
    assert wrong == []
    # Pages of no entry: home, what everybody may open, what stands between two pages, a candidate's statement.
    aside = {"/", "/confirm", "/factor", "/statements", *UNLINKED}
    lost = {
        (found.who, shape(found.path))
        for found in walked.pages
        if found.text and found.who != "public" and not found.page.current_in_band
        if not any(within(found.path.partition("?")[0], address) for address in aside - {"/"}) and found.path != "/"
    }
    assert lost == set()


def test_in_english_no_chinese_stands_outside_data(walked: Walked) -> None:
    unmarked = {(shape(found.path), text) for found in walked.pages for text in found.page.unmarked}
    assert sorted(unmarked) == []
    known = walked.furnished.data(walked.served.house) + SWITCH
    words = {
        (shape(found.path), word)
        for found in walked.pages
        for text in found.page.shown_as_data
        for word in HAN.findall(text)
    }
    assert len(words) > 200
    assert sorted((path, word) for path, word in words if word not in known) == []


@pytest.mark.browser
def test_no_page_is_wider_than_a_phone(walked: Walked, browser: Browser) -> None:
    """A sample of the shapes, in English: its words are the longer ones."""
    shapes: dict[str, Found] = {}
    for found in walked.pages:
        if found.text and found.status == 200:
            shapes.setdefault(shape(found.path), found)
    samples = [shapes[name] for name in sorted(shapes)][::EVERY]
    too_wide = []
    base = walked.served.base
    for who in sorted({found.who for found in samples}):
        persona = walked.furnished.walkers[who]
        client = walked.browsers(persona)
        with browser.new_context(**PHONE) as context:
            for name, value in [*client.http.cookies.items(), (COOKIE, "en")]:
                context.add_cookies([{"name": name, "value": value, "url": base}])
            page = context.new_page()
            for found in samples:
                if found.who == who:
                    page.goto(base + found.path, wait_until="domcontentloaded")
                    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                        too_wide.append(found.path)
    assert too_wide == []
