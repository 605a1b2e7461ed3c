"""A PgBouncer in transaction mode before a PostgreSQL, with so few connections behind it that everybody shares them."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.support.postgres import NOBODY, PATIENCE_SECONDS

BEHIND = 2
"""Connections to the server, for any number of clients."""


def find_pooler() -> str | None:
    """The program, where the machine has it."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running_pooler(program: str, url: str) -> Iterator[str]:
    """Lend the address of the database at `url` behind a pooler; it is gone afterwards."""
    behind = make_url(url)
    with tempfile.TemporaryDirectory(prefix="chizheng-", dir="/tmp") as name:
        folder = Path(name)
        account = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if account:
            os.chown(folder, NOBODY, NOBODY)
        settings = folder / "pgbouncer.ini"
        settings.write_text(_settings(behind, folder))
        settings.chmod(0o644)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, settings], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, **account
            )  # type: ignore[call-overload]
        try:
            address = f"postgresql://postgres@/{behind.database}?host={folder}&port=6432"
            _await(process, address, folder / "log")
            yield address
        finally:
            process.kill()
            process.wait()


def _settings(behind: URL, folder: Path) -> str:
    host = behind.query.get("host", behind.host)
    return f"""[databases]
{behind.database} = host={host} port={behind.port or 5432} dbname={behind.database} user={behind.username or "postgres"}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = {BEHIND}
max_client_conn = 500
"""


def _await(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the pooler did not start: {error}\n{log.read_text(errors='replace')}") from None
            time.sleep(0.02)
        else:
            return
