"""The parts that pages are made of: complete, in both languages, and nothing in them that the policy forbids."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.web.language import catalogue
from tests.app.web.style_guide import PAGES, STATIC, guide_environment, render

TEMPLATES = STATIC.parent / "templates"
SHEETS = sorted(STATIC.rglob("*.css"))
OWN = [
    *(TEMPLATES / name for name in ("base.html", "public.html", "error.html", "exam_base.html")),
    *sorted((TEMPLATES / "components").glob("*.html")),
]
MSGID = re.compile(r'_\("([^"]+)"')
HAN = re.compile(r"[\u4e00-\u9fff]")


class Reader(HTMLParser):
    """Collects what the tests ask about: attributes, ids and what points to them, words with their language."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str]] = []
        self.buttons: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in ("button", "a") and "primary" in (dict(attrs).get("class") or "").split():
            self.buttons.append(dict(attrs).get("id") or "")


def _read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_page_holds_no_inline_style_or_handler(page: str, lang: str) -> None:  # P44, and the policy on content
    found = _read(render(page, lang)).attributes
    assert [a for a in found if a[1] == "style" or a[1].startswith("on")] == []
    assert [a for a in found if a[1] in ("src", "href", "action") and "//" in a[2]] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_pointer_on_a_page_finds_its_target(page: str) -> None:
    found = _read(render(page)).attributes
    ids = [value for _, name, value in found if name == "id"]
    assert len(ids) == len(set(ids))
    names = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
    pointers = {i for _, name, value in found if name in names for i in value.split()}
    pointers |= {value[1:] for _, name, value in found if name == "href" and value.startswith("#")}
    assert pointers - set(ids) == set()


@pytest.mark.parametrize("page", [p for p in PAGES if not p.startswith("exam")])
def test_a_page_has_at_most_one_primary_act(page: str) -> None:
    assert len(_read(render(page)).buttons) <= 1


def test_forms_carry_the_token_and_keep_what_was_typed() -> None:  # P39
    html = render("form.html")
    forms = re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL)
    assert forms
    assert [f for f in forms if 'name="_csrf" value="token"' not in f] == []
    assert 'value="2026-11-28T09:00"' in html
    assert re.search(r'id="f-starts_at"[^>]*aria-describedby="h-starts_at e-starts_at" aria-invalid="true"', html)
    assert '<a href="#f-starts_at">' in html


def test_what_people_wrote_is_escaped() -> None:
    env = guide_environment()
    macro = env.get_template("components/tags.html").make_module({"lang": "en", "csrf_token": ""}).tag
    assert "<script>" not in str(macro("ok", "<script>alert(1)</script>"))


def test_the_cut_score_stands_where_it_lies_and_bounds_under_the_edges_of_their_bars() -> None:
    macros = guide_environment().get_template("components/charts.html").make_module({"lang": "zh-CN"})
    bins = [{"low": "50", "high": "60", "count": 3}, {"low": "60", "high": "70", "count": 4}]
    ranges = str(macros.histogram("t", "", "", bins, edges=True, cut=1.5, cut_word="合格线 65"))
    assert re.findall(r'class="axis[^"]*" x="([\d.]+)%"[^>]*>(\d+)<', ranges) == [
        ("0.0", "50"),
        ("50.0", "60"),
        ("100", "70"),
    ]
    assert '<line class="cut" x1="75.0%"' in ranges
    assert re.findall(r'class="bar( below)?"', ranges) == [" below", ""]
    counted = str(macros.histogram("t", "", "", [{"low": "1", "high": "2", "count": 3}]))
    assert re.findall(r'x="([\d.]+)%" y="222"[^>]*>([^<]+)<', counted) == [("50.0", "1–2")]


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.name)
def test_every_sentence_of_the_frame_has_its_english(path: Path) -> None:
    sentences = set(MSGID.findall(path.read_text(encoding="utf-8")))
    assert {s for s in sentences if HAN.search(s) and s not in catalogue("en")} == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_style_sheets_work_in_old_browsers_and_load_nothing(sheet: Path) -> None:  # P44; Chromium 109
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"@import|url\(|color-mix|subgrid|:popover|@starting-style|&|light-dark\(", css)
    assert css.count("{") == css.count("}")
    assert len(sheet.read_text(encoding="utf-8").splitlines()) <= 400
