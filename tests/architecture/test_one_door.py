"""One door to the rows: a feature's tables are selected in its `queries` alone, which begin with `visible(actor)`."""

import ast
from pathlib import Path

import pytest

from app.tables import Base

ROOT = Path(__file__).resolve().parents[2]
FEATURES = [
    "people",
    "accounts",
    "authoring",
    "exams",
    "attempts",
    "grading",
    "clearance",
    "certificates",
    "practice",
    "drill",
]
TABLES = {
    mapper.class_.__name__: mapper.class_.__module__.split(".")[1]
    for mapper in Base.registry.mappers
    if mapper.class_.__module__.split(".")[1] in FEATURES
}
# The journal's hand-written statements, see architecture: the hot path.
HAND_WRITTEN = ("app/attempts/",)


def functions(path: Path) -> list[str]:
    return [n.name for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)]


def query_files(feature: str) -> list[Path]:
    folder = ROOT / "app" / feature
    rooms = folder.glob("*/queries.py")  # use cases in a folder of their own hold the same files inside
    return [p for p in [folder / "queries.py", *(folder / "queries").glob("*.py"), *rooms] if p.exists()]


@pytest.mark.parametrize("feature", FEATURES)
def test_queries_begin_with_who_may_see(feature):
    files = query_files(feature)
    assert files, f"{feature} has no queries"
    names = [functions(path) for path in files]
    assert any(found and found[0] == "visible" for found in names), f"{feature}: no visible(actor) comes first"


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_tables_are_selected_behind_the_door(path):
    where = str(path.relative_to(ROOT))
    if where.startswith(HAND_WRITTEN):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "select"):
            continue
        for name in {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & TABLES.keys():
            owner = TABLES[name]
            inside = path in query_files(owner)
            assert inside, f"{where}: select({name}) outside app/{owner}/queries"
