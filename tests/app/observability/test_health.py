"""Health: each thing that must hold is broken once, and its check, and no other, says so."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.clock import ManualClock, SystemClock
from app.database import Database
from app.observability.health import REMEMBERED_SECONDS, Check, Remembered, liveness, readiness, release_date, version
from app.settings import Settings

ALL = ["database", "migrations", "audit_triggers", "clock", "signing_keys", "data_folder", "disk"]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


def ask(database: Database, folder: Path, **values: Any) -> dict[str, Check]:
    settings = Settings(data_folder=folder)
    given = {"clock": SystemClock(), "audit_guarded": lambda: True, "signing_ready": lambda: True, **values}
    clock = given.pop("clock")
    checks = readiness(database, settings, clock, **given)
    assert all(check.zh and check.en for check in checks)
    return {check.name: check for check in checks}


def failing(checks: dict[str, Check]) -> list[str]:
    return [name for name, check in checks.items() if not check.ok]


def boom() -> bool:
    raise RuntimeError("password=hunter2")


def test_all_is_well(database: Database, tmp_path: Path) -> None:
    checks = ask(database, tmp_path)
    assert list(checks) == ALL
    assert failing(checks) == []
    assert list(tmp_path.iterdir()) == []
    assert liveness().ok


def test_missing_triggers_and_keys_are_named_even_when_asking_fails(database: Database, tmp_path: Path) -> None:
    assert failing(ask(database, tmp_path, audit_guarded=lambda: False)) == ["audit_triggers"]
    assert failing(ask(database, tmp_path, signing_ready=lambda: False)) == ["signing_keys"]
    checks = ask(database, tmp_path, audit_guarded=boom, signing_ready=boom)
    assert failing(checks) == ["audit_triggers", "signing_keys"]
    assert "hunter2" not in str(checks)


@pytest.mark.parametrize("seconds", [-3, 3])
def test_a_clock_that_is_off_is_named(database: Database, tmp_path: Path, seconds: int) -> None:
    clock = ManualClock(datetime.now(UTC) + timedelta(seconds=seconds), running=True)
    assert failing(ask(database, tmp_path, clock=clock)) == ["clock"]


def test_a_data_folder_that_cannot_be_written_is_named(database: Database, tmp_path: Path) -> None:
    assert failing(ask(database, tmp_path / "missing")) == ["data_folder", "disk"]


def test_a_full_disk_is_named(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=100 * 1024 * 1024))
    assert failing(ask(database, tmp_path)) == ["disk"]


def test_a_schema_that_is_not_at_head_is_named(empty_database_url: str, tmp_path: Path) -> None:
    database = Database(empty_database_url)
    assert failing(ask(database, tmp_path)) == ["migrations"]
    database.dispose()


def test_an_unreachable_database_is_one_failure_and_is_asked_once(tmp_path: Path) -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    checks = ask(database, tmp_path, audit_guarded=boom)
    assert failing(checks) == ["database"]
    assert list(checks) == ["database", "data_folder", "disk"]
    database.dispose()


def test_the_version_is_the_projects_own() -> None:
    assert version().number.count(".") == 2


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("## 0.1.0 - 2026-11-21", "2026-11-21"),
        ("## [0.1.0] — 2026-11-21", "2026-11-21"),
        ("## 0.1.0", ""),
        ("## 0.2.0 - 2026-11-21", ""),
        ("# 0.1.0 - 2026-11-21", ""),
    ],
)
def test_the_date_of_a_release_comes_from_the_change_log(heading: str, expected: str) -> None:
    assert release_date(["# 更新记录", "", heading, "- something"], "0.1.0") == expected


def test_whoever_asks_again_within_the_second_is_told_what_was_found():
    at = [10.0]
    asked: list[float] = []

    def look() -> list[Check]:
        asked.append(at[0])
        return [Check(str(len(asked)), ok=True, zh="", en="")]

    remembered = Remembered(look, clock=lambda: at[0])
    for moment in (10.0, 10.9, 10.0 + REMEMBERED_SECONDS, 11.5):
        at[0] = moment
        (found,) = remembered.ask()
        assert found.name == ("1" if moment < 11 else "2")
    assert asked == [10.0, 11.0]
