"""Whether this process can do its work now, check by check, for /healthz, /readyz and the status page."""

import os
import shutil
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import metadata
from math import inf
from pathlib import Path
from threading import Lock

import structlog
from sqlalchemy import text

from app.clock import Clock
from app.database import Database
from app.settings import Settings

_LOG = structlog.get_logger(__name__)

DISK_FREE_MB = 500
CLOCK_OFFSET = timedelta(seconds=2)
REMEMBERED_SECONDS = 1


@dataclass(frozen=True)
class Check:
    """One thing that must hold: `name` is stable, the sentences are public and say what to do where it does not."""

    name: str
    ok: bool
    zh: str
    en: str


@dataclass(frozen=True)
class Version:
    """Which release runs: its number, and its date where the change log gives one (else empty)."""

    number: str
    date: str


def liveness() -> Check:
    """That the process answers at all; asks nothing of anyone, so that a slow database restarts nothing."""
    return Check("process", ok=True, zh="进程运行正常。", en="The process is running.")


def readiness(
    database: Database,
    settings: Settings,
    clock: Clock,
    *,
    audit_guarded: Callable[[], bool],
    signing_ready: Callable[[], bool],
) -> list[Check]:
    """Every check, in a fixed order; never raises, and asks an unreachable database once only.

    `audit_guarded` says whether the triggers that refuse changes to the audit log are there, `signing_ready` whether
    there is a key to sign with.
    """
    reachable = _reachable(database)
    checks = [reachable]
    if reachable.ok:
        checks += [
            _ask(
                "migrations",
                database.at_head,
                good=("数据库结构为最新。", "The schema is up to date."),
                bad=(
                    "数据库结构不是最新：请运行 chizheng db migrate。",
                    "The schema is not up to date: run chizheng db migrate.",
                ),
            ),
            _ask(
                "audit_triggers",
                audit_guarded,
                good=("审计表受触发器保护。", "The audit tables are guarded by triggers."),
                bad=(
                    "审计表缺少防篡改触发器：请勿使用，先运行 chizheng audit verify。",
                    "The triggers that guard the audit tables are missing: run chizheng audit verify before any use.",
                ),
            ),
            _ask(
                "clock",
                lambda: abs(database.now() - clock.now()) <= CLOCK_OFFSET,
                good=("时钟与数据库一致。", "The clock agrees with the database."),
                bad=(
                    "时钟与数据库相差超过 2 秒：请检查本机时间同步。",
                    "The clock is more than 2 seconds off the database's: check this machine's time service.",
                ),
            ),
            _ask(
                "signing_keys",
                signing_ready,
                good=("签名密钥可用。", "There is a key to sign with."),
                bad=(
                    "没有可用的签名密钥：请运行 chizheng keys rotate。",
                    "There is no key to sign with: run chizheng keys rotate.",
                ),
            ),
        ]
    return [*checks, *_storage(database, settings)]


class Remembered:
    """What `readiness` found, asked anew once it is a second old: whoever asks oftener, or at the same time as others,
    puts no load on the database and the disk."""

    def __init__(self, ask: Callable[[], list[Check]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = Lock()
        self._found: list[Check] = []
        self._until = -inf

    def ask(self) -> list[Check]:
        """Every check, as it stood at most `REMEMBERED_SECONDS` ago; waits for whoever is asking just now."""
        with self._lock:
            if self._clock() >= self._until:
                self._found = self._ask()
                self._until = self._clock() + REMEMBERED_SECONDS
            return self._found


def _reachable(database: Database) -> Check:
    def ask() -> bool:
        with database.transaction(reading=True) as session:
            return bool(session.execute(text("SELECT 1")).scalar_one())

    return _ask(
        "database",
        ask,
        good=("数据库可用。", "The database answers."),
        bad=(
            "数据库无法连接：请检查数据库服务与 CHIZHENG_DATABASE_URL。",
            "The database does not answer: check its service and CHIZHENG_DATABASE_URL.",
        ),
    )


def _storage(database: Database, settings: Settings) -> Iterator[Check]:
    folder = settings.data_folder
    yield _ask(
        "data_folder",
        lambda: _writable(folder),
        good=("数据文件夹可写。", "The data folder can be written."),
        bad=(
            "数据文件夹不可写：请检查 CHIZHENG_DATA_FOLDER 的权限。",
            "The data folder cannot be written: check the permissions of CHIZHENG_DATA_FOLDER.",
        ),
    )
    places = {folder}
    if database.dialect == "sqlite" and database.url.database:
        places.add(Path(database.url.database).parent)
    yield _ask(
        "disk",
        lambda: all(shutil.disk_usage(place).free >= DISK_FREE_MB * 1024 * 1024 for place in places),
        good=("磁盘空间充足。", "There is room on the disk."),
        bad=(
            f"磁盘剩余空间不足 {DISK_FREE_MB} MB：请清理或扩容。",
            f"Less than {DISK_FREE_MB} MB are free on the disk: make room.",
        ),
    )


def _ask(name: str, holds: Callable[[], bool], *, good: tuple[str, str], bad: tuple[str, str]) -> Check:
    try:
        ok = holds()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a check is the check's outcome
        _LOG.warning("health check failed", check=name, error=type(error).__name__)
        ok = False
    zh, en = good if ok else bad
    return Check(name, ok=ok, zh=zh, en=en)


def _writable(folder: Path) -> bool:
    # Written and forced to the disk: on a full disk, creating an empty file still works.
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"\0" * 4096)
        probe.flush()
        os.fsync(probe.fileno())
    return True


@cache
def version() -> Version:
    """Which release this is: from the project's own files, or where it was installed without them, from the package."""
    root = Path(__file__).resolve().parents[2]
    try:
        number = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, KeyError):
        return Version(metadata.version("chizheng"), "")
    try:
        lines = (root / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    except OSError:
        return Version(number, "")
    return Version(number, release_date(lines, number))


def release_date(lines: list[str], number: str) -> str:
    """The ISO date that a change log's heading gives to `number` ("## 0.1.0 - 2026-11-21"), or ""."""
    for line in lines:
        words = line.replace("[", " ").replace("]", " ").split()
        if words[:2] == ["##", number]:
            return next((word for word in words[2:] if word[:2] == "20" and len(word) == 10), "")
    return ""
