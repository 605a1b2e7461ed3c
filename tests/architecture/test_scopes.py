"""What is held within parts of the unit tree is never asked as if it were held everywhere (P20)."""

import ast
import re
from pathlib import Path

from app.security.permissions import SCOPED, Capability
from tests.support.borrower import OPEN_ACTS, OPEN_VIEWS
from tests.support.house_map import declared

ROOT = Path(__file__).resolve().parents[2]
_ASKED = re.compile(r'"([a-z_.]+)" in me\.capabilities|me\.may\("([a-z_.]+)"\)')


def asked_in_code():
    """(file, capability) of each `may(Capability.…)`."""
    for path in sorted(ROOT.glob("app/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "may"):
                continue
            for word in node.args:
                if isinstance(word, ast.Attribute) and word.attr in Capability.__members__:
                    yield path.name, Capability[word.attr]


def asked_in_templates():
    """(file, capability) of each `me.may("…")` and `"…" in me.capabilities`."""
    for path in sorted(ROOT.glob("app/web/templates/**/*.html")):
        for one, other in _ASKED.findall(path.read_text(encoding="utf-8")):
            yield path.name, Capability(one or other)


def test_whoever_asks_for_a_scoped_capability_asks_where():
    """`may` says that it is held somewhere, and another role shows what lies elsewhere: `scopes` and `covers` do not
    let the two be mixed up."""
    asked = [*asked_in_code(), *asked_in_templates()]
    assert len(asked) > 100
    assert [(where, capability) for where, capability in asked if capability in SCOPED] == []


def test_what_is_open_to_the_borrower_is_still_there():
    acts = {one.path for one in declared() if not one.reading}
    views = {one.path for one in declared() if one.reading}
    assert OPEN_ACTS.keys() <= acts
    assert OPEN_VIEWS.keys() <= views
