"""备份与恢复: the database, the data folder and the anchors, with a manifest that tells any change to them.

A backup is a folder. It holds ID numbers and findings only as the database does: encrypted, and the keys are not in it
(P46); keep those elsewhere, a backup without them restores everything but them.
"""

import base64
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from sqlalchemy import inspect

from app.audit.anchor_file import ANCHORS, KEYS, AnchorFile
from app.database import Database
from app.errors import AppError, Conflict, Invalid
from app.observability.health import version
from app.postgres_tools import dump_postgres, restore_postgres
from app.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
_SQLITE = "database.sqlite3"
_POSTGRES = "database.dump"
_DATA = "data"
_OUTSIDE = "anchors"
SCRATCH = "drill-"
"""How the folder of a drill begins: nothing in it is anybody's, and no backup takes it."""


class BackupFailed(AppError):
    """The backup or the restore could not be done; what had been begun is gone again."""

    code = "backup.failed"
    status = 503
    zh = "备份或恢复未完成，已清除中间文件：{reason_zh}"
    en = "The backup or restore was not completed and its traces were removed: {reason_en}"


class BackupDamaged(Invalid):
    """The backup is not as it was made; nothing was restored."""

    code = "backup.damaged"
    zh = "备份不完整或已被改动（{place}），未恢复任何内容。"
    en = "The backup is incomplete or was changed ({place}); nothing was restored."


class BackupForeign(Invalid):
    """The backup is of another database product than the target; nothing was restored."""

    code = "backup.foreign"
    zh = "此备份来自 {made}，不能恢复到 {target}，未恢复任何内容。"
    en = "This backup is of {made} and cannot be restored into {target}; nothing was restored."


class TargetNotEmpty(Conflict):
    """Something is there already; a restore never overwrites."""

    code = "backup.target_not_empty"
    zh = "恢复目标不为空（{place}），未恢复任何内容。请指定空的数据库和数据文件夹。"
    en = "The target is not empty ({place}); nothing was restored. Name an empty database and an empty data folder."


@dataclass(frozen=True)
class Entry:
    """One file of a backup: its path within it ("/" between the parts), bytes, and SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `last_anchor` is the newest anchor outside when it began, None without any."""

    format: int
    version: str
    made_at: str
    dialect: str
    last_anchor: Mapping[str, Any] | None
    files: tuple[Entry, ...]


def make(settings: Settings, database: Database, target_folder: Path, now: datetime) -> Path:
    """Make a backup in a new folder within `target_folder`, while the service goes on; returns that folder.

    Everything committed before the call is in it. Raises BackupFailed, leaving nothing behind.
    """
    name = f"chizheng-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    unfinished, finished = target_folder / f"{name}.partial", target_folder / name
    if finished.exists():
        raise TargetNotEmpty(place=str(finished))
    if target_folder.resolve() == settings.data_folder.resolve():
        raise BackupFailed(
            reason_zh="备份文件夹不能就是数据文件夹本身。",
            reason_en="the folder for backups cannot be the data folder itself.",
        )
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        # In this order: an anchor in the backup speaks of records that are in its database, and a row in its database
        # speaks of files that are in its folder. The other way round each could be missing.
        last_anchor = _take_anchors(settings, unfinished / _OUTSIDE)
        if database.dialect == "sqlite":
            _copy_sqlite(Path(str(database.url.database)), unfinished / _SQLITE)
        else:
            dump_postgres(database.url, unfinished / _POSTGRES)
        _take_data(settings, database, target_folder, unfinished / _DATA)
        manifest = Manifest(
            format=FORMAT,
            version=version().number,
            made_at=now.astimezone(UTC).isoformat(),
            dialect=database.dialect,
            last_anchor=last_anchor,
            files=tuple(_entry(unfinished, path) for path in _files(unfinished)),
        )
        _write(unfinished / MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())
        unfinished.rename(finished)
        _sync(target_folder)
    except (OSError, sqlite3.Error) as error:
        raise _failed(error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return finished


def read(backup: Path) -> Manifest:
    """The manifest of `backup`, after checking that every file is as it was made, that none is missing and none was
    added. Raises BackupDamaged, naming the first place."""
    try:
        said = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**{**said, "files": tuple(Entry(**entry) for entry in said["files"])})
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupDamaged(place=MANIFEST) from None
    if manifest.format != FORMAT or manifest.dialect not in {"sqlite", "postgresql"}:
        raise BackupDamaged(place=MANIFEST)
    there = {path.relative_to(backup).as_posix() for path in _files(backup)} - {MANIFEST}
    listed = {entry.path for entry in manifest.files}
    if there != listed:
        raise BackupDamaged(place=min(there ^ listed))
    for entry in manifest.files:
        if _entry(backup, backup / PurePosixPath(entry.path)) != entry:
            raise BackupDamaged(place=entry.path)
    if (_SQLITE if manifest.dialect == "sqlite" else _POSTGRES) not in listed:
        raise BackupDamaged(place="database")
    return manifest


