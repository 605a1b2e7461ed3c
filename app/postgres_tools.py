"""PostgreSQL's own pg_dump and pg_restore, as they are found on the machine."""

import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from app.errors import AppError
from app.observability.masking import mask_text


class ToolMissing(AppError):
    """The program is not installed."""

    code = "backup.tool_missing"
    status = 503
    zh = "未找到 {tool}：请安装与服务器同主版本的 PostgreSQL 客户端（postgresql-client）。"
    en = "{tool} was not found: install the PostgreSQL client of the server's major version (postgresql-client)."


class ToolTooOld(AppError):
    """The program is older than the server."""

    code = "backup.tool_too_old"
    status = 503
    zh = "{tool} 的版本低于数据库服务器：请安装与服务器同主版本的 PostgreSQL 客户端。"
    en = "{tool} is older than the database server: install the PostgreSQL client of the server's major version."


class ToolFailed(AppError):
    """The program ended with an error; its last line says why."""

    code = "backup.tool_failed"
    status = 503
    zh = "{tool} 出错：{line}"
    en = "{tool} failed: {line}"


def dump_postgres(url: URL, target: Path) -> None:
    """Write the whole database, as one snapshot, to the file `target`. Raises ToolMissing, ToolTooOld or ToolFailed."""
    target.touch(mode=0o600)
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def restore_postgres(url: URL, source: Path) -> None:
    """Restore such a file into an empty database, whole or not at all. Raises as `dump_postgres`."""
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(source))


def _run(tool: str, url: URL, *arguments: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise ToolMissing(tool=tool)
    _, parts = url.get_dialect()().create_connect_args(url)
    # The list of processes shows arguments to everyone on the machine: the password goes another way.
    password = parts.pop("password", None)
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run(  # noqa: S603 - a fixed program; every argument is ours
        [program, f"--dbname={make_conninfo(**parts)}", *arguments],
        env={**environment, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return
    if "server version mismatch" in done.stderr or "unsupported version" in done.stderr:
        raise ToolTooOld(tool=tool)
    line = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    raise ToolFailed(tool=tool, line=mask_text(line))
