"""Chinese first, English by a switch: every sentence of a page stands in the catalogue, and none stands beside it."""

import re
from pathlib import Path

import pytest

from app.main import desks
from app.web.language import catalogue
from tests.support.house_map import declared

TEMPLATES = Path(__file__).resolve().parents[2] / "app" / "web" / "templates"
HAN = re.compile(r"[一-鿿]")
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
SENTENCE = re.compile(r"""_\(\s*"((?:[^"\\]|\\.)*)\"""")
# The switch itself says 中文 on an English page.
IN_BOTH_LANGUAGES = ("中文",)


def templates():
    return sorted(TEMPLATES.rglob("*.html"))


def source(path):
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_chinese_stands_outside_the_catalogue(path):
    rest = SENTENCE.sub("", source(path))
    for word in IN_BOTH_LANGUAGES:
        rest = rest.replace(word, "")
    left = [line.strip() for line in rest.splitlines() if HAN.search(line)]
    assert left == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_sentence_has_its_english(path):
    known = catalogue("en")
    missing = [
        sentence for sentence in SENTENCE.findall(source(path)) if HAN.search(sentence) and sentence not in known
    ]
    assert missing == []


def test_what_is_said_after_an_act_has_its_english():
    known = catalogue("en")
    assert [one.said for one in declared() if one.said and one.said not in known] == []


def test_the_band_has_its_english():
    known = catalogue("en")
    texts = [entry.text for desk in desks() for entry, _, _ in desk.navigation]
    assert [text for text in texts if text not in known] == []


def test_no_translation_holds_chinese():
    assert [zh for zh, en in catalogue("en").items() if HAN.search(en)] == []
