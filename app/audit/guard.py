"""The triggers that refuse every change to what stands in the log, on both databases.

A migration made them, with a text of its own. A later migration that rebuilds a table on SQLite loses its triggers
without a word (F10, measured); so they are asked for at every start, and put back after every migration.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

TABLES = ("audit_record", "audit_leaf", "audit_anchor")
_KEYS = {"audit_record": "id", "audit_leaf": "leaf_index", "audit_anchor": "id"}

POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
)


def _sqlite_triggers() -> dict[str, str]:
    triggers = {}
    for table in TABLES:
        key = _KEYS[table]
        refusal = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        triggers[f"{table}_no_update"] = f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refusal}"
        triggers[f"{table}_no_delete"] = f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refusal}"
        # INSERT OR REPLACE deletes the older row without asking the trigger above.
        triggers[f"{table}_no_replace"] = (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {refusal}"
        )
    return triggers


def _postgresql_triggers() -> dict[str, str]:
    return {
        f"{table}_append_only": f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        for table in TABLES
    }


def _standing(session: Session) -> set[str]:
    """The names of the triggers that stand, are switched on, and say what they should."""
    if session.get_bind().dialect.name == "sqlite":
        wanted = _sqlite_triggers()
        rows = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return {row.name for row in rows if row.sql == wanted.get(row.name)}
    rows = session.execute(
        text(
            "SELECT t.tgname AS name, c.relname AS home FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND p.proname = 'refuse_audit_change'"
            " AND p.prosrc LIKE '%RAISE EXCEPTION%' AND p.prosrc NOT LIKE '%RETURN%'"
            # before (2), each of delete (8), update (16), truncate (32), by statement (not 1); 'A' is ENABLE ALWAYS
            " AND t.tgenabled = 'A' AND t.tgtype = 58"
        )
    )
    return {row.name for row in rows if row.name == f"{row.home}_append_only"}


def _triggers(session: Session) -> dict[str, str]:
    return _sqlite_triggers() if session.get_bind().dialect.name == "sqlite" else _postgresql_triggers()


def triggers_missing(session: Session) -> list[str]:
    """The names of the triggers that are not there, switched off, or not saying what they should; empty is good."""
    standing = _standing(session)
    return [name for name in _triggers(session) if name not in standing]


def put_back_triggers(session: Session) -> list[str]:
    """Put back what `triggers_missing` names, in `session`'s transaction; returns those names."""
    missing = triggers_missing(session)
    sqlite = session.get_bind().dialect.name == "sqlite"
    if missing and not sqlite:
        session.execute(text(POSTGRESQL_FUNCTION))
    for name in missing:
        if sqlite:
            session.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
            session.execute(text(_sqlite_triggers()[name]))
        else:
            table = name.removesuffix("_append_only")
            session.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
            session.execute(text(_postgresql_triggers()[name]))
            session.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))
    return missing
