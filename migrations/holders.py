"""Who keeps a migration waiting on PostgreSQL."""

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.database import Database

ONE_AT_A_TIME = 7_305_001
"""The advisory lock of the one that migrates."""
# Whoever has kept it waiting for the whole time began before that; idle sessions in no transaction hold nothing.
_HOLDERS = text(
    """
    SELECT pid, coalesce(nullif(application_name, ''), usename) AS name, state,
        round(extract(epoch FROM clock_timestamp() - coalesce(xact_start, state_change)))::int AS seconds
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND (
        xact_start < clock_timestamp() - make_interval(secs => :seconds)
        OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND granted)
    )
    ORDER BY seconds DESC, pid
    """
)


def was_kept_waiting(error: DBAPIError) -> bool:
    """Whether a statement was given up because somebody else held what it needed."""
    return isinstance(error.orig, psycopg.errors.LockNotAvailable)


def name_holders(database: Database, *, seconds: float) -> str:
    """The sessions that have been in a transaction for so many seconds, or migrate, the longest first, in words that
    a database administrator can act on."""
    with database.engine.connect() as connection:
        rows = connection.execute(_HOLDERS, {"seconds": seconds, "lock": ONE_AT_A_TIME}).all()
    return "; ".join(f"pid {row.pid}, {row.name}, {row.state}, {row.seconds} s" for row in rows) or "—"
