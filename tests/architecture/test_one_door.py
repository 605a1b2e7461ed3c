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
    "retention",
]
TABLES = {
    mapper.class_.__name__: mapper.class_.__module__.split(".")[1]
    for mapper in Base.registry.mappers
    if mapper.class_.__module__.split(".")[1] in FEATURES
}
OWNERS = {mapper.class_.__name__: mapper.class_.__module__.split(".")[1] for mapper in Base.registry.mappers}
# The journal's hand-written statements, see architecture: the hot path.
HAND_WRITTEN = ("app/attempts/",)


def functions(path: Path) -> list[str]:
    return [n.name for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)]


def query_files(feature: str) -> list[Path]:
    folder = ROOT / "app" / feature
    rooms = folder.glob("*/queries.py")  # use cases in a folder of their own hold the same files inside
    # What is due of a feature's own rows, and what is destroyed of them, is said beside its queries; that it is its own
    # alone, the last test here sees to.
    own = folder / "queries.py", folder / "holdings.py"
    return [p for p in [*own, *(folder / "queries").glob("*.py"), *rooms] if p.exists()]


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


def test_a_feature_lets_its_own_rows_alone_be_destroyed():
    """Which rows go at the end of their term is said by the feature whose they are, and in its `holdings` alone."""
    found = 0
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        if "app.holdings" not in imported:
            continue
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Part":
                table = ast.unparse(call.args[0]).split(".")[0]
                assert path == ROOT / "app" / OWNERS[table] / "holdings.py", f"{ast.unparse(call)} in {path}"
                found += 1
    assert found > 20
