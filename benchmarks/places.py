"""The databases that are measured: SQLite with synchronous FULL, and our own PostgreSQL, durable as delivered."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from app.database import upgrade
from tests.support.postgres import PostgresServer

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Place:
    """Where one database stands: the product's address, that of the yardsticks beside it, and a folder for files."""

    kind: str
    product_url: str
    yard_url: str
    folder: Path
    server_pid: int
    """PostgreSQL's first process, whichever database it is: the yardsticks may stand there."""


@contextmanager
def opened_places(kinds: tuple[str, ...]) -> Iterator[dict[str, Place]]:
    """Lend fresh, migrated databases of these kinds. PostgreSQL is always there: some yardsticks know nothing else."""
    with tempfile.TemporaryDirectory(prefix="chizheng-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the account that runs PostgreSQL passes through
        server = PostgresServer(folder / "pg", durable=True)
        server.start()
        try:
            with closing(psycopg.connect(server.url(), autocommit=True)) as connection:
                connection.execute("CREATE DATABASE product")
                connection.execute("CREATE DATABASE yard")
            places = {
                POSTGRESQL: Place(POSTGRESQL, server.url("product"), server.url("yard"), folder, server.pid),
                SQLITE: Place(
                    SQLITE, f"sqlite:///{folder}/product.db", f"sqlite:///{folder}/yard.db", folder, server.pid
                ),
            }
            for kind in kinds:
                upgrade(places[kind].product_url)
            yield places
        finally:
            server.stop()


def database_computed(place: Place) -> float:
    """Seconds of processor time of PostgreSQL's processes, those that have ended among them; SQLite, which works in its
    server's process, has none of its own."""
    if place.kind != POSTGRESQL:
        return 0.0
    folder = make_url(place.product_url).query["host"]
    first = int((Path(str(folder)) / "data/postmaster.pid").read_text().split()[0])
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(stat.parent.name) == first:
                total += sum(map(int, fields[11:15]))  # with the children that it has buried
            elif int(fields[1]) == first:
                total += int(fields[11]) + int(fields[12])
    return total / _TICKS
