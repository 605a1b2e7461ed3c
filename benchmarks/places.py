"""The databases that are measured: SQLite with synchronous FULL, and our own PostgreSQL, durable as delivered."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.database import upgrade
from tests.support.postgres import PostgresServer

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Place:
    """Where one database stands: the product's address, that of the yardsticks beside it, and a folder for files."""

    kind: str
    product_url: str
    yard_url: str
    folder: Path


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
                POSTGRESQL: Place(POSTGRESQL, server.url("product"), server.url("yard"), folder),
                SQLITE: Place(SQLITE, f"sqlite:///{folder}/product.db", f"sqlite:///{folder}/yard.db", folder),
            }
            for kind in kinds:
                upgrade(places[kind].product_url)
            yield places
        finally:
            server.stop()
