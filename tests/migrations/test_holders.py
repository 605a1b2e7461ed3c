"""A migration waits for a lock a few seconds at most, and says who holds it (P49)."""

import psycopg
import pytest
from sqlalchemy import make_url

from app import database
from app.database import Base, SchemaHeld, downgrade, driver_arguments, upgrade
from migrations.holders import ONE_AT_A_TIME


def test_a_migration_does_not_wait_for_good_behind_a_transaction_and_names_it(postgresql_url, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.2)
    tables = ", ".join(f'"{name}"' for name in Base.metadata.tables)
    holds = (  # somebody reads, whatever it is that the newest migration touches, and stays
        (lambda: downgrade(postgresql_url, "-1"), f"LOCK TABLE {tables} IN ACCESS SHARE MODE"),
        (lambda: upgrade(postgresql_url), f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"),  # somebody else migrates
    )
    for migrate, statement in holds:
        with psycopg.connect(**driver_arguments(make_url(postgresql_url)), application_name="forgotten") as holder:
            holder.execute(statement)
            with pytest.raises(SchemaHeld) as held:
                migrate()
            assert f"pid {holder.info.backend_pid}, forgotten, idle in transaction" in held.value.sentence("zh")
        migrate()
