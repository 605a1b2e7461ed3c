"""A backup made while others write holds all that was committed before; a restore goes into an empty place only."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.audit.anchors import AnchorLine, make_anchor
from app.backup import (
    BackupDamaged,
    BackupFailed,
    BackupForeign,
    Manifest,
    TargetNotEmpty,
    make,
    read,
    restore,
)
from app.database import Database
from app.postgres_tools import ToolMissing, ToolTooOld
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.postgres import find_binaries

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
SECRET = "a secret of thirty-two characters, at least"
ANCHOR = AnchorLine(
    make_anchor(None, kind="head", tree_size=0, root=b"\1" * 32, at=NOW, sign=lambda _statement: ("k", b"\2")), ()
)


@pytest.fixture(autouse=True)
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{find_binaries()}:/usr/bin:/bin")


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(
        database_url=url,
        data_folder=folder,
        anchor_folder=folder / "anchors",
        secret_key=SecretStr(SECRET),
    )


@pytest.fixture
def source(empty_database_url: str, tmp_path: Path) -> Iterator[tuple[Settings, Database]]:
    settings = settings_for(empty_database_url, tmp_path / "var")
    (tmp_path / "var/media/2026").mkdir(parents=True)
    (tmp_path / "var/media/2026/准考证.txt").write_text("第 1 考场", encoding="utf-8")
    (tmp_path / "var/anchors").mkdir()
    (tmp_path / "var/anchors/anchors.jsonl").write_text(ANCHOR.text() + "\n", encoding="utf-8")
    database = Database(empty_database_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE kept (thread INTEGER NOT NULL, n INTEGER NOT NULL, filler TEXT)"))
        session.execute(text("CREATE UNIQUE INDEX kept_once ON kept (thread, n)"))
    yield settings, database
    database.dispose()


@pytest.fixture
def target(source: tuple[Settings, Database], databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """An empty place of the same kind, with a witness of the anchors still to come."""
    if source[1].dialect == "sqlite":
        yield settings_for(f"sqlite:///{tmp_path}/new/chizheng.db", tmp_path / "new")
    else:
        with databases.fresh("postgresql", None) as url:
            yield settings_for(url, tmp_path / "new")


def add(database: Database, thread: int, n: int) -> None:
    with database.transaction() as session:
        session.execute(
            text("INSERT INTO kept VALUES (:thread, :n, :filler)"),
            {"thread": thread, "n": n, "filler": "作答" * 200},
        )


def kept(url: str) -> set[tuple[int, int]]:
    database = Database(url)
    try:
        with database.transaction(reading=True) as session:
            return {(row[0], row[1]) for row in session.execute(text("SELECT thread, n FROM kept"))}
    finally:
        database.dispose()


def nothing(_manifest: Manifest) -> None:
    pass


def test_a_backup_made_under_load_holds_every_row_committed_before_it_began(
    source: tuple[Settings, Database], target: Settings, tmp_path: Path
) -> None:
    # P48
    settings, database = source
    committed = {(9, n) for n in range(4000)}
    with database.transaction() as session:
        rows = [{"thread": thread, "n": n, "filler": "试题" * 200} for thread, n in committed]
        session.execute(text("INSERT INTO kept VALUES (:thread, :n, :filler)"), rows)
    stop, warm = threading.Event(), threading.Event()

    def write(thread: int) -> None:
        n = 0
        while not stop.is_set():
            add(database, thread, n)
            committed.add((thread, n))
            n += 1
            if n >= 25:
                warm.set()

    writers = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for writer in writers:
        writer.start()
    try:
        assert warm.wait(30)
        before = set(committed)
        backup = make(settings, database, tmp_path / "backups", NOW)
        written_meanwhile = len(committed) - len(before)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert written_meanwhile > 0, "nobody was writing"

    explained: list[Manifest] = []
    manifest = restore(backup, target, explain_gap=explained.append)
    assert explained == [manifest]
    restored = kept(target.database_url)
    assert before <= restored <= committed
    for thread in range(4):  # one moment, not a mixture: no row without the ones that its thread wrote earlier
        mine = sorted(n for owner, n in restored if owner == thread)
        assert mine == list(range(len(mine)))
    assert (target.data_folder / "media/2026/准考证.txt").read_text(encoding="utf-8") == "第 1 考场"
    assert (target.anchor_folder / "anchors.jsonl").read_text(encoding="utf-8") == ANCHOR.text() + "\n"
    if database.dialect == "sqlite":
        with closing(sqlite3.connect(tmp_path / "new/chizheng.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def backup(source: tuple[Settings, Database], tmp_path: Path) -> Path:
    settings, database = source
    add(database, 1, 1)
    return make(settings, database, tmp_path / "backups", NOW)


def test_the_manifest_names_every_file_and_the_last_anchor(backup: Path, source: tuple[Settings, Database]) -> None:
    manifest = read(backup)
    assert manifest.dialect == source[1].dialect
    assert manifest.made_at == "2026-11-21T01:00:00+00:00"
    assert manifest.last_anchor == asdict(ANCHOR.anchor)
    paths = [entry.path for entry in manifest.files]
    assert paths[:2] == ["anchors/anchors.jsonl", "data/media/2026/准考证.txt"]
    assert len(paths) == 3


def test_a_backup_is_its_owners_only_and_leaves_nothing_half_made(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in backup.rglob("*") if path.is_file())
    assert [path.name for path in backup.parent.iterdir()] == ["chizheng-20261121T010000Z"]


def test_no_secret_and_nothing_of_a_drill_gets_into_a_backup(source: tuple[Settings, Database], tmp_path: Path) -> None:
    # P46: with the key beside them, encrypted ID numbers would be clear ones.
    settings, database = source
    (settings.data_folder / "secret_key").write_text(SECRET + "\n", encoding="utf-8")
    (settings.data_folder / "field_key").write_text(settings.field_key.get_secret_value(), encoding="utf-8")
    (settings.data_folder / "drill-0a1b2c3d").mkdir()
    (settings.data_folder / "drill-0a1b2c3d/drill.db").write_text("of a drill alone", encoding="utf-8")
    backup = make(settings, database, tmp_path / "backups", NOW)
    everything = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file())
    assert SECRET.encode() not in everything
    assert settings.field_key.get_secret_value().encode() not in everything
    assert b"of a drill alone" not in everything
    assert str(database.url.password or SECRET).encode() not in everything


def test_backups_kept_within_the_data_folder_do_not_swallow_one_another(
    source: tuple[Settings, Database],
) -> None:
    settings, database = source
    for hours in range(3):
        last = make(settings, database, settings.data_folder / "backups", NOW + timedelta(hours=hours))
    assert len(read(last).files) == 3
    with pytest.raises(BackupFailed, match="failed"):
        make(settings, database, settings.data_folder, NOW)
    with pytest.raises(TargetNotEmpty):
        make(settings, database, settings.data_folder / "backups", NOW)


def _change(backup: Path) -> None:
    largest = max((path for path in backup.rglob("database.*")), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)


def _drop(backup: Path) -> None:
    next(backup.rglob("*.txt")).unlink()


def _plant(backup: Path) -> None:
    (backup / "data/planted.txt").write_text("x", encoding="utf-8")


def _tear(backup: Path) -> None:
    manifest = backup / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-20])


def _escape(backup: Path) -> None:
    manifest = backup / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("data/media", "../media"), encoding="utf-8")


@pytest.mark.parametrize("damage", [_change, _drop, _plant, _tear, _escape])
def test_a_backup_that_was_changed_is_refused_and_nothing_is_restored(
    backup: Path, target: Settings, damage: Callable[[Path], None]
) -> None:
    damage(backup)
    with pytest.raises(BackupDamaged):
        restore(backup, target, explain_gap=nothing)
    assert not list(target.data_folder.rglob("*"))


def test_a_restore_never_overwrites_a_database(backup: Path, source: tuple[Settings, Database], tmp_path: Path) -> None:
    settings, database = source
    elsewhere = settings.model_copy(update={"data_folder": tmp_path / "new"})
    with pytest.raises(TargetNotEmpty):
        restore(backup, elsewhere, explain_gap=nothing)
    assert kept(settings.database_url) == {(1, 1)}
    assert not list((tmp_path / "new").rglob("*"))
    assert database.url.database


def test_a_restore_never_mixes_with_other_files(backup: Path, target: Settings) -> None:
    target.data_folder.mkdir(exist_ok=True)
    (target.data_folder / "theirs.txt").write_text("x", encoding="utf-8")
    with pytest.raises(TargetNotEmpty, match="not_empty") as refused:
        restore(backup, target, explain_gap=nothing)
    assert "theirs.txt" in refused.value.sentence("zh")
    assert [path.name for path in target.data_folder.iterdir()] == ["theirs.txt"]


def test_anchors_that_stand_outside_stay_as_they_are(backup: Path, target: Settings) -> None:
    # P36: they are the witnesses against the backup.
    target.anchor_folder.mkdir(parents=True)
    (target.anchor_folder / "anchors.jsonl").write_text("newer\n", encoding="utf-8")
    restore(backup, target, explain_gap=nothing)
    assert (target.anchor_folder / "anchors.jsonl").read_text(encoding="utf-8") == "newer\n"
    assert kept(target.database_url) == {(1, 1)}


def test_a_restore_that_fails_half_way_leaves_the_target_empty(
    backup: Path, target: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if target.database_url.startswith("sqlite"):
        (tmp_path / "new").mkdir()
        (tmp_path / "new/chizheng.db.restoring").mkdir()  # nothing can be written there
        with pytest.raises(BackupFailed):
            restore(backup, target, explain_gap=nothing)
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(ToolMissing):
            restore(backup, target, explain_gap=nothing)
    assert not [path for path in target.data_folder.rglob("*") if path.is_file()]


def test_a_backup_of_the_other_database_is_refused(backup: Path, source: tuple[Settings, Database]) -> None:
    settings, _ = source
    other = "postgresql://nobody@127.0.0.1:1/x" if settings.database_url.startswith("sqlite") else "sqlite:////tmp/x.db"
    with pytest.raises(BackupForeign):
        restore(backup, settings_for(other, backup.parent / "other"), explain_gap=nothing)


def test_a_full_disk_is_one_sentence_and_leaves_no_traces(source: tuple[Settings, Database], tmp_path: Path) -> None:
    settings, database = source
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(BackupFailed) as failed:
        make(settings, database, tmp_path / "file", NOW)
    assert failed.value.sentence("zh").startswith("备份或恢复未完成")


def test_without_pg_dump_the_sentence_says_what_to_install(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgresql_url)
    settings = settings_for(postgresql_url, tmp_path / "var")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing) as missing:
        make(settings, database, tmp_path / "backups", NOW)
    assert "postgresql-client" in missing.value.sentence("zh")
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    old.chmod(0o755)
    with pytest.raises(ToolTooOld):
        make(settings, database, tmp_path / "backups", NOW)
    assert not list((tmp_path / "backups").iterdir())
    database.dispose()
    shutil.rmtree(tmp_path / "backups")
