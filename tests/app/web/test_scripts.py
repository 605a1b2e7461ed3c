"""Scripts use nothing newer than Chromium 109, the last one for Windows 7, and speak to this host alone (P44)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[3] / "app" / "web" / "static"
NEWER = re.compile(
    r"Promise\.(withResolvers|try)\b|(Object|Map)\.groupBy|Array\.fromAsync|URL\.(canParse|parse)\b|AbortSignal\.any"
    r"|\.(toSorted|toReversed|toSpliced|isWellFormed|toWellFormed|showPopover|hidePopover|togglePopover)\("
    r"|\bIterator\.from|\bawait using\b|startViewTransition|\.(union|intersection|isSubsetOf)\("
)
ELSEWHERE = re.compile(r"""["'`](https?:)?//[a-z0-9]""", re.IGNORECASE)


@pytest.mark.parametrize("script", sorted(STATIC.rglob("*.js")), ids=lambda path: str(path.relative_to(STATIC)))
def test_scripts_work_in_old_browsers_and_load_nothing(script):
    source = script.read_text(encoding="utf-8")
    assert NEWER.search(source) is None
    assert ELSEWHERE.search(source) is None


@pytest.mark.parametrize("line", ["rows.toSorted()", "Promise.withResolvers()", "Object.groupBy(a, f)"])
def test_the_search_finds_what_is_newer(line):
    assert NEWER.search(line)


def test_the_search_finds_another_host():
    assert ELSEWHERE.search('import "https://cdn.example/x.js"')
