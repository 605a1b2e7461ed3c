"""Let a bank lead ask reviewers to review items: a role, and the table of what was assigned to whom.

Why: with many items and several reviewers somebody says who reviews what, and until when. The CHECK of the roles is
changed in place on SQLite, as that of the imports' states in `bank_files`.
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "review_assignments"
down_revision = "threads"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = "bank_lead"
STATES = ("open", "done", "taken_back", "replaced", "taken_over")
OPEN_ONLY = sa.text("state = 'open'")


def upgrade() -> None:
    """Apply."""
    _set_roles(lambda roles: [*roles, NEW])
    op.create_table(
        "review_assignment",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", ID, nullable=False),
        sa.Column("reviewer_person_id", ID, nullable=False),
        sa.Column("assigned_by", ID, nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="assignmentstate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_review_assignment_item_id_item"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["account.id"], name="fk_review_assignment_reviewer_id_account"),
        sa.ForeignKeyConstraint(["reviewer_person_id"], ["person.id"], name="fk_review_assignment_reviewer_person_id"),
        sa.ForeignKeyConstraint(["assigned_by"], ["account.id"], name="fk_review_assignment_assigned_by_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_assignment")),
    )
    op.create_index("ix_review_assignment_item_id", "review_assignment", ["item_id"])
    op.create_index("ix_review_assignment_reviewer_id_state", "review_assignment", ["reviewer_id", "state"])
    op.create_index(
        "uq_review_assignment_item_id",
        "review_assignment",
        ["item_id"],
        unique=True,
        postgresql_where=OPEN_ONLY,
        sqlite_where=OPEN_ONLY,
    )


def downgrade() -> None:
    """Undo; the release before knows no bank leads: whoever holds that role loses it."""
    op.drop_table("review_assignment")
    op.execute(sa.text("DELETE FROM role_grant WHERE role = 'bank_lead'"))
    _set_roles(lambda roles: [role for role in roles if role != NEW])


def _set_roles(change: Callable[[list[str]], list[str]]) -> None:
    """Change the closed set of roles, whatever it is: other revisions add to it as well."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        known = connection.execute(
            sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_role_grant_role'")
        ).scalar_one()
        roles = change(re.findall(r"'([a-z_]+)'", known))
        op.drop_constraint(op.f("ck_role_grant_role"), "role_grant")
        op.create_check_constraint(op.f("ck_role_grant_role"), "role_grant", f"role IN ({_listed(roles)})")
        return
    table = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'role_grant'")).scalar_one()
    found = re.search(r"role IN \(([^)]*)\)", table)
    if found is None:
        raise RuntimeError("the CHECK of role_grant.role is not the one that earlier revisions made")
    roles = change(re.findall(r"'([a-z_]+)'", found[1]))
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :new WHERE name = 'role_grant'"),
        {"new": table.replace(found[0], f"role IN ({_listed(roles)})")},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))


def _listed(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
