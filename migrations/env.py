"""Runs migrations on either database. The caller hands over the address; nothing is read from the environment."""

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.database import LOCK_SECONDS, Database, SchemaHeld
from app.tables import METADATA
from migrations.holders import ONE_AT_A_TIME, name_holders, was_kept_waiting
from migrations.triggers import Watch, keep_triggers


def run() -> None:
    """Run inside one transaction per revision, with short lock waits, one runner at a time. Raises SchemaHeld."""
    url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True)["url"]
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            _migrate(connection)
    except OperationalError as error:
        if was_kept_waiting(error):
            raise SchemaHeld(seconds=LOCK_SECONDS, who=name_holders(database, seconds=LOCK_SECONDS)) from error
        raise
    finally:
        database.dispose()  # and with its session the lock of the one that migrates


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # A migration must never queue behind an exam's traffic, nor run twice at once (P49).
        connection.execute(text(f"SET lock_timeout = {round(LOCK_SECONDS * 1000)}"))
        connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
        connection.commit()
    else:
        keep_triggers(connection)
    watch = Watch(connection)
    connection.rollback()  # a look opens a transaction, and each revision has one of its own
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
        compare_type=True,
        on_version_apply=watch.judge,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
