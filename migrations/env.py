"""Runs migrations on either database. The caller hands over the address; nothing is read from the environment."""

from alembic import context
from sqlalchemy import text

from app.database import Database
from app.tables import METADATA
from migrations.triggers import Watch, keep_triggers


def run() -> None:
    """Run inside one transaction per revision, with short lock waits, one runner at a time."""
    url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True)["url"]
    database = Database(url)
    with database.engine.connect() as connection:
        if database.dialect == "postgresql":
            # A migration must never queue behind an exam's traffic, nor run twice at once (P49).
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text("SELECT pg_advisory_lock(7305001)"))
            connection.commit()
        else:
            keep_triggers(connection)
        watch = Watch(connection)
        connection.rollback()  # a look opens a transaction, and each revision has one of its own
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=database.dialect == "sqlite",
            transaction_per_migration=True,
            compare_type=True,
            on_version_apply=watch.judge,
        )
        with context.begin_transaction():
            context.run_migrations()
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_unlock(7305001)"))
            connection.commit()
    database.dispose()


run()
