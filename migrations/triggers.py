"""Triggers through migrations: a table that is rebuilt on SQLite keeps them, and no migration loses one in silence.

SQLite changes a column or a constraint by making the table anew under another name (`batch_alter_table` does so): the
old table is dropped, and its triggers with it, without a word (F10, measured). What guards rows would be gone.
"""

import re
from typing import Any

from sqlalchemy import Connection, event, text

_DROPPED = re.compile(r'\s*DROP TABLE (?:IF EXISTS )?["`]?(\w+)', re.IGNORECASE)
_RENAMED = re.compile(r'\s*ALTER TABLE ["`]?\w+["`]? RENAME TO ["`]?(\w+)', re.IGNORECASE)


def triggers_of(connection: Connection) -> dict[str, str]:
    """The triggers that people made, by name: on SQLite what makes each again, on PostgreSQL its table."""
    if connection.dialect.name == "sqlite":
        told = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        told = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
    return {row[0]: row[1] for row in connection.execute(text(told))}


def keep_triggers(connection: Connection) -> None:
    """From now on a table that is dropped and takes its name again on this connection has its triggers again, and so
    have the tables whose triggers look into it. SQLite only; elsewhere a table is changed in place."""
    kept: dict[str, dict[str, str]] = {}

    @event.listens_for(connection, "before_cursor_execute")
    def remember(_c: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        dropped, renamed = _DROPPED.match(statement), _RENAMED.match(statement)
        if dropped:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            named = re.compile(rf"\b{dropped[1]}\b")
            kept[dropped[1]] = {name: made for name, made in cursor.fetchall() if named.search(made)}
        elif renamed:
            # No table is renamed while a trigger of another one speaks of a table that is not there.
            for name in kept.get(renamed[1], ()):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")

    @event.listens_for(connection, "after_cursor_execute")
    def put_back(_c: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        renamed = _RENAMED.match(statement)
        for made in kept.pop(renamed[1], {}).values() if renamed else ():
            cursor.execute(made)


class Watch:
    """Stands by while revisions are applied, each in its transaction, and refuses one that has lost a trigger."""

    def __init__(self, connection: Connection) -> None:
        """What stands now."""
        self._connection = connection
        self._standing = set(triggers_of(connection))

    def judge(self, *, step: Any, **_more: Any) -> None:
        """After a step: raises RuntimeError where a trigger is gone that the revision does not name in
        `TRIGGERS_DROPPED`. Going down may drop what going up has made."""
        now = set(triggers_of(self._connection))
        if step.is_upgrade:
            said = getattr(step.up_revision.module, "TRIGGERS_DROPPED", ())
            if lost := sorted(self._standing - now - set(said)):
                raise RuntimeError(f"{step.up_revision.revision} has lost triggers: {', '.join(lost)}")
        self._standing = now
