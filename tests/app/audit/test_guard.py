import importlib.util
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, String, text
from sqlalchemy.exc import IntegrityError

from app.audit.actions import AuditAction
from app.audit.guard import TABLES, put_back_triggers, triggers_missing
from app.audit.record import record
from app.audit.sealing import seal
from app.database import Database
from app.operation import acting_as

MIGRATION = Path(__file__).parents[3] / "migrations/versions/2026_11_21_2100_guard_the_audit_log.py"


def fill(house):
    with acting_as(house, "test") as op:
        record(op, AuditAction.DEMO_LOAD, subject=("demo", 1))
    seal(house)


def test_a_migrated_database_is_guarded(house):
    with house.database.transaction(reading=True) as db:
        assert triggers_missing(db) == []


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_the_log_are_neither_changed_nor_deleted(house, table):
    fill(house)
    column = {"audit_record": "reason", "audit_leaf": "leaf_hash", "audit_anchor": "root_hash"}[table]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match="append-only"), house.database.transaction() as db:
            db.execute(text(statement))


@pytest.mark.parametrize("table", TABLES)
def test_sqlite_does_not_replace_a_row_of_the_log(sqlite_house, table):
    fill(sqlite_house)
    with pytest.raises(IntegrityError, match="append-only"), sqlite_house.database.transaction() as db:
        db.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("table", TABLES)
def test_postgresql_does_not_truncate_the_log_not_even_as_a_replica(postgresql_url, table, role):
    database = Database(postgresql_url)
    with database.transaction() as db:
        db.execute(text(f"SET session_replication_role = {role}"))
        with pytest.raises(IntegrityError, match="append-only"):
            db.execute(text(f"TRUNCATE {table}"))
        db.rollback()
    database.dispose()


def test_a_table_rebuilt_by_a_later_migration_gets_its_triggers_back(house):  # F10
    fill(house)
    sqlite = house.database.dialect == "sqlite"
    with house.database.engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("audit_record", recreate="always" if sqlite else "never") as batch:
            batch.add_column(Column("added", String(3)))
    with house.database.transaction() as db:
        lost = put_back_triggers(db)
        assert [name for name in lost if name.startswith("audit_record")] == lost
        assert len(lost) == (3 if sqlite else 0)
        assert triggers_missing(db) == []
    with pytest.raises(IntegrityError, match="append-only"), house.database.transaction() as db:
        db.execute(text("DELETE FROM audit_record"))


def test_each_trigger_that_is_dropped_switched_off_or_emptied_is_named_and_put_back(house):
    sqlite = house.database.dialect == "sqlite"
    name = "audit_leaf_no_delete" if sqlite else "audit_leaf_append_only"
    if sqlite:
        blunt = "CREATE TRIGGER audit_leaf_no_delete BEFORE DELETE ON audit_leaf BEGIN SELECT 1; END"
        ways = [[f"DROP TRIGGER {name}"], [f"DROP TRIGGER {name}", blunt]]
    else:
        ways = [
            [f"DROP TRIGGER {name} ON audit_leaf"],
            [f"ALTER TABLE audit_leaf DISABLE TRIGGER {name}"],
            ["ALTER TABLE audit_leaf ENABLE TRIGGER ALL"],
        ]
    for way in ways:
        with house.database.transaction() as db:
            for statement in way:
                db.execute(text(statement))
            assert triggers_missing(db) == [name]
            assert put_back_triggers(db) == [name]
            assert triggers_missing(db) == []
    with house.database.transaction() as db:
        assert put_back_triggers(db) == []


def test_postgresql_notices_a_function_that_no_longer_refuses(postgresql_url):
    database = Database(postgresql_url)
    with database.transaction() as db:
        db.execute(
            text(
                "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RETURN NULL; RAISE EXCEPTION 'never'; END $$"
            )
        )
        assert len(triggers_missing(db)) == 3
        put_back_triggers(db)
        assert triggers_missing(db) == []
    database.dispose()


def test_the_migration_goes_down_and_up_again(house):
    spec = importlib.util.spec_from_file_location("guard_migration", MIGRATION)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with house.database.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        migration.downgrade()
    with house.database.transaction(reading=True) as db:
        assert len(triggers_missing(db)) == (9 if house.database.dialect == "sqlite" else 3)
    with house.database.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        migration.upgrade()
    with house.database.transaction(reading=True) as db:
        assert triggers_missing(db) == []
