"""A PostgreSQL with a standby that follows it, and the watchman who makes that one the first when the first dies."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from tests.support.postgres import PATIENCE_SECONDS, PostgresServer


class Pair:
    """Two durable servers. `waits`: the first acknowledges a commit only when its standby has it on the disk too."""

    def __init__(self, folder: Path, *, waits: bool) -> None:
        self.first = PostgresServer(folder / "1", durable=True)
        self.first.start()
        self.second = PostgresServer(folder / "2", durable=True, leader=self.first)
        self.second.start()
        if waits:
            with closing(psycopg.connect(self.first.url(), autocommit=True)) as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                connection.execute("SELECT pg_reload_conf()")

    def url(self) -> str:
        """The address of both, as the service is given it: whichever takes writes."""
        hosts = f"{self.first.folder},{self.second.folder}"
        return f"postgresql+psycopg://postgres@/postgres?host={hosts}&target_session_attrs=read-write"

    def fall_behind(self) -> None:
        """The second one hears no more of the first; returns when it is so."""
        with closing(psycopg.connect(self.second.url(), autocommit=True)) as connection:
            connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
            connection.execute("SELECT pg_reload_conf()")
        with closing(psycopg.connect(self.first.url(), autocommit=True)) as connection:
            self._until(connection, "SELECT count(*) = 0 FROM pg_stat_replication")

    def promote(self) -> None:
        """Make the second one the first; returns when it takes writes."""
        with closing(psycopg.connect(self.second.url(), autocommit=True)) as connection:
            connection.execute("SELECT pg_promote()")
            self._until(connection, "SELECT NOT pg_is_in_recovery()")

    def _until(self, connection: psycopg.Connection, question: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while connection.execute(question).fetchone() != (True,):
            assert time.monotonic() < deadline, self.second.log()
            time.sleep(0.02)


@contextmanager
def running_pair(*, waits: bool) -> Iterator[Pair]:
    """Lend a pair; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chizheng-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        pair = Pair(Path(folder), waits=waits)
        try:
            yield pair
        finally:
            pair.second.stop()
            pair.first.stop()