def restore(backup: Path, settings: Settings, *, explain_gap: Callable[[Manifest], None]) -> Manifest:
    """Restore `backup` into the empty database and the empty data folder that `settings` name; returns its manifest.

    Anchors that stand outside already are left as they are: they are the witnesses. `explain_gap` is called last, on
    the restored database, to write the signed record of what lies between the backup and the newest anchor (P36).
    Raises BackupDamaged, BackupForeign, TargetNotEmpty or BackupFailed, having restored nothing.
    """
    manifest = read(backup)
    database = Database(settings.database_url)
    try:
        _demand_empty(database, settings, backup, manifest)
    finally:
        database.dispose()
    made: list[Path] = []
    try:
        _give_back(backup / _DATA, settings.data_folder, made)
        if not AnchorFile(settings.anchor_folder).exists():
            _give_back(backup / _OUTSIDE, settings.anchor_folder, made)
        # The database comes last: until it is there whole, the target counts as empty.
        if manifest.dialect == "sqlite":
            _place_sqlite(backup / _SQLITE, Path(str(database.url.database)), made)
        else:
            restore_postgres(database.url, backup / _POSTGRES)
    except BaseException as error:
        for path in made:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError | sqlite3.Error):
            raise _failed(error) from error
        raise
    explain_gap(manifest)
    return manifest


def _take_anchors(settings: Settings, into: Path) -> Mapping[str, Any] | None:
    last = AnchorFile(settings.anchor_folder).last()
    for name in (KEYS, ANCHORS):
        source = settings.anchor_folder / name
        if source.exists():
            _copy(source, into / name)
    return asdict(last.anchor) if last else None


def _take_data(settings: Settings, database: Database, target_folder: Path, into: Path) -> None:
    """Copy the data folder without what has its own way into the backup, and without secrets."""
    root = settings.data_folder
    elsewhere = {settings.anchor_folder.resolve()}
    if root.resolve() in target_folder.resolve().parents:
        elsewhere.add(target_folder.resolve())
    if database.dialect == "sqlite":
        base = Path(str(database.url.database)).resolve()
        elsewhere |= {base.with_name(base.name + end) for end in ("", "-wal", "-shm", "-journal")}
    # A key that lies in the data folder would make the backup a clear one.
    secrets = [value.get_secret_value().encode() for value in (settings.secret_key, settings.field_key)]
    secrets += [base64.b64encode(key) for key in settings.field_keys_previous]
    for path in _files(root) if root.exists() else ():
        if any(place == path.resolve() or place in path.resolve().parents for place in elsewhere):
            continue
        if any(part.startswith(SCRATCH) for part in path.relative_to(root).parts[:-1]):
            continue
        if path.stat().st_size < 4096 and any(secret in path.read_bytes() for secret in secrets):
            continue
        _copy(path, into / path.relative_to(root))


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that others are writing to, through SQLite itself: a plain copy would miss what is in the log."""
    with closing(sqlite3.connect(source, timeout=15)) as theirs, closing(sqlite3.connect(target)) as ours:
        # In one step, under one snapshot: step by step, every commit of another would make it start again from the
        # first page, and under load it would never end. Writers go on meanwhile (WAL).
        theirs.backup(ours, pages=-1)
        ours.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        _demand_integrity(ours)
    target.chmod(0o600)
    _sync(target)


def _demand_integrity(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"integrity_check: {found}")


def _place_sqlite(source: Path, target: Path, made: list[Path]) -> None:
    unfinished = target.with_name(target.name + ".restoring")
    _copy(source, unfinished)
    made.append(unfinished)
    with closing(sqlite3.connect(unfinished)) as connection:
        _demand_integrity(connection)
    unfinished.rename(target)
    _sync(target.parent)


def _demand_empty(database: Database, settings: Settings, backup: Path, manifest: Manifest) -> None:
    if manifest.dialect != database.dialect:
        raise BackupForeign(made=manifest.dialect, target=database.dialect)
    if database.dialect == "sqlite":
        path = Path(str(database.url.database))
        for end in ("", "-wal", "-journal"):
            if path.with_name(path.name + end).exists():
                raise TargetNotEmpty(place=path.name + end)
    else:
        with database.transaction(reading=True) as session:
            tables = inspect(session.connection()).get_table_names()
        if tables:
            raise TargetNotEmpty(place=tables[0])
    allowed = {settings.anchor_folder.resolve(), backup.resolve()}
    for path in _files(settings.data_folder) if settings.data_folder.exists() else ():
        if not any(place in path.resolve().parents for place in allowed):
            raise TargetNotEmpty(place=str(path))


def _give_back(source: Path, target: Path, made: list[Path]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in _files(source) if source.exists() else ():
        placed = target / path.relative_to(source)
        _copy(path, placed)
        made.append(placed)


def _files(folder: Path) -> Iterator[Path]:
    """Every regular file below `folder`, in a fixed order; links are not followed and not copied."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _entry(root: Path, path: Path) -> Entry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Entry(path.relative_to(root).as_posix(), path.stat().st_size, digest)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as theirs, _create(target) as ours:
        try:
            shutil.copyfileobj(theirs, ours, 1024 * 1024)
            ours.flush()
            os.fsync(ours.fileno())
        except BaseException:
            target.unlink()
            raise


def _write(target: Path, content: bytes) -> None:
    with _create(target) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _create(path: Path) -> BinaryIO:
    """A new file that only its owner may read, open for writing; raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(error: Exception) -> BackupFailed:
    return BackupFailed(reason_zh=str(error), reason_en=str(error))
