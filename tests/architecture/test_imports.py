"""Who may import whom, held by reading every import of the source, those inside functions too."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LADDER = [
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
WEB_LIBRARIES = {"fastapi", "starlette", "uvicorn"}
# The rooms in which a request is met; the hot path of attempts and signing in are written by hand, with their reasons.
MAY_MEET_REQUESTS = (
    "app.main",
    "app.wiring",
    "app.web",
    "app.commands.service",
    "app.accounts.sign_in",
    "app.attempts.hot_routes",
    "app.certificates.public",
)


def module_of(path: Path) -> str:
    """`app/exams/rules.py` as `app.exams.rules`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports_of(path: Path) -> set[str]:
    """Every module that the file imports, absolute, wherever the statement stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


MODULES = {
    module_of(path): path for package in ("app", "question_bank") for path in sorted((ROOT / package).rglob("*.py"))
}


def starts(name: str, *roots: str) -> bool:
    """Whether `name` is one of `roots` or inside it."""
    return any(name == root or name.startswith(root + ".") for root in roots)


def feature_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "app" and len(parts) > 1 and parts[1] in LADDER else None


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("question_bank")])
def test_the_rule_book_knows_no_institution(module):
    foreign = {
        "app",
        "sqlalchemy",
        "alembic",
        "fastapi",
        "starlette",
        "random",
        "secrets",
        "time",
        "datetime",
        "socket",
    }
    assert not {name for name in imports_of(MODULES[module]) if starts(name, *foreign)}


@pytest.mark.parametrize("module", [m for m in MODULES if feature_of(m)])
def test_features_import_only_downwards(module):
    own = LADDER.index(feature_of(module))
    above = LADDER[own + 1 :]
    assert not {name for name in imports_of(MODULES[module]) if feature_of(name) in above}


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("app.") and feature_of(m) is None])
def test_the_kernel_knows_no_feature(module):
    if starts(module, "app.main", "app.wiring", "app.tables", "app.cli", "app.commands", "app.demo"):
        return
    assert not {name for name in imports_of(MODULES[module]) if feature_of(name)}


@pytest.mark.parametrize("module", [m for m in MODULES if feature_of(m) and "rules" in m.split(".")])
def test_rules_decide_from_values(module):
    own = feature_of(module)
    lower = LADDER[: LADDER.index(own) + 1]
    for name in imports_of(MODULES[module]):
        if not starts(name, "app"):
            assert not starts(name, "sqlalchemy", "pydantic", "random", "secrets", "os", "time", *WEB_LIBRARIES), name
            continue
        pure = {"app.errors", "app.security.permissions"} | {
            f"app.{f}.{room}"
            for f in lower
            for room in ("rules", "calendar", "identity", "integrity", "names", "units")
        }
        assert starts(name, *pure), f"{module} imports {name}"


@pytest.mark.parametrize("module", list(MODULES))
def test_the_web_stays_in_its_rooms(module):
    if starts(module, *MAY_MEET_REQUESTS):
        return
    assert not {name for name in imports_of(MODULES[module]) if starts(name, *WEB_LIBRARIES)}


@pytest.mark.parametrize("module", [m for m in MODULES if m.split(".")[-1] in {"rules", "schemas", "pages"}])
def test_sql_stays_behind_queries_and_services(module):
    assert not {name for name in imports_of(MODULES[module]) if starts(name, "sqlalchemy", "psycopg", "sqlite3")}


@pytest.mark.parametrize("module", list(MODULES))
def test_one_module_alone_uses_jose(module):
    if module != "app.security.tokens":
        assert not {name for name in imports_of(MODULES[module]) if starts(name, "jose")}


def test_only_the_clock_reads_the_time():
    """`now` is an argument everywhere else; the exceptions measure durations, or stamp what is outside the service."""
    allowed = {"app.clock", "app.database"}
    for path in sorted((ROOT / "app").rglob("*.py")):
        if module_of(path) in allowed or starts(module_of(path), "app.commands"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                called = f"{node.func.value.id}.{node.func.attr}"
                assert called not in {"datetime.now", "datetime.utcnow", "date.today", "time.time"}, f"{path}: {called}"


def test_migrations_never_import_the_service():
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        assert not {name for name in imports_of(path) if starts(name, "app", "question_bank")}, path.name
