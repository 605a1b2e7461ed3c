"""Nothing is left over: what the house names, something in it uses."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from app.audit.actions import AuditAction
from app.web.language import LOCALE

APP = Path(__file__).resolve().parents[2] / "app"
PURE = APP.parent / "question_bank"
_CSS_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_MADE = ("is-", "line-", "depth-")
"""How classes begin whose ends templates fill in."""


def read_all(*endings: str) -> str:
    """Every source of those endings, one after the other."""
    paths = [path for root in (APP, PURE) for ending in endings for path in sorted(root.rglob(f"*{ending}"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_act_of_the_vocabulary_is_recorded_somewhere():  # P35
    words = {APP / "audit" / "actions.py", APP / "audit" / "words.py"}
    said = "\n".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.py") if path not in words)
    recorded = set(re.findall(r"\b[A-Z][A-Z_]+\b", said))
    assert [action.name for action in AuditAction if action.name not in recorded] == []


def test_every_english_sentence_translates_one_that_stands_in_the_sources():
    said = read_all(".py", ".html", ".js", ".typ").replace('\\"', '"')
    joined = re.sub(r'"\s*f?"', "", said)  # literals side by side are one sentence
    quoted = set(re.findall(r'"([^"\n]+)"', said)) | set(re.findall(r'"([^"\n]+)"', joined))
    spaced = re.sub(r"\s+", " ", joined)  # what stands between tags is broken into lines
    translated, left = 0, []
    for path in sorted(LOCALE.rglob("*.po")):
        with path.open("rb") as file:
            found = [entry.id if isinstance(entry.id, str) else entry.id[0] for entry in read_po(file) if entry.id]
        translated += len(found)
        left += [f"{path.name}: {one}" for one in found if one not in quoted and one not in spaced]
    assert translated > 1000
    assert left == []


def test_every_class_of_the_style_sheets_is_worn_somewhere():
    worn = set(re.findall(r"[a-zA-Z][\w-]*", read_all(".html", ".js", ".py")))
    left = set()
    for path in APP.rglob("*.css"):
        rules = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        named = _CSS_CLASS.findall(" ".join(re.findall(r"([^{}]+){", rules)))
        left |= {f"{path.name}: {one}" for one in named if one not in worn and not one.startswith(_MADE)}
    assert sorted(left) == []
