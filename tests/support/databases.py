"""Fresh databases for tests, on both dialects: built once per test run as a template, then copied for each test."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from app.database import upgrade
from tests.support.postgres import demand_server, locked

DIALECTS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Template:
    """What a fresh database starts from.

    `build` is called once per run and dialect with the address of a copy of `base`; it must leave no connection open.
    Equal names must mean equal contents.
    """

    name: str
    build: Callable[[str], None]
    base: "Template | None" = None


MIGRATED = Template("migrated", upgrade)


class Databases:
    """The source of databases within one test run; `run` is the folder shared by its processes."""

    def __init__(self, run: Path) -> None:
        self._run = run
        # One for all: a new one for each statement was an eighth of what a database costs.
        self._connection: psycopg.Connection | None = None

    @contextmanager
    def fresh(self, dialect: str, template: Template | None = MIGRATED) -> Iterator[str]:
        """Lend the address of a database of one's own, a copy of `template` (None: empty); it is gone afterwards."""
        source = self._prepare(dialect, template)
        if dialect == "sqlite":
            folder = Path(tempfile.mkdtemp(prefix="sqlite-", dir=self._run))
            try:
                yield self._copy_sqlite(source, folder / "test.db")
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        else:
            name = f"test_{uuid.uuid4().hex}"
            try:
                yield self._copy_postgresql(source, name)
            finally:
                self._command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Let go of the server."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def clear(self) -> None:
        """Drop what was built in a server that is not ours; our own goes with its folder."""
        for marker in self._run.glob("postgresql-*.template"):
            self._command(f'DROP DATABASE IF EXISTS "{marker.read_text()}" WITH (FORCE)')

    def _prepare(self, dialect: str, template: Template | None) -> str | None:
        if template is None:
            return None
        marker = self._run / f"{dialect}-{template.name}.template"
        if marker.exists():
            return marker.read_text()
        base = self._prepare(dialect, template.base)
        with locked(self._run / f"{dialect}-{template.name}.lock"):
            if not marker.exists():
                if dialect == "sqlite":
                    name = str(self._run / f"{template.name}.db")
                    template.build(self._copy_sqlite(base, Path(name)))
                    _settle(Path(name))
                else:
                    name = f"template_{uuid.uuid4().hex}"
                    template.build(self._copy_postgresql(base, name))
                unfinished = marker.with_suffix(".new")
                unfinished.write_text(name)
                unfinished.rename(marker)
        return marker.read_text()

    def _copy_sqlite(self, source: str | None, target: Path) -> str:
        if source:
            shutil.copyfile(source, target)
        return f"sqlite:///{target}"

    def _copy_postgresql(self, source: str | None, name: str) -> str:
        # Copying the template's files costs a third of logging its pages, where nothing waits for the disk.
        self._command(f'CREATE DATABASE "{name}" TEMPLATE "{source or "template0"}" STRATEGY file_copy')
        return make_url(demand_server(self._run)).set(database=name).render_as_string(hide_password=False)

    def _command(self, statement: str) -> None:
        if self._connection is None:
            self._connection = psycopg.connect(demand_server(self._run), autocommit=True)
        self._connection.execute(statement)


def _settle(path: Path) -> None:
    """Refuse a template whose builder left it open: a file copy would miss what stands in the write-ahead log."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise RuntimeError(f"the builder of {path.name} left a connection open")
