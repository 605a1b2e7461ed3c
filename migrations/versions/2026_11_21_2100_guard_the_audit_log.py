"""Guard the audit log.

Why: the log is worth what it refuses. Triggers refuse UPDATE and DELETE (and TRUNCATE, and SQLite's silent REPLACE)
on its three tables on both databases. A later migration that rebuilds one of them on SQLite loses them (F10); the
service puts them back after migrating and is not ready without them.
"""

from alembic import op

revision = "audit_triggers"
down_revision = "first_tables"
branch_labels = None
depends_on = None

TABLES = {"audit_record": "id", "audit_leaf": "leaf_index", "audit_anchor": "id"}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, key in TABLES.items():
            refusal = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refusal}")
            op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refusal}")
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
                f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {refusal}"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for name in ("no_update", "no_delete", "no_replace"):
                op.execute(f"DROP TRIGGER {table}_{name}")
        return
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION refuse_audit_change()")
